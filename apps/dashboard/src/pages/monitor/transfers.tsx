import { Anchor, Group, Progress, Table, Text, Title } from '@mantine/core'
import type { Transfer } from '@causeway/protocol'
import { Link } from '@tanstack/react-router'
import { useLive } from '../../live/use-live.ts'
import { bytes, estimate, plural, progressWords, rate, share } from '../../parts/format.ts'
import { isolated } from '../../parts/isolated.ts'
import { NodeName } from '../../parts/node-name.tsx'
import { client } from '../../data/client.ts'
import { transfersAsCsv } from './export.ts'
import { SaveButtons } from './save-buttons.tsx'
import { underWay, type UnderWay } from './under-way.ts'
import look from './monitor.module.css'

/** What is on its way, node by node. */
export function Transfers() {
  const nodes = useLive((state) => state.nodes)
  const rows = underWay([...nodes.values()])
  return (
    <section aria-labelledby="transfers-title">
      <div className={look.head}>
        <Title order={2} id="transfers-title">
          In progress
        </Title>
        <Group gap="sm">
          <Anchor size="sm" renderRoot={(props) => <Link {...props} to="/delta" search={{} as never} />}>
            Finished transfers
          </Anchor>
          <SaveButtons name="transfers" rows={finished} asCsv={transfersAsCsv} />
        </Group>
      </div>
      {rows.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing to transfer: every connected node is in sync.
        </Text>
      ) : (
        <Table.ScrollContainer minWidth={640}>
          <Table verticalSpacing={6} fz="sm">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Node</Table.Th>
                <Table.Th>Folder</Table.Th>
                <Table.Th>To send</Table.Th>
                <Table.Th>To receive</Table.Th>
                <Table.Th w={220}>Progress</Table.Th>
                <Table.Th>Rate</Table.Th>
                <Table.Th>Time left</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row) => (
                <Row key={`${row.node.id} ${row.folder}`} row={row} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </section>
  )
}

/** The newest thousand that the ledger holds. */
async function finished(): Promise<readonly Transfer[]> {
  return (await client.transfers(undefined, { limit: 1000 })).transfers
}

function Row({ row: { node, folder, report, secondsLeft } }: { readonly row: UnderWay }) {
  const traffic = useLive((state) => state.traffic.get(node.id))
  const { transfer } = report
  return (
    <Table.Tr>
      <Table.Td fw={600}>
        <NodeName node={node.id} />
      </Table.Td>
      <Table.Td>{folder}</Table.Td>
      <Table.Td>{report.pendingUp === 0 ? '–' : plural(report.pendingUp, 'change')}</Table.Td>
      <Table.Td>{report.pendingDown === 0 ? '–' : plural(report.pendingDown, 'change')}</Table.Td>
      <Table.Td>
        {transfer === null ? (
          node.online ? (
            report.state
          ) : (
            'offline'
          )
        ) : (
          <>
            <Progress
              value={transfer.bytesTotal === 0 ? 0 : (transfer.bytes / transfer.bytesTotal) * 100}
              aria-label={`${isolated(node.name)}: ${share(transfer.bytes, transfer.bytesTotal)} of ${bytes(transfer.bytesTotal)}`}
            />
            <Text size="xs" c="dimmed">
              {progressWords(transfer)}
            </Text>
          </>
        )}
      </Table.Td>
      <Table.Td>
        {traffic === undefined ? '–' : `↑ ${rate(traffic.upBytesPerSecond)} ↓ ${rate(traffic.downBytesPerSecond)}`}
      </Table.Td>
      <Table.Td>{secondsLeft === null ? '–' : estimate(secondsLeft)}</Table.Td>
    </Table.Tr>
  )
}
