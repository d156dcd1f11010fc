import { Button, Group, Select, Stack, Switch, Table, Text, Title } from '@mantine/core'
import { modals } from '../../parts/confirm.tsx'
import type { Access, MembershipView, NodeView } from '@causeway/protocol'
import { client } from '../../data/client.ts'
import { useFolders } from '../../data/folders.ts'
import { useAction } from '../../data/use-action.ts'
import { useNodeName } from '../../live/use-node-name.ts'
import { Ago } from '../../parts/ago.tsx'
import { Detail } from '../../parts/detail.tsx'
import { count, plural } from '../../parts/format.ts'
import { isolated } from '../../parts/isolated.ts'
import { Name } from '../../parts/name.tsx'
import { LastSeen, NodeState } from '../../parts/node-state.tsx'
import { PathText } from '../../parts/path-text.tsx'
import { NodeHalts } from '../../halts/halts.tsx'
import { RIGHTS } from '../settings/rights.ts'
import { TakeAway } from '../../parts/take-away.tsx'
import { ForAdmins } from '../../parts/for-admins.tsx'
import { GiveToNode } from './give-to-node.tsx'
import { LostDeviceButton } from './lost-device.tsx'
import { LimitNode } from './limit-node.tsx'
import { RenameNode } from './rename-node.tsx'

/** All that is known of one node, and what one can do with it. */
export function NodeDetail({ node, onClose }: { readonly node: NodeView; readonly onClose: () => void }) {
  const nodeName = useNodeName()
  return (
    <Detail title={nodeName(node.id)} level={2} onClose={onClose}>
      <Known node={node} onClose={onClose} />
    </Detail>
  )
}

function Known({ node, onClose }: { readonly node: NodeView; readonly onClose: () => void }) {
  const nodeName = useNodeName()
  const remove = useAction('remove the node', async () => {
    await client.removeNode(node.id)
    onClose()
  })
  return (
    <Stack gap="md">
      <NodeState node={node} />
      <NodeHalts node={node} />
      <ForAdmins>
        <RenameNode key={node.name} node={node} />
        <LimitNode key={node.dailyBytes ?? 'none'} node={node} />
      </ForAdmins>
      <Table withRowBorders={false} verticalSpacing={3} fz="sm" variant="vertical">
        <Table.Tbody>
          <Fact name="Id">{node.id}</Fact>
          <Fact name="Address">
            {node.address === '' ? '–' : `${node.address}${node.port > 0 ? `:${node.port}` : ''}`}
          </Fact>
          <Fact name="Version">{node.version === '' ? '–' : node.version}</Fact>
          <Fact name="Last seen">
            <LastSeen node={node} isStop />
          </Fact>
          <Fact name="Registered">
            <Ago at={node.registeredAt} isStop />
          </Fact>
          <Fact name="Watches">
            {node.watchDirectories.length === 0
              ? '–'
              : node.watchDirectories.map((path) => (
                  <div key={path}>
                    <PathText path={path} most={40} />
                  </div>
                ))}
          </Fact>
          <Fact name="Capabilities">{node.capabilities.join(', ') || '–'}</Fact>
        </Table.Tbody>
      </Table>
      {node.folders.map((folder) => (
        <Folder key={folder.folder} member={folder} node={node} />
      ))}
      <ForAdmins>
        <GiveToNode node={node} />
        <LostDeviceButton node={node} name={isolated(nodeName(node.id))} />
        <Button
          color="red"
          variant="light"
          loading={remove.busy}
          onClick={() =>
            modals.confirm({
              title: `Remove ${isolated(nodeName(node.id))}?`,
              text: 'It loses access at once and can no longer sign in. The files on it stay there, and everything it wrote stays in the history.',
              action: 'Remove',
              onConfirm: () => void remove.run(),
            })
          }
        >
          Remove this node
        </Button>
      </ForAdmins>
    </Stack>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <Table.Tr>
      <Table.Th w={110}>{name}</Table.Th>
      <Table.Td style={{ overflowWrap: 'anywhere' }}>{children}</Table.Td>
    </Table.Tr>
  )
}

interface FolderProps {
  readonly member: MembershipView
  readonly node: NodeView
}

function Folder({ member, node: { id: node, online } }: FolderProps) {
  const nodeName = useNodeName()
  const { folder, access, paused, applied, head, behind, report } = member
  const { data: folders } = useFolders()
  const name = folders?.find(({ id }) => id === folder)?.name ?? folder
  const change = useAction('change the rights', (next: { access?: Access; paused?: boolean }) =>
    client.changeMember(folder, node, next),
  )
  return (
    <section aria-label={`Folder ${isolated(name)}`}>
      <Group justify="space-between">
        <Title order={3} fz="md">
          <Name text={name} />
        </Title>
        <Text size="sm">
          {behind === 0 ? 'holds everything' : `${behind === null ? 'over 10,000' : count(behind)} changes behind`}
        </Text>
      </Group>
      <Text size="sm" c="dimmed">
        {count(applied)} of {plural(head, 'change')} applied.{' '}
        {report !== null && report.pendingUp > 0 && `${plural(report.pendingUp, 'unsent change')}.`}
      </Text>
      <ForAdmins>
        <Group gap="md" mt="xs" align="end">
          <Select
            label="Rights"
            data={[...RIGHTS]}
            value={access}
            allowDeselect={false}
            disabled={change.busy}
            onChange={(value) => {
              const right = RIGHTS.find((known) => known.value === value)
              if (right !== undefined) void change.run({ access: right.value })
            }}
          />
          <Switch
            label="Paused"
            checked={paused}
            disabled={change.busy}
            onChange={(event) => void change.run({ paused: event.currentTarget.checked })}
          />
          <TakeAway member={member} folder={name} node={nodeName(node)} isOnline={online} />
        </Group>
      </ForAdmins>
      {report !== null && report.problems.length > 0 && (
        <Stack gap={4} mt="sm">
          {report.problems.map((problem) => (
            <Text key={`${problem.path} ${problem.code}`} size="sm" style={{ color: 'var(--state-attention)' }}>
              ▲ {problem.path !== '' && <PathText path={problem.path} />} <Name text={problem.message} />
            </Text>
          ))}
        </Stack>
      )}
    </section>
  )
}
