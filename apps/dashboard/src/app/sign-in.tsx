import { Alert, Anchor, Button, Code, Divider, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import type { SignInWays } from '@causeway/protocol'
import { useEffect, useState, type FormEvent, type ReactNode } from 'react'
import { client } from '../data/client.ts'
import { errorText } from '../parts/error-text.ts'
import { Doorway } from './doorway.tsx'
import { NewLink } from './new-link.tsx'
import { SIGN_IN_TITLE } from './page-title.ts'

interface SignInProps {
  readonly isAgain: boolean
  readonly onDone: () => void
}

/** Asks who is there; a session cookie stands for the answer afterwards. */
export function SignIn({ isAgain, onDone }: SignInProps) {
  const ways = useWays()
  const [byToken, setByToken] = useState(false)
  const [failure, setFailure] = useState<string | null>(() => CAME_BACK[location.hash] ?? null)
  const [busy, setBusy] = useState(false)

  useEffect(() => {
    document.title = SIGN_IN_TITLE
  }, [])

  async function submit(signIn: () => Promise<unknown>): Promise<void> {
    setBusy(true)
    setFailure(null)
    try {
      await signIn()
      onDone()
    } catch (error) {
      setFailure(errorText(error))
    } finally {
      setBusy(false)
    }
  }

  if (ways === undefined) return null
  const form = { failure, busy, submit }
  return (
    <Doorway title="Sign in to Causeway">
      {isAgain && <Text size="sm">Your session has ended: you signed out, or you had not used it for a while.</Text>}
      {byToken || !ways.hasAccounts ? <ByToken isFirst={!ways.hasAccounts} {...form} /> : <ByPassword {...form} />}
      {ways.openId !== null && (
        <>
          <Divider label="or" />
          <Button component="a" href="/api/v1/sign-in/openid" variant="default">
            Sign in with {ways.openId}
          </Button>
        </>
      )}
      {ways.hasAccounts && (
        <Anchor
          component="button"
          type="button"
          size="sm"
          ta="start"
          onClick={() => {
            setFailure(null)
            setByToken(!byToken)
          }}
        >
          {byToken ? 'Sign in with your name and password' : 'Sign in with the admin token'}
        </Anchor>
      )}
    </Doorway>
  )
}

/** What became of a sign-in at a provider that led back here. */
const CAME_BACK: Readonly<Record<string, string>> = {
  '#sign-in-not-invited': 'You are not invited here, or your account is disabled: ask an admin.',
  '#sign-in-refused': 'The provider did not confirm who you are: try again.',
  '#sign-in-unavailable': 'The provider cannot be reached: try again later, or sign in with your name and password.',
}

interface FormProps {
  readonly failure: string | null
  readonly busy: boolean
  submit(signIn: () => Promise<unknown>): Promise<void>
}

function ByPassword({ failure, busy, submit }: FormProps) {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  return (
    <Form failure={failure} busy={busy} submit={() => submit(() => client.signInAs(name.trim(), password))}>
      <TextInput
        label="Name"
        autoComplete="username"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        required
      />
      <PasswordInput
        label="Password"
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        required
      />
    </Form>
  )
}

function ByToken({ isFirst, failure, busy, submit }: FormProps & { readonly isFirst: boolean }) {
  const [token, setToken] = useState('')
  return (
    <Form failure={failure} busy={busy} submit={() => submit(() => client.signIn(token.trim()))}>
      {isFirst && (
        <Text size="sm">
          Nobody has an account yet. The coordinator printed a link when it started: open it to create the first
          account.
        </Text>
      )}
      <NewLink />
      <Text size="sm">
        The admin token does the same; it is in the coordinator's data directory: <Code>cat DIR/admin.token</Code>
      </Text>
      <PasswordInput
        label="Admin token"
        value={token}
        onChange={(event) => setToken(event.currentTarget.value)}
        required
      />
    </Form>
  )
}

interface FrameProps {
  readonly failure: string | null
  readonly busy: boolean
  readonly children: ReactNode
  submit(): Promise<void>
}

function Form({ failure, busy, children, submit }: FrameProps) {
  return (
    <form
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        void submit()
      }}
    >
      <Stack>
        {children}
        {failure !== null && (
          <Alert color="red" title="Sign-in failed">
            {failure}
          </Alert>
        )}
        <Button type="submit" loading={busy}>
          Sign in
        </Button>
      </Stack>
    </form>
  )
}

/** What can be signed in with; undefined until it is known. Where that cannot be learnt, a name and password can. */
function useWays(): SignInWays | undefined {
  const [ways, setWays] = useState<SignInWays>()
  useEffect(() => {
    client.signInWays().then(setWays, () => setWays({ hasAccounts: true, openId: null }))
  }, [])
  return ways
}
