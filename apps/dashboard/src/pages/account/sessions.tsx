import { Button, Group, Table, Text, Title } from '@mantine/core'
import type { OpenSession } from '@causeway/protocol'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { client } from '../../data/client.ts'
import { useAction } from '../../data/use-action.ts'
import { Ago } from '../../parts/ago.tsx'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { browserWords } from './browser-words.ts'

const KEY = ['sessions']

/** Where one is signed in. */
export function Sessions() {
  const queries = useQueryClient()
  const { data, error, refetch } = useQuery({
    queryKey: KEY,
    queryFn: () => client.sessions(),
    refetchOnMount: 'always',
  })
  const again = () => queries.invalidateQueries({ queryKey: KEY })
  const endOthers = useAction('end the other sessions', async () => {
    await client.endOtherSessions()
    await again()
  })
  return (
    <section aria-labelledby="sessions-title">
      <Group justify="space-between">
        <Title order={2} id="sessions-title">
          Where you are signed in
        </Title>
        {data !== undefined && data.length > 1 && (
          <Button size="xs" variant="default" loading={endOthers.busy} onClick={() => void endOthers.run()}>
            Sign out everywhere else
          </Button>
        )}
      </Group>
      {error !== null && (
        <ProblemNote title="The sessions could not be loaded" error={error} retry={() => void refetch()} />
      )}
      {data !== undefined && (
        <Table.ScrollContainer minWidth={320}>
          <Table verticalSpacing={6} fz="sm" aria-label="Sessions">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Browser</Table.Th>
                <Table.Th>From</Table.Th>
                <Table.Th>Last used</Table.Th>
                <Table.Th>
                  <span className="only-read">End</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {data.map((session) => (
                <Row key={session.id} session={session} onEnded={again} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </section>
  )
}

function Row({ session, onEnded }: { readonly session: OpenSession; onEnded(): Promise<void> }) {
  const { id, isThisOne, userAgent, address, lastUsedAt } = session
  const browser = browserWords(userAgent)
  const end = useAction('end the session', async () => {
    await client.endSession(id)
    await onEnded()
  })
  return (
    <Table.Tr>
      <Table.Td title={userAgent}>{browser}</Table.Td>
      <Table.Td>{address}</Table.Td>
      <Table.Td>
        <Ago at={lastUsedAt} />
      </Table.Td>
      <Table.Td ta="right">
        {isThisOne ? (
          <Text size="sm">this browser</Text>
        ) : (
          <Button
            size="xs"
            variant="default"
            loading={end.busy}
            aria-label={`Sign out ${browser} at ${address}`}
            onClick={() => void end.run()}
          >
            Sign out
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  )
}
