import { Button, Group, NumberInput, Select, Stack, Switch, Table, Text, TextInput } from '@mantine/core'
import type { Access, FolderView, MembershipView, NodeView } from '@causeway/protocol'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState, type FormEvent } from 'react'
import { client } from '../../data/client.ts'
import { useMembers } from '../../data/folders.ts'
import { useAction } from '../../data/use-action.ts'
import { useNodeName } from '../../live/use-node-name.ts'
import { useLive } from '../../live/use-live.ts'
import { bytes, count, plural } from '../../parts/format.ts'
import { isolated } from '../../parts/isolated.ts'
import { Name } from '../../parts/name.tsx'
import { TakeAway } from '../../parts/take-away.tsx'
import { GiveFolder } from './give-folder.tsx'
import { IgnoreRules } from './ignore-rules.tsx'
import { RemoveFolder } from './remove-folder.tsx'
import { RIGHTS, standingOf } from './rights.ts'
import { GIGABYTE, gigabytes, limitWords } from './limit-words.ts'
import look from './settings.module.css'

/** One folder: what it holds, its policies, who may do what in it, and what it leaves out. */
export function FolderSettings({ folder, opened }: { readonly folder: FolderView; readonly opened: boolean }) {
  const [open, setOpen] = useState(opened)
  // It opens automatically, and never closes under a person's hands.
  useEffect(() => {
    if (opened) setOpen(true)
  }, [opened])
  return (
    <details className={look.folder} open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Group component="span" justify="space-between" wrap="nowrap" display="inline-flex" w="calc(100% - 24px)">
          <Text span fw={600}>
            <Name text={folder.name} />
          </Text>
          <Text span size="sm" c="dimmed">
            {plural(folder.counts.files, 'file')}, {bytes(folder.counts.bytes)}
          </Text>
        </Group>
      </summary>
      {open && (
        <Stack gap="lg" mt="md">
          <Policies key={JSON.stringify([folder.name, folder.settings])} folder={folder} />
          <div>
            <Members folder={folder} />
            <GiveFolder folder={folder} />
          </div>
          <IgnoreRules folder={folder} />
          <RemoveFolder folder={folder} />
        </Stack>
      )}
    </details>
  )
}

