import { Anchor } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

/** Leads to where one sees who knew what when a path was changed. */
export function ClocksLink(props: { readonly folder: string; readonly path: string; readonly children: ReactNode }) {
  const { folder, path, children } = props
  return (
    <Anchor
      inherit
      underline="always"
      renderRoot={(given) => <Link {...given} to="/clocks" search={{ folder, path }} />}
    >
      {children}
    </Anchor>
  )
}
