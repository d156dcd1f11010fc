import { Button, Table, Text, Title } from '@mantine/core'
import type { FolderView, OpenPersonInvite } from '@causeway/protocol'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { client } from '../../data/client.ts'
import { useAction } from '../../data/use-action.ts'
import { moment } from '../../parts/format.ts'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { roleWords } from './role-words.ts'

const KEY = ['person-invites']

/** Links that somebody may still use. */
export function PersonInvites({ folders }: { readonly folders: readonly FolderView[] }) {
  const { data, error, refetch } = useQuery({
    queryKey: KEY,
    queryFn: () => client.personInvites(),
    refetchOnMount: 'always',
  })
  return (
    <section aria-labelledby="person-invites-title">
      <Title order={2} id="person-invites-title">
        Open invitations
      </Title>
      {error !== null && (
        <ProblemNote title="The invitations could not be loaded" error={error} retry={() => void refetch()} />
      )}
      {data?.length === 0 && (
        <Text size="sm" c="dimmed">
          None. Links that have not been used yet are listed here and can be revoked.
        </Text>
      )}
      {data !== undefined && data.length > 0 && (
        <Table.ScrollContainer minWidth={320}>
          <Table verticalSpacing={6} fz="sm" aria-label="Open invitations">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>For</Table.Th>
                <Table.Th>Expires</Table.Th>
                <Table.Th>
                  <span className="only-read">Revoke</span>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {data.map((invite) => (
                <Row key={invite.id} invite={invite} folders={folders} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </section>
  )
}

function Row({ invite, folders }: { readonly invite: OpenPersonInvite; readonly folders: readonly FolderView[] }) {
  const queries = useQueryClient()
  const { id, email, resets, expiresAt } = invite
  const revoke = useAction('revoke the invitation', async () => {
    await client.revokePersonInvite(id)
    await queries.invalidateQueries({ queryKey: KEY })
  })
  const what = resets === null ? roleWords(invite, folders) : `new password for ${resets}`
  const words = email === null ? what : `${email}: ${what}`
  return (
    <Table.Tr>
      <Table.Td style={{ overflowWrap: 'anywhere' }}>{words}</Table.Td>
      <Table.Td>
        <time dateTime={expiresAt}>{moment(Date.parse(expiresAt))}</time>
      </Table.Td>
      <Table.Td ta="right">
        <Button
          size="xs"
          variant="default"
          loading={revoke.busy}
          aria-label={`Revoke the invitation for ${words}`}
          onClick={() => void revoke.run()}
        >
          Revoke
        </Button>
      </Table.Td>
    </Table.Tr>
  )
}
