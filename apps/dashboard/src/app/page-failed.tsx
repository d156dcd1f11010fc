import { Button } from '@mantine/core'
import { EmptyState } from '../parts/empty-state.tsx'
import { errorText } from '../parts/error-text.ts'

/** A fault in one page must not take the others with it. */
export function PageFailed({ error, reset }: { readonly error: unknown; readonly reset: () => void }) {
  return (
    <EmptyState title="This page could not be shown">
      <p>{errorText(error)}</p>
      <Button onClick={reset}>Try again</Button>
    </EmptyState>
  )
}
