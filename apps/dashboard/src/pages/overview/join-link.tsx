import { Alert, Button, Group, MultiSelect, Select, Stack, Text, TextInput } from '@mantine/core'
import { LIMITS, parseJoinLink, type Access, type InviteResponse, type NodeView } from '@causeway/protocol'
import { useSearch } from '@tanstack/react-router'
import { useState, type FormEvent } from 'react'
import { renderSVG } from 'uqr'
import { chosenFolder } from '../../data/chosen-folder.ts'
import { client } from '../../data/client.ts'
import { useFolders } from '../../data/folders.ts'
import { useAction } from '../../data/use-action.ts'
import { useNodeName } from '../../live/use-node-name.ts'
import { useLive } from '../../live/use-live.ts'
import { CommandLine } from '../../parts/copy.tsx'
import { listOf, moment } from '../../parts/format.ts'
import { isolated } from '../../parts/isolated.ts'
import { RIGHTS } from '../settings/rights.ts'
import { GiveToNode } from './give-to-node.tsx'

/** Not a folder's id: those have no plus sign. */
const NEW_FOLDER = '+'

/** Makes a link that one machine joins with, and tells when it has arrived. */
export function JoinLink({ onDone }: { readonly onDone: () => void }) {
  const [invite, setInvite] = useState<InviteResponse | null>(null)
  const nodes = useLive((state) => state.nodes)
  const [before] = useState(() => new Set<string>(nodes.keys()))
  const arrived = [...nodes.values()].find(({ id, folders }) => !before.has(id) && folders.length > 0)

  if (invite === null) return <Ask onMade={setInvite} />
  if (arrived !== undefined) return <Arrived node={arrived} onDone={onDone} />
  return <Waiting invite={invite} />
}

function Ask({ onMade }: { readonly onMade: (invite: InviteResponse) => void }) {
  const folders = useFolders()
  const [picked, setPicked] = useState<readonly string[] | null>(null)
  const [name, setName] = useState('')
  const [access, setAccess] = useState<Access>('read-write')
  const { folder: onScreen } = useSearch({ strict: false })
  const chosen = picked ?? [chosenFolder(folders.data, onScreen)?.id ?? NEW_FOLDER]
  const isNew = chosen.includes(NEW_FOLDER)
  const create = useAction('create a join link', async () => {
    const shared = isNew ? [(await client.createFolder(name)).id] : []
    onMade(await client.invite({ folders: [...chosen.filter((id) => id !== NEW_FOLDER), ...shared], access }))
  })

  function submit(event: FormEvent): void {
    event.preventDefault()
    void create.run()
  }

  return (
    <form onSubmit={submit}>
      <Stack>
        <MultiSelect
          label="Folders"
          description="The folders to sync to the new node; one link for all of them"
          data={[
            ...(folders.data ?? []).map((known) => ({ value: known.id as string, label: isolated(known.name) })),
            { value: NEW_FOLDER, label: 'A new folder …' },
          ]}
          value={[...chosen]}
          maxValues={LIMITS.foldersPerInvite}
          onChange={setPicked}
        />
        {isNew && (
          <TextInput
            label="Name of the new folder"
            value={name}
            maxLength={64}
            onChange={(event) => setName(event.currentTarget.value)}
            required
          />
        )}
        <Select
          label="Rights"
          data={[...RIGHTS]}
          value={access}
          allowDeselect={false}
          onChange={(value) => setAccess(RIGHTS.find((right) => right.value === value)?.value ?? 'read-write')}
        />
        <Group justify="end">
          <Button type="submit" loading={create.busy} disabled={folders.isPending || chosen.length === 0}>
            Create a join link
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function Waiting({ invite }: { readonly invite: InviteResponse }) {
  return (
    <Stack>
      <Text size="sm">
        Run this on the other machine, in its checkout of Causeway. {whereWords(parseJoinLink(invite.link).folders)}
      </Text>
      <CommandLine command={`CAUSEWAY_JOIN_LINK='${invite.link}' bin/causeway join DIRECTORY`} />
      <Group align="start" gap="md">
        <img
          alt="The join link as a QR code"
          width={168}
          height={168}
          src={`data:image/svg+xml;utf8,${encodeURIComponent(renderSVG(invite.link, { border: 2 }))}`}
          style={{ background: '#fff', borderRadius: 6 }}
        />
        <Stack gap="sm" flex={1} miw={200}>
          <Text size="sm" c="dimmed">
            The link is good for one machine, until {moment(Date.parse(invite.expiresAt))}.
          </Text>
          {isLoopback(invite.link) && (
            <Text size="sm" style={{ color: 'var(--state-attention)' }}>
              ▲ It names {hostOf(invite.link)}, which only this machine can reach. For another one, start the
              coordinator with <code>--host</code> and open this page at that address.
            </Text>
          )}
          <Text size="sm" role="status">
            Waiting for the machine …
          </Text>
        </Stack>
      </Group>
    </Stack>
  )
}

function Arrived({ node, onDone }: { readonly node: NodeView; readonly onDone: () => void }) {
  const { data: folders } = useFolders()
  const nodeName = useNodeName()
  const names = node.folders.map(({ folder }) => folders?.find(({ id }) => id === folder)?.name ?? folder)
  return (
    <Stack>
      <Alert color="green" title={<bdi>{isolated(nodeName(node.id))} has joined</bdi>} role="status">
        It carries {listOf(names.map(isolated))} from now on, and is being brought up to date.
      </Alert>
      <GiveToNode node={node} />
      <Group justify="end">
        <Button onClick={onDone}>Done</Button>
      </Group>
    </Stack>
  )
}

/** What DIRECTORY stands for. */
function whereWords(folders: readonly string[]): string {
  if (folders.length === 1) return 'DIRECTORY is the directory to sync; it may already hold files.'
  const each = folders.map((folder) => `${folder}=DIRECTORY`).join(' ')
  return `Each of the ${folders.length} folders gets a directory of its own below DIRECTORY. To choose each yourself, write ${each} instead.`
}

function hostOf(link: string): string {
  return new URL(parseJoinLink(link).url).hostname
}

function isLoopback(link: string): boolean {
  return /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostOf(link))
}