function Policies({ folder }: { readonly folder: FolderView }) {
  const queries = useQueryClient()
  const { settings } = folder
  const [name, setName] = useState(folder.name)
  const [brakeShare, setBrakeShare] = useState<number | string>(Math.round(settings.deleteBrakeShare * 100))
  const [brakeMin, setBrakeMin] = useState<number | string>(settings.deleteBrakeMin)
  const [keepAll, setKeepAll] = useState<number | string>(settings.keepAllDays)
  const [forEver, setForEver] = useState(settings.keepThinnedDays === null)
  const [keepThinned, setKeepThinned] = useState<number | string>(settings.keepThinnedDays ?? 365)
  const [isLimited, setLimited] = useState(settings.quotaBytes !== null)
  const [limit, setLimit] = useState<number | string>(gigabytes(settings.quotaBytes ?? 100 * GIGABYTE))
  const save = useAction('save the settings', async () => {
    await client.changeFolder(folder.id, {
      name: name.trim(),
      settings: {
        deleteBrakeShare: Number(brakeShare) / 100,
        deleteBrakeMin: Number(brakeMin),
        keepAllDays: Number(keepAll),
        keepThinnedDays: forEver ? null : Number(keepThinned),
        quotaBytes: isLimited ? Math.round(Number(limit) * GIGABYTE) : null,
      },
    })
    await queries.invalidateQueries({ queryKey: ['folders'] })
  })
  function submit(event: FormEvent): void {
    event.preventDefault()
    void save.run()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput
          label="Name"
          maw={320}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
        />
        <Group align="start" gap="md">
          <NumberInput
            label="Hold back deletions of more than"
            w={260}
            description={`now ${count((Number(brakeShare) / 100) * total(folder))} of ${count(total(folder))} entries`}
            suffix=" %"
            min={0}
            max={100}
            value={brakeShare}
            onChange={setBrakeShare}
          />
          <NumberInput
            label="… and of at least"
            w={260}
            description="smaller deletions are never held back"
            suffix=" entries"
            min={0}
            value={brakeMin}
            onChange={setBrakeMin}
          />
        </Group>
        <Group align="start" gap="md">
          <NumberInput
            label="Keep every version for"
            w={260}
            description="then thinned; the newest always stays"
            suffix=" days"
            min={0}
            value={keepAll}
            onChange={setKeepAll}
          />
          <div>
            <NumberInput
              label="Keep thinned versions for"
              w={260}
              description={forEver ? 'forever' : 'then deleted'}
              suffix=" days"
              min={0}
              value={keepThinned}
              onChange={setKeepThinned}
              disabled={forEver}
            />
            <Switch
              mt="xs"
              label="Forever"
              checked={forEver}
              onChange={(event) => setForEver(event.currentTarget.checked)}
            />
          </div>
        </Group>
        <div>
          <NumberInput
            label="May hold at most"
            w={260}
            description={limitWords(folder, isLimited ? Number(limit) * GIGABYTE : null)}
            suffix=" GB"
            min={0}
            decimalScale={3}
            value={limit}
            onChange={setLimit}
            disabled={!isLimited}
          />
          <Switch
            mt="xs"
            label="No limit"
            checked={!isLimited}
            onChange={(event) => setLimited(!event.currentTarget.checked)}
          />
        </div>
        <Group>
          <Button type="submit" loading={save.busy}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function total({ counts }: FolderView): number {
  return counts.files + counts.directories + counts.symlinks
}

function Members({ folder }: { readonly folder: FolderView }) {
  const members = useMembers(folder.id)
  const nodes = useLive((state) => state.nodes)
  const nodeName = useNodeName()
  if (members.data === undefined) return null
  if (members.data.length === 0)
    return <Text size="sm">No node has this folder yet. Give it to one, or add a machine with a join link.</Text>
  return (
    <div>
      <Text size="sm" c="dimmed" mb={4}>
        A paused node neither sends nor receives in this folder; changes on its disk wait there.
      </Text>
      <Table className={look.members} verticalSpacing="xs" aria-label={`Nodes of ${isolated(folder.name)}`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Node</Table.Th>
            <Table.Th>Rights</Table.Th>
            <Table.Th>Pause</Table.Th>
            <Table.Th>
              <span className="only-read">Take away</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {members.data.map((member) => (
            <Member
              key={member.node}
              member={member}
              name={nodeName(member.node)}
              folder={folder.name}
              isOnline={nodes.get(member.node)?.online === true}
              standing={standingOf(asReported(member, nodes.get(member.node)), nodes.get(member.node)?.online === true)}
            />
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

/** What the node told last of itself comes by the live feed. */
function asReported(member: MembershipView, node: NodeView | undefined): MembershipView {
  return node?.folders.find(({ folder }) => folder === member.folder) ?? member
}

interface MemberProps {
  readonly member: MembershipView
  readonly name: string
  /** The folder's name. */
  readonly folder: string
  readonly isOnline: boolean
  /** How it stands, in words. */
  readonly standing: string
}

function Member({ member, name, folder, isOnline, standing }: MemberProps) {
  const queries = useQueryClient()
  const change = useAction('change the rights', async (next: { access?: Access; paused?: boolean }) => {
    await client.changeMember(member.folder, member.node, next)
    await queries.invalidateQueries({ queryKey: ['members', member.folder] })
  })
  return (
    <Table.Tr>
      <Table.Td>
        <Name text={name} />
        <Text span display="block" size="xs" c="dimmed">
          {standing}
        </Text>
      </Table.Td>
      <Table.Td>
        <Select
          aria-label={`Rights of ${isolated(name)}`}
          maw={200}
          data={[...RIGHTS]}
          value={member.access}
          allowDeselect={false}
          disabled={change.busy}
          onChange={(value) => {
            const right = RIGHTS.find((known) => known.value === value)
            if (right !== undefined) void change.run({ access: right.value })
          }}
        />
      </Table.Td>
      <Table.Td data-label="Pause">
        <Switch
          aria-label={`Pause ${isolated(name)}`}
          checked={member.paused}
          disabled={change.busy}
          onChange={(event) => void change.run({ paused: event.currentTarget.checked })}
        />
      </Table.Td>
      <Table.Td ta="right">
        <TakeAway member={member} folder={folder} node={name} isOnline={isOnline} />
      </Table.Td>
    </Table.Tr>
  )
}
