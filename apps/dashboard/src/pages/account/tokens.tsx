import { Button, Stack, Table, Text, Title } from '@mantine/core'
import type { ApiToken, FolderView, TokenMade } from '@causeway/protocol'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../data/client.ts'
import { useFolders } from '../../data/folders.ts'
import { useAction } from '../../data/use-action.ts'
import { Ago } from '../../parts/ago.tsx'
import { CommandLine } from '../../parts/copy.tsx'
import { listOf, moment } from '../../parts/format.ts'
import { isolated } from '../../parts/isolated.ts'
import { Name } from '../../parts/name.tsx'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { NewToken, SCOPES } from './new-token.tsx'

const KEY = ['tokens']

/** Tokens for scripts. */
export function Tokens() {
  const { data, error, refetch } = useQuery({ queryKey: KEY, queryFn: () => client.tokens(), refetchOnMount: 'always' })
  const { data: folders = [] } = useFolders()
  const [made, setMade] = useState<TokenMade | null>(null)
  return (
    <section aria-labelledby="tokens-title">
      <Title order={2} id="tokens-title">
        Tokens for scripts
      </Title>
      <Text size="sm" c="dimmed">
        A script sends its token as <code>Authorization: Bearer TOKEN</code>, or signs in with{' '}
        <code>causeway login URL --token</code>.
      </Text>
      {error !== null && (
        <ProblemNote title="The tokens could not be loaded" error={error} retry={() => void refetch()} />
      )}
      {made !== null && (
        <Stack gap={4} mt="sm" role="status">
          <Text size="sm">
            This is the token <Name text={made.name} />. Store it safely now: it is not shown again.
          </Text>
          <CommandLine command={made.token} />
        </Stack>
      )}
      {data !== undefined && data.length > 0 && (
        <Table.ScrollContainer minWidth={320}>
          <Table verticalSpacing={6} fz="sm" aria-label="Tokens">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Name</Table.Th>
                <Table.Th>Access</Table.Th>
                <Table.Th>Expires</Table.Th>
                <Table.Th>Last used</Table.Th>
                <Table.Th>
                  <span className="only-read">Remove</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {data.map((token) => (
                <Row key={token.id} token={token} folders={folders} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <NewToken folders={folders} onMade={setMade} />
    </section>
  )
}

interface RowProps {
  readonly token: ApiToken
  readonly folders: readonly FolderView[]
}

function Row({ token: { id, name, scope, folders: only, expiresAt, lastUsedAt }, folders }: RowProps) {
  const queries = useQueryClient()
  const remove = useAction('remove the token', async () => {
    await client.removeToken(id)
    await queries.invalidateQueries({ queryKey: KEY })
  })
  return (
    <Table.Tr>
      <Table.Td>
        <Name text={name} />
      </Table.Td>
      <Table.Td>
        {SCOPES.find(({ value }) => value === scope)?.label ?? scope}
        {only !== null && (
          <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            in {listOf(only.map((one) => isolated(folders.find(({ id }) => id === one)?.name ?? one)))}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <time dateTime={expiresAt}>{moment(Date.parse(expiresAt))}</time>
      </Table.Td>
      <Table.Td>{lastUsedAt === null ? 'never' : <Ago at={lastUsedAt} />}</Table.Td>
      <Table.Td ta="right">
        <Button
          size="xs"
          variant="default"
          loading={remove.busy}
          aria-label={`Remove the token ${name}`}
          onClick={() => void remove.run()}
        >
          Remove
        </Button>
      </Table.Td>
    </Table.Tr>
  )
}
