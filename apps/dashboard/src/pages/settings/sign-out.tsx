import { Button, Text, Title } from '@mantine/core'
import { useSignOut } from '../../data/session.ts'

/** Ends the session of this browser; nothing where there is none. */
export function SignOut() {
  const signOut = useSignOut()
  if (signOut === undefined) return null
  return (
    <section aria-labelledby="session-title">
      <Title order={2} id="session-title">
        Session
      </Title>
      <Button mt="xs" variant="default" size="xs" onClick={signOut}>
        Sign out of this browser
      </Button>
      <Text size="sm" c="dimmed" mt={4}>
        In all tabs.
      </Text>
    </section>
  )
}
