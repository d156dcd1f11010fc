import { Group, Table, Text, Title } from '@mantine/core'
import type { Metrics, NodeLatency } from '@causeway/protocol'
import { useQuery } from '@tanstack/react-query'
import { client } from '../../data/client.ts'
import { useRefetchOnEvents } from '../../data/folders.ts'
import { useNodeColour } from '../../live/use-node-name.ts'
import { count, duration, plural, share } from '../../parts/format.ts'
import { NodeName } from '../../parts/node-name.tsx'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { Histogram } from './histogram.tsx'
import { meanMs } from './histogram-model.ts'
import look from './monitor.module.css'

const MOST_NODES = 12

/** How long things take, as the coordinator measured them since it started. */
export function Latency() {
  useRefetchOnEvents(['metrics'])
  const { data, error, refetch } = useQuery({ queryKey: ['metrics'], queryFn: () => client.metrics() })
  return (
    <section aria-labelledby="latency-title">
      <Title order={2} id="latency-title">
        Latency
      </Title>
      {error !== null && (
        <ProblemNote title="The latencies could not be loaded" error={error} retry={() => void refetch()} />
      )}
      {data !== undefined && <Figures metrics={data} />}
    </section>
  )
}

function Figures({ metrics }: { readonly metrics: Metrics }) {
  const { saveLatencyMs, commitLatencyMs, fanOutLatencyMs, latency } = metrics
  const { operations, commits, successRate, uptimeSeconds } = metrics
  const all = operations.accepted + operations.refused
  const mean = meanMs(latency.delivery)
  return (
    <>
      <div className={look.histograms}>
        <Histogram
          title="Save to commit"
          meaning="From when a node first notices a saved file until the coordinator confirms it. A save made offline counts with its whole wait; files found by a scan do not count"
          reading={latency.save}
          boundsMs={latency.boundsMs}
          figures={quantiles(saveLatencyMs)}
        />
        <Histogram
          title="Commit"
          meaning="From its arrival at the coordinator to the answer, by which time it survives a power loss"
          reading={latency.commit}
          boundsMs={latency.boundsMs}
          figures={quantiles(commitLatencyMs)}
        />
        <Histogram
          title="Fan-out"
          meaning="From then until it has been written to the socket of every subscribed node"
          reading={latency.fanOut}
          boundsMs={latency.boundsMs}
          figures={quantiles(fanOutLatencyMs)}
        />
        <Histogram
          title="On the other nodes’ disks"
          meaning="From when it is durable until a node reports having it. Nodes report at most every 100 ms, so this can read up to 100 ms too long; nodes that were offline do not count"
          reading={latency.delivery}
          boundsMs={latency.boundsMs}
          figures={mean === null ? 'Not measured yet' : `${duration(mean)} on average`}
        />
      </div>
      <Text size="sm" c="dimmed">
        {commits === 0
          ? `No commit yet since the coordinator started ${duration(uptimeSeconds * 1000)} ago. Change a file to see how long it takes.`
          : `${plural(commits, 'commit')} since the coordinator started ${duration(uptimeSeconds * 1000)} ago${
              successRate === null ? '' : `; ${share(operations.accepted, all)} of ${plural(all, 'operation')} accepted`
            }.`}
      </Text>
      <div className={look.byNode}>
        <ByNode
          latencies={latency.saveByNode}
          label="How long saves took on each node until the coordinator had them"
          head="From a save on"
          unit="Saves"
        />
        <ByNode
          latencies={latency.deliveryByNode}
          label="How long commits took to be on each node’s disk"
          head="To the disk of"
          unit="Commits"
        />
      </div>
    </>
  )
}

interface ByNodeProps {
  readonly latencies: readonly NodeLatency[]
  readonly label: string
  /** What stands over the nodes' names, and over how often it was measured. */
  readonly head: string
  readonly unit: string
}

/** The slowest first: whoever looks here looks for them. */
function ByNode({ latencies, label, head, unit }: ByNodeProps) {
  const nodeColour = useNodeColour()
  const measured = latencies.filter((latency) => latency.count > 0).toSorted((a, b) => (b.p99 ?? 0) - (a.p99 ?? 0))
  if (measured.length === 0) return null
  return (
    <Table.ScrollContainer minWidth={340} mt="sm">
      <Table fz="sm" verticalSpacing={6} maw={720} aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{head}</Table.Th>
            <Table.Th ta="right">Median</Table.Th>
            <Table.Th ta="right">Slowest 1 in 100</Table.Th>
            <Table.Th ta="right">{unit}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {measured.slice(0, MOST_NODES).map(({ node, p50, p99, count: times }) => (
            <Table.Tr key={node}>
              <Table.Td>
                <Group gap={6} wrap="nowrap">
                  <span aria-hidden="true" style={{ color: nodeColour(node) }}>
                    ●
                  </span>
                  <NodeName node={node} />
                </Group>
              </Table.Td>
              <Table.Td ta="right">{words(p50)}</Table.Td>
              <Table.Td ta="right">{words(p99)}</Table.Td>
              <Table.Td ta="right">{count(times)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {measured.length > MOST_NODES && (
        <Text size="xs" c="dimmed">
          And {plural(measured.length - MOST_NODES, 'node')} that were faster.
        </Text>
      )}
    </Table.ScrollContainer>
  )
}

function quantiles({ p50, p99 }: { readonly p50: number | null; readonly p99: number | null }): string {
  return p50 === null ? 'Not measured yet' : `Median ${words(p50)}, slowest 1 in 100 ${words(p99)}`
}

/** No line ends between a number and its unit. */
function words(ms: number | null): string {
  return ms === null ? '–' : duration(ms).replaceAll(' ', '\u00a0')
}
