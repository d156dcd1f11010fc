import { Button, Group, Stack, Table, Text, Title } from '@mantine/core'
import type { FolderView, PersonView } from '@causeway/protocol'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../data/client.ts'
import { useFolders } from '../../data/folders.ts'
import { Ago } from '../../parts/ago.tsx'
import { AdminsPage } from '../../parts/for-admins.tsx'
import { Name } from '../../parts/name.tsx'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { EditPerson } from './edit-person.tsx'
import { InvitePerson } from './invite-person.tsx'
import { PersonInvites } from './person-invites.tsx'
import { roleWords } from './role-words.ts'

/** Who may sign in, and what they may see and change. */
export function People() {
  return (
    <Stack gap="lg" maw={960}>
      <AdminsPage>
        <Everybody />
      </AdminsPage>
    </Stack>
  )
}

function Everybody() {
  const { data: folders = [] } = useFolders()
  const people = useQuery({ queryKey: ['people'], queryFn: () => client.people(), refetchOnMount: 'always' })
  const [inviting, setInviting] = useState(false)
  const [edited, setEdited] = useState<PersonView | null>(null)
  return (
    <>
      <Group justify="space-between">
        <Title order={1}>People</Title>
        <Button size="xs" onClick={() => setInviting(true)}>
          Invite someone
        </Button>
      </Group>
      {people.error !== null && (
        <ProblemNote
          title="The accounts could not be loaded"
          error={people.error}
          retry={() => void people.refetch()}
        />
      )}
      {people.data?.length === 0 && (
        <Text size="sm">
          Nobody has an account yet. Invite yourself first, as an admin: you can then do all that the admin token can,
          and the audit log says that it was you.
        </Text>
      )}
      {people.data !== undefined && people.data.length > 0 && (
        <PeopleTable people={people.data} folders={folders} edit={setEdited} />
      )}
      <PersonInvites folders={folders} />
      {inviting && <InvitePerson folders={folders} onClose={() => setInviting(false)} />}
      {edited !== null && <EditPerson person={edited} folders={folders} onClose={() => setEdited(null)} />}
    </>
  )
}

interface TableProps {
  readonly people: readonly PersonView[]
  readonly folders: readonly FolderView[]
  edit(person: PersonView): void
}

function PeopleTable({ people, folders, edit }: TableProps) {
  return (
    <Table.ScrollContainer minWidth={320}>
      <Table verticalSpacing={6} fz="sm" aria-label="People">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>Can</Table.Th>
            <Table.Th>Last seen</Table.Th>
            <Table.Th>
              <span className="only-read">Change</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {people.map((person) => (
            <Table.Tr key={person.id}>
              <Table.Td>
                <Name text={person.name} />{' '}
                {person.disabled && (
                  <Text span c="dimmed" size="sm">
                    (disabled)
                  </Text>
                )}
              </Table.Td>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{roleWords(person, folders)}</Table.Td>
              <Table.Td>{person.lastSeenAt === null ? 'never' : <Ago at={person.lastSeenAt} />}</Table.Td>
              <Table.Td ta="right">
                <Button size="xs" variant="default" aria-label={`Change ${person.name}`} onClick={() => edit(person)}>
                  Change
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
