import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import type { FolderView, PersonInviteMade } from '@causeway/protocol'
import { useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { client } from '../../data/client.ts'
import { useAction } from '../../data/use-action.ts'
import { CommandLine } from '../../parts/copy.tsx'
import { moment } from '../../parts/format.ts'
import { RightsFields, type Rights } from './rights-fields.tsx'

/** Makes a link for somebody: they choose their name and password themselves. */
export function InvitePerson({ folders, onClose }: { readonly folders: readonly FolderView[]; onClose(): void }) {
  const queries = useQueryClient()
  const [rights, setRights] = useState<Rights>({ isAdmin: false, roles: [] })
  const [email, setEmail] = useState('')
  const [made, setMade] = useState<PersonInviteMade | null>(null)
  const invite = useAction('create the invitation', async () => {
    const { isAdmin, roles } = rights
    const to = email.trim()
    setMade(await client.invitePerson({ isAdmin, roles: isAdmin ? [] : [...roles], ...(to !== '' && { email: to }) }))
    await queries.invalidateQueries({ queryKey: ['person-invites'] })
  })
  const isNothing = !rights.isAdmin && rights.roles.length === 0
  return (
    <Modal opened onClose={onClose} title="Invite someone" closeButtonProps={{ 'aria-label': 'Close' }}>
      {made === null ? (
        <form
          onSubmit={(event: FormEvent) => {
            event.preventDefault()
            void invite.run()
          }}
        >
          <Stack>
            <RightsFields rights={rights} folders={folders} become={setRights} />
            <TextInput
              label="E-mail address"
              description="Only needed if they sign in with OpenID Connect. Nothing is sent to it."
              type="email"
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
            />
            <Group justify="end">
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button type="submit" disabled={isNothing} loading={invite.busy}>
                Create link
              </Button>
            </Group>
          </Stack>
        </form>
      ) : (
        <Link made={made} onClose={onClose} />
      )}
    </Modal>
  )
}

/** Shown once: its secret is stored nowhere. */
export function Link({ made, onClose }: { readonly made: PersonInviteMade; onClose(): void }) {
  return (
    <Stack>
      <Text size="sm">
        Send this link over a channel you trust. It works once, until {moment(Date.parse(made.expiresAt))}, and is not
        shown again.
      </Text>
      <CommandLine command={made.link} />
      <Group justify="end">
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Stack>
  )
}
