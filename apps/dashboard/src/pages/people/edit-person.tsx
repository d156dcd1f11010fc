import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import type { ChangePerson, FolderView, PersonInviteMade, PersonView } from '@causeway/protocol'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../data/client.ts'
import { useAction } from '../../data/use-action.ts'
import { modals } from '../../parts/confirm.tsx'
import { isolated } from '../../parts/isolated.ts'
import { Link } from './invite-person.tsx'
import { RightsFields, type Rights } from './rights-fields.tsx'

interface EditProps {
  readonly person: PersonView
  readonly folders: readonly FolderView[]
  onClose(): void
}

/** What somebody may do from now on, and whether they may come in at all. */
export function EditPerson({ person, folders, onClose }: EditProps) {
  const { id, name, disabled } = person
  const queries = useQueryClient()
  const [rights, setRights] = useState<Rights>(person)
  const [link, setLink] = useState<PersonInviteMade | null>(null)
  const done = async (): Promise<void> => {
    await queries.invalidateQueries({ queryKey: ['people'] })
    onClose()
  }
  const change = useAction(`change ${name}`, async (next: ChangePerson) => {
    await client.changePerson(id, next)
    await done()
  })
  const remove = useAction(`remove ${name}`, async () => {
    await client.removePerson(id)
    await done()
  })
  const newPassword = useAction('create the link', async () => setLink(await client.passwordLink(id)))
  if (link !== null) {
    return (
      <Modal opened onClose={onClose} title={`A new password for ${name}`} closeButtonProps={{ 'aria-label': 'Close' }}>
        <Link made={link} onClose={onClose} />
      </Modal>
    )
  }
  return (
    <Modal opened onClose={onClose} title={<bdi>{name}</bdi>} closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack>
        <RightsFields rights={rights} folders={folders} become={setRights} />
        <Group justify="end">
          <Button
            loading={change.busy}
            onClick={() => void change.run({ isAdmin: rights.isAdmin, roles: rights.isAdmin ? [] : [...rights.roles] })}
          >
            Save
          </Button>
        </Group>
        <Text size="sm" c="dimmed">
          If they forgot their password, send them a link to set a new one. Disabling an account signs it out everywhere
          within five seconds, until you enable it again.
        </Text>
        <Group gap="xs">
          <Button size="xs" variant="default" loading={newPassword.busy} onClick={() => void newPassword.run()}>
            Create a password link
          </Button>
          <Button
            size="xs"
            variant="default"
            loading={change.busy}
            onClick={() => void change.run({ disabled: !disabled })}
          >
            {disabled ? 'Enable' : 'Disable'}
          </Button>
          <Button
            size="xs"
            color="red"
            variant="light"
            loading={remove.busy}
            onClick={() =>
              modals.confirm({
                title: `Remove ${isolated(name)}?`,
                text: 'The account is deleted, with its sessions and tokens. Their changes stay in the history, under their name.',
                action: 'Remove',
                onConfirm: () => void remove.run(),
              })
            }
          >
            Remove
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
