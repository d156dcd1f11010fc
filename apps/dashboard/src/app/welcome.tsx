import { Alert, Anchor, Button, List, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { isSyncError, LIMITS, type InviteLook } from '@causeway/protocol'
import { useEffect, useState, type FormEvent } from 'react'
import { client } from '../data/client.ts'
import { errorText } from '../parts/error-text.ts'
import { Name } from '../parts/name.tsx'
import { Doorway } from './doorway.tsx'
import { WELCOME_PATH } from './doorway-paths.ts'
import { useLinkSecret } from './use-link-secret.ts'

/** Where a link leads that lets somebody in. */
export function Welcome() {
  const secret = useLinkSecret({ path: WELCOME_PATH, title: 'Welcome · Causeway' })
  const [look, setLook] = useState<InviteLook>()
  const [problem, setProblem] = useState<string | null>(null)

  useEffect(() => {
    client.lookAtInvite(secret).then(setLook, (error: unknown) => setProblem(noGood(error)))
  }, [secret])

  if (problem !== null) {
    return (
      <Doorway title="This link does not work">
        <Text>{problem}</Text>
        <Anchor href="/">Go to the sign-in</Anchor>
      </Doorway>
    )
  }
  if (look === undefined) return null
  return (
    <Doorway title={titleOf(look)}>
      <What look={look} />
      <Choose look={look} secret={secret} />
    </Doorway>
  )
}

function noGood(error: unknown): string {
  if (isSyncError(error, 'invite-invalid') || isSyncError(error, 'bad-request'))
    return 'It has been used, has expired, or is incomplete. Ask whoever sent it for a new one.'
  return errorText(error)
}

function titleOf({ kind, name }: InviteLook): string {
  if (kind === 'first-admin') return 'Welcome to Causeway'
  return kind === 'invitation' ? 'You are invited to Causeway' : `A new password for ${name ?? 'you'}`
}

function What({ look: { kind, isAdmin, folders } }: { readonly look: InviteLook }) {
  if (kind === 'new-password')
    return <Text size="sm">You will be signed out everywhere, and sign in with the new password from now on.</Text>
  if (isAdmin) {
    return (
      <Text size="sm">
        {kind === 'first-admin' && 'Yours is the first account. '}You will be an admin: you can see and change
        everything, and invite others.
      </Text>
    )
  }
  return (
    <div>
      <Text size="sm">You will be able to</Text>
      <List size="sm">
        {folders.map(({ name, role }) => (
          <List.Item key={name}>
            {role === 'editor' ? 'view and change ' : 'view '}
            <Name text={name} />
          </List.Item>
        ))}
      </List>
    </div>
  )
}

function Choose({ look, secret }: { readonly look: InviteLook; readonly secret: string }) {
  const isNew = look.kind !== 'new-password'
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const [failure, setFailure] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault()
    if (password !== again) return setFailure('The passwords do not match.')
    setBusy(true)
    setFailure(null)
    try {
      await client.acceptInvite({ secret, password, ...(isNew && { name: name.trim() }) })
      location.replace('/')
    } catch (error) {
      setFailure(errorText(error))
      setBusy(false)
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack>
        {isNew && (
          <TextInput
            label="Name"
            description="You sign in with it, and others see it next to your changes."
            autoComplete="username"
            maxLength={LIMITS.personNameChars}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            required
          />
        )}
        <PasswordInput
          label="Password"
          description={`At least ${LIMITS.passwordLeastChars} characters. A few random words are easy to remember.`}
          autoComplete="new-password"
          minLength={LIMITS.passwordLeastChars}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          required
        />
        <PasswordInput
          label="Repeat the password"
          autoComplete="new-password"
          value={again}
          onChange={(event) => setAgain(event.currentTarget.value)}
          required
        />
        {failure !== null && (
          <Alert color="red" title={isNew ? 'The account was not created' : 'The password was not set'}>
            {failure}
          </Alert>
        )}
        <Button type="submit" loading={busy}>
          {isNew ? 'Create the account' : 'Set the password'}
        </Button>
      </Stack>
    </form>
  )
}
