import { Button } from '@mantine/core'
import { EmptyState } from '../parts/empty-state.tsx'

/** A fault in one page must not take the others with it. */
export function PageFailed({ error, reset }: { readonly error: unknown; readonly reset: () => void }) {
  return (
    <EmptyState title="This page could not be shown">
      <p>{error instanceof Error ? error.message : String(error)}</p>
      <Button onClick={reset}>Try again</Button>
    </EmptyState>
  )
}
