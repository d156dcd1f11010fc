import { Stack, Text, Title } from '@mantine/core'
import { useSession } from '../../data/rights.ts'
import { Name } from '../../parts/name.tsx'
import { ChangePassword } from './change-password.tsx'
import { Sessions } from './sessions.tsx'
import { Tokens } from './tokens.tsx'

/** What people look after themselves. */
export function Account() {
  const session = useSession()
  if (session === undefined) return null
  return (
    <Stack gap="lg" maw={960}>
      <Title order={1}>My account</Title>
      {session.hasAccount ? (
        <>
          <Text size="sm">
            You are signed in as <Name text={session.person.name} />.
          </Text>
          <ChangePassword />
          <Sessions />
          <Tokens />
        </>
      ) : (
        <Text>
          You are not signed in with an account, so there is nothing to manage here. An admin can create an account for
          you under People.
        </Text>
      )}
    </Stack>
  )
}
