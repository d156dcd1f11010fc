import { Alert, Button } from '@mantine/core'
import { errorText } from './error-text.ts'

/** Something failed: what, why, and the way to try it again. */
export function ProblemNote(props: { readonly title: string; readonly error: unknown; readonly retry?: () => void }) {
  const { title, error, retry } = props
  return (
    <Alert color="red" title={title} role="alert">
      {errorText(error)}
      {retry !== undefined && (
        <div>
          <Button size="xs" mt="sm" variant="default" onClick={retry}>
            Try again
          </Button>
        </div>
      )}
    </Alert>
  )
}
