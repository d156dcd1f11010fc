import { Button, Table, Text, Title } from '@mantine/core'
import type { FolderView, OpenInvite } from '@causeway/protocol'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Fragment } from 'react'
import { client } from '../../data/client.ts'
import { useRefetchOnEvents } from '../../data/folders.ts'
import { useAction } from '../../data/use-action.ts'
import { modals } from '../../parts/confirm.tsx'
import { useNow } from '../../parts/clock.ts'
import { duration, listOf, moment } from '../../parts/format.ts'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { isolated } from '../../parts/isolated.ts'
import { Name } from '../../parts/name.tsx'
import { RIGHTS } from './rights.ts'

/** Join links that somebody may still use. */
export function Invites({ folders }: { readonly folders: readonly FolderView[] }) {
  const key = ['invites']
  // One that is used makes a node join, which is an event.
  useRefetchOnEvents(key)
  const now = useNow()
  const { data, error, refetch } = useQuery({
    queryKey: key,
    queryFn: () => client.invites(),
    refetchOnMount: 'always',
  })
  const open = data?.filter(({ expiresAt }) => Date.parse(expiresAt) > now)
  return (
    <section aria-labelledby="invites-title">
      <Title order={2} id="invites-title">
        Open invitations
      </Title>
      {error !== null && (
        <ProblemNote title="The invitations could not be loaded" error={error} retry={() => void refetch()} />
      )}
      {open?.length === 0 && (
        <Text size="sm" c="dimmed">
          None. Add node on Overview creates a join link; until it is used, it is listed here and can be revoked.
        </Text>
      )}
      {open !== undefined && open.length > 0 && (
        <Table.ScrollContainer minWidth={320}>
          <Table verticalSpacing={6} fz="sm" aria-label="Open invitations">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Folders</Table.Th>
                <Table.Th>Rights</Table.Th>
                <Table.Th>Expires</Table.Th>
                <Table.Th />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {open.map((invite) => (
                <Row key={invite.id} invite={invite} folders={folders} now={now} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </section>
  )
}

interface RowProps {
  readonly invite: OpenInvite
  readonly folders: readonly FolderView[]
  readonly now: number
}

function Row({ invite: { id, folders: ids, access, expiresAt }, folders, now }: RowProps) {
  const queries = useQueryClient()
  const revoke = useAction('revoke the invitation', async () => {
    await client.revokeInvite(id)
    await queries.invalidateQueries({ queryKey: ['invites'] })
  })
  const names = ids.map((one) => folders.find((known) => known.id === one)?.name ?? one)
  const name = listOf(names.map(isolated))
  const ends = Date.parse(expiresAt)
  return (
    <Table.Tr>
      <Table.Td>
        {names.map((one, at) => (
          <Fragment key={ids[at]}>
            {at > 0 && ', '}
            <Name text={one} />
          </Fragment>
        ))}
      </Table.Td>
      <Table.Td>{RIGHTS.find(({ value }) => value === access)?.label ?? access}</Table.Td>
      <Table.Td>
        <time dateTime={expiresAt} title={moment(ends)}>
          in {duration(Math.max(1000, Math.round((ends - now) / 1000) * 1000))}
        </time>
      </Table.Td>
      <Table.Td ta="right">
        <Button
          size="xs"
          variant="default"
          loading={revoke.busy}
          aria-label={`Revoke the invitation to ${name}`}
          onClick={() =>
            modals.confirm({
              title: 'Revoke this invitation?',
              text: `Whoever has the link to ${isolated(name)} can no longer join with it. Nodes that have joined stay. You can create a new link at any time.`,
              action: 'Revoke',
              onConfirm: () => void revoke.run(),
            })
          }
        >
          Revoke
        </Button>
      </Table.Td>
    </Table.Tr>
  )
}
