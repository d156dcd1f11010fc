import { Anchor, List, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useMay, useSession } from '../../data/rights.ts'

/** The ways to those pages that a narrow rail has no room for. */
export function AccessLinks() {
  const { administer } = useMay()
  const hasAccount = useSession()?.hasAccount === true
  if (!administer && !hasAccount) return null
  return (
    <section aria-labelledby="access-title">
      <Title order={2} id="access-title">
        People and access
      </Title>
      <List size="sm" mt="xs" spacing={4}>
        {administer && (
          <>
            <List.Item>
              <Anchor component={Link} to="/people">
                People
              </Anchor>
              <Text span c="dimmed">
                {' '}
                – who can sign in, and what they can see and change
              </Text>
            </List.Item>
            <List.Item>
              <Anchor component={Link} to="/audit">
                Audit log
              </Anchor>
              <Text span c="dimmed">
                {' '}
                – who did what, and from where
              </Text>
            </List.Item>
          </>
        )}
        {hasAccount && (
          <List.Item>
            <Anchor component={Link} to="/account">
              My account
            </Anchor>
            <Text span c="dimmed">
              {' '}
              – your password, where you are signed in, tokens for scripts
            </Text>
          </List.Item>
        )}
      </List>
    </section>
  )
}
