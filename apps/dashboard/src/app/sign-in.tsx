import { Alert, Button, Code, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core'
import { useEffect, useState, type FormEvent } from 'react'
import { client } from '../data/client.ts'
import { errorText } from '../parts/error-text.ts'
import { SIGN_IN_TITLE } from './page-title.ts'

/** Asks for the admin token once; a session cookie stands for it afterwards. */
export function SignIn({ isAgain, onDone }: { readonly isAgain: boolean; readonly onDone: () => void }) {
  const [token, setToken] = useState('')
  const [failure, setFailure] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  useEffect(() => {
    document.title = SIGN_IN_TITLE
  }, [])

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault()
    setBusy(true)
    setFailure(null)
    try {
      await client.signIn(token.trim())
      onDone()
    } catch (error) {
      setFailure(errorText(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <Stack align="center" justify="center" mih="100vh" p="md">
      <Paper component="form" withBorder p="lg" w="100%" maw={420} onSubmit={(event) => void submit(event)}>
        <Stack>
          <Title order={1}>Sign in to Causeway</Title>
          {isAgain && <Text size="sm">Your session has ended: you signed out, or the coordinator was restarted.</Text>}
          <Text size="sm">
            The coordinator wrote its admin token into its data directory: <Code>cat DATA/admin.token</Code>
          </Text>
          <PasswordInput
            label="Admin token"
            value={token}
            onChange={(event) => setToken(event.currentTarget.value)}
            required
          />
          {failure !== null && (
            <Alert color="red" title="Sign-in failed">
              {failure}
            </Alert>
          )}
          <Button type="submit" loading={busy}>
            Sign in
          </Button>
        </Stack>
      </Paper>
    </Stack>
  )
}
