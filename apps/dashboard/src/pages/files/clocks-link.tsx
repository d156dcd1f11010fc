import { Anchor } from '@mantine/core'
import type { EntryId } from '@causeway/protocol'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

/** Leads to where one sees who knew what when some files were changed. */
export function ClocksLink(props: {
  readonly folder: string
  /** By id: their names may have been others then. */
  readonly entries: readonly EntryId[]
  readonly children: ReactNode
}) {
  const { folder, entries, children } = props
  return (
    <Anchor
      inherit
      underline="always"
      renderRoot={(given) => <Link {...given} to="/clocks" search={{ folder, entry: entries.join(',') }} />}
    >
      {children}
    </Anchor>
  )
}
