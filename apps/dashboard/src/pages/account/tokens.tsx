import { Button, Group, Select, Stack, Table, Text, TextInput, Title } from '@mantine/core'
import type { ApiToken, TokenMade, TokenScope } from '@causeway/protocol'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { client } from '../../data/client.ts'
import { useAction } from '../../data/use-action.ts'
import { Ago } from '../../parts/ago.tsx'
import { CommandLine } from '../../parts/copy.tsx'
import { moment } from '../../parts/format.ts'
import { Name } from '../../parts/name.tsx'
import { ProblemNote } from '../../parts/problem-note.tsx'

const KEY = ['tokens']

const SCOPES: readonly { readonly value: TokenScope; readonly label: string }[] = [
  { value: 'read', label: 'Look' },
  { value: 'write', label: 'Look, and change files' },
  { value: 'admin', label: 'Everything that I may' },
]

/** Tokens for scripts. */
export function Tokens() {
  const { data, error, refetch } = useQuery({ queryKey: KEY, queryFn: () => client.tokens(), refetchOnMount: 'always' })
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
            This is the token <Name text={made.name} />. Keep it where nobody else reads: it is not shown again.
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
                <Table.Th>May</Table.Th>
                <Table.Th>Until</Table.Th>
                <Table.Th>Last used</Table.Th>
                <Table.Th>
                  <span className="only-read">Remove</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {data.map((token) => (
                <Row key={token.id} token={token} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <NewToken onMade={setMade} />
    </section>
  )
}

function Row({ token: { id, name, scope, expiresAt, lastUsedAt } }: { readonly token: ApiToken }) {
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
      <Table.Td>{SCOPES.find(({ value }) => value === scope)?.label ?? scope}</Table.Td>
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

function NewToken({ onMade }: { onMade(made: TokenMade): void }) {
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [scope, setScope] = useState<TokenScope>('read')
  const make = useAction('make the token', async () => {
    onMade(await client.makeToken({ name: name.trim(), scope }))
    setName('')
    await queries.invalidateQueries({ queryKey: KEY })
  })
  return (
    <form
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        void make.run()
      }}
    >
      <Group align="end" gap="sm" mt="sm">
        <TextInput
          label="New token"
          placeholder="nightly backup"
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
        />
        <Select
          label="It may"
          data={[...SCOPES]}
          value={scope}
          allowDeselect={false}
          onChange={(value) => setScope(SCOPES.find((known) => known.value === value)?.value ?? 'read')}
        />
        <Button type="submit" variant="default" loading={make.busy}>
          Make the token
        </Button>
      </Group>
      <Text size="sm" c="dimmed" mt={4}>
        It is good for 90 days.
      </Text>
    </form>
  )
}
