import { Button, Group, Select, Stack, Table, Text, Title } from '@mantine/core'
import { AUDIT_ACTIONS, type AuditEntry } from '@causeway/protocol'
import { useInfiniteQuery } from '@tanstack/react-query'
import { client } from '../../data/client.ts'
import { Ago } from '../../parts/ago.tsx'
import { AdminsPage } from '../../parts/for-admins.tsx'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { useAddress } from '../../parts/use-address.ts'
import { ACTION_WORDS, actionWords, detailWords, whoWords } from './audit-words.ts'

const PAGE = 100

/** Who did what, and from where. */
export function AuditLog() {
  return (
    <Stack gap="md">
      <AdminsPage>
        <Log />
      </AdminsPage>
    </Stack>
  )
}

function Log() {
  const { said, say } = useAddress()
  const action = AUDIT_ACTIONS.find((known) => known === said.action)
  const log = useInfiniteQuery({
    queryKey: ['audit', action],
    queryFn: ({ pageParam }) => client.audit({ before: pageParam, action, limit: PAGE }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => (page.length < PAGE ? undefined : page.at(-1)?.position),
    refetchOnMount: 'always',
  })
  const entries = log.data?.pages.flat() ?? []
  return (
    <>
      <Group justify="space-between">
        <Title order={1}>Audit log</Title>
        <Group gap="xs">
          <Button component="a" href="/api/v1/audit/export?format=csv" variant="default" size="xs">
            Download as CSV
          </Button>
          <Button component="a" href="/api/v1/audit/export?format=jsonl" variant="default" size="xs">
            Download as JSON Lines
          </Button>
        </Group>
      </Group>
      <Group align="end">
        <Select
          label="Action"
          placeholder="Everything"
          clearable
          searchable
          w={260}
          data={AUDIT_ACTIONS.map((value) => ({ value, label: ACTION_WORDS[value] }))}
          value={action ?? null}
          onChange={(value) => say({ action: value ?? undefined }, false)}
        />
        <Button
          variant="default"
          loading={log.isFetching && !log.isFetchingNextPage}
          onClick={() => void log.refetch()}
        >
          Reload
        </Button>
      </Group>
      {log.error !== null && (
        <ProblemNote title="The audit log could not be loaded" error={log.error} retry={() => void log.refetch()} />
      )}
      {log.data !== undefined && entries.length === 0 && <Text size="sm">Nothing of that kind has been done yet.</Text>}
      {entries.length > 0 && <Lines entries={entries} />}
      {log.hasNextPage && (
        <div>
          <Button variant="subtle" size="xs" loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            Load older lines
          </Button>
        </div>
      )}
      <Text size="xs" c="dimmed">
        Lines are only ever added. Who changed which files is in the history of each folder.
      </Text>
    </>
  )
}

function Lines({ entries }: { readonly entries: readonly AuditEntry[] }) {
  return (
    <Table verticalSpacing={4} fz="sm" aria-label="Audit log, newest first">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>When</Table.Th>
          <Table.Th>Who</Table.Th>
          <Table.Th>What</Table.Th>
          <Table.Th visibleFrom="sm">From</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {entries.map((entry) => (
          <Table.Tr key={entry.position}>
            <Table.Td style={{ whiteSpace: 'nowrap' }}>
              <Ago at={entry.at} />
            </Table.Td>
            <Table.Td>
              <bdi>{whoWords(entry.actor)}</bdi>
              <Text hiddenFrom="sm" size="xs" c="dimmed">
                {entry.from}
              </Text>
            </Table.Td>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>
              <What entry={entry} />
              {entry.details.length > 0 && (
                <Text size="xs" c="dimmed">
                  <bdi>{detailWords(entry)}</bdi>
                </Text>
              )}
            </Table.Td>
            <Table.Td visibleFrom="sm" style={{ whiteSpace: 'nowrap' }}>
              {entry.from}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function What({ entry: { action, object } }: { readonly entry: AuditEntry }) {
  const [before, after] = actionWords(action)
  return (
    <>
      {before} <bdi>{object}</bdi> {after}
    </>
  )
}
