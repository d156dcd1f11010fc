import { Button, Drawer, Group, Select, Stack, Switch, Table, Text, Title } from '@mantine/core'
import { modals } from '../../parts/confirm.tsx'
import type { Access, MembershipView, NodeView } from '@causeway/protocol'
import { client } from '../../data/client.ts'
import { useFolders } from '../../data/folders.ts'
import { useAction } from '../../data/use-action.ts'
import { Ago } from '../../parts/ago.tsx'
import { count, plural } from '../../parts/format.ts'
import { PathText } from '../../parts/path-text.tsx'
import { NodeHalts } from '../../halts/halts.tsx'
import { RIGHTS } from '../settings/rights.ts'
import { conditionOf, StateMark } from '../../parts/state-mark.tsx'

/** All that is known of one node, and what one can do with it. */
export function NodeDetail({ node, onClose }: { readonly node: NodeView | undefined; readonly onClose: () => void }) {
  return (
    <Drawer
      opened={node !== undefined}
      onClose={onClose}
      position="right"
      title={<bdi style={{ overflowWrap: 'anywhere', fontWeight: 650, fontSize: 16 }}>{node?.name}</bdi>}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {node !== undefined && <Detail node={node} onClose={onClose} />}
    </Drawer>
  )
}

function Detail({ node, onClose }: { readonly node: NodeView; readonly onClose: () => void }) {
  const remove = useAction('remove the node', async () => {
    await client.removeNode(node.id)
    onClose()
  })
  return (
    <Stack gap="md">
      <StateMark condition={conditionOf(node)} />
      <NodeHalts node={node} />
      <Table withRowBorders={false} verticalSpacing={3} fz="sm" variant="vertical">
        <Table.Tbody>
          <Fact name="Id">{node.id}</Fact>
          <Fact name="Address">
            {node.address === '' ? '–' : `${node.address}${node.port > 0 ? `:${node.port}` : ''}`}
          </Fact>
          <Fact name="Version">{node.version === '' ? '–' : node.version}</Fact>
          <Fact name="Last seen">{node.online ? 'now' : <Ago at={node.lastSeenAt} />}</Fact>
          <Fact name="Registered">
            <Ago at={node.registeredAt} />
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
        <Folder key={folder.folder} member={folder} />
      ))}
      <Button
        color="red"
        variant="light"
        loading={remove.busy}
        onClick={() =>
          modals.confirm({
            title: `Remove ${node.name}?`,
            text: 'It can no longer sign in, and its rights end at once. The files on it, and all it ever wrote, stay.',
            action: 'Remove',
            onConfirm: () => void remove.run(),
          })
        }
      >
        Remove this node
      </Button>
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

function Folder({ member }: { readonly member: MembershipView }) {
  const { folder, node, access, paused, applied, head, behind, report } = member
  const { data: folders } = useFolders()
  const name = folders?.find(({ id }) => id === folder)?.name ?? folder
  const change = useAction('change the rights', (next: { access?: Access; paused?: boolean }) =>
    client.changeMember(folder, node, next),
  )
  return (
    <section aria-label={`Folder ${name}`}>
      <Group justify="space-between">
        <Title order={3} fz="md">
          {name}
        </Title>
        <Text size="sm">
          {behind === 0 ? 'holds everything' : `${behind === null ? 'over 10,000' : count(behind)} changes behind`}
        </Text>
      </Group>
      <Text size="sm" c="dimmed">
        Has placed change {count(applied)} of {count(head)}.{' '}
        {report !== null && report.pendingUp > 0 && `${plural(report.pendingUp, 'unsent change')}.`}
      </Text>
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
      </Group>
      {report !== null && report.problems.length > 0 && (
        <Stack gap={4} mt="sm">
          {report.problems.map((problem) => (
            <Text key={`${problem.path} ${problem.code}`} size="sm" style={{ color: 'var(--state-attention)' }}>
              ▲ {problem.path !== '' && <PathText path={problem.path} />} {problem.message}
            </Text>
          ))}
        </Stack>
      )}
    </section>
  )
}
