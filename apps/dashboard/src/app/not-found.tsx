import { Anchor } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { EmptyState } from '../parts/empty-state.tsx'

export function NotFound() {
  return (
    <EmptyState title="Page not found" isPage>
      The address may be mistyped.{' '}
      <Anchor inherit underline="always" renderRoot={(given) => <Link {...given} to="/" />}>
        Go to the overview
      </Anchor>
    </EmptyState>
  )
}
