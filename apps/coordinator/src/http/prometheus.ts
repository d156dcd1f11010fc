import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import { LINK_VERSION, SAVINGS_FIELDS, type Metrics, type NodeLatency, type Savings } from '@causeway/protocol'
import type { Coordinator } from '../coordinator.ts'
import { BOUNDS_MS } from '../measure/histogram.ts'
import type { Measured } from '../measure/meter.ts'
import type { App } from './app.ts'

/** What was measured, as Prometheus reads it; docs/operations/metrics.md lists every name. */
export interface Prometheus {
  readonly contentType: string
  text(): Promise<string>
}

export interface PrometheusOptions {
  readonly app: App
  readonly coordinator: Coordinator
  /** Tells this process from others that serve the same store; on every series as `coordinator`. */
  readonly instance: string
  readonly read: () => Promise<Metrics>
}

export function createPrometheus({ app, coordinator, instance, read }: PrometheusOptions): Prometheus {
  const registry = new Registry()
  registry.setDefaultLabels({ coordinator: instance })
  collectDefaultMetrics({ register: registry, prefix: 'causeway_' })
  const histograms = histogramsIn(registry)
  coordinator.measure.meter.onMeasured((what, milliseconds) => histograms[what].observe(milliseconds / 1000))
  const labels = ['id', 'link_version']
  new Gauge({ name: 'causeway_coordinator_info', help: 'Always 1', labelNames: labels, registers: [registry] }).set(
    { id: coordinator.context.id, link_version: LINK_VERSION },
    1,
  )
  const tell = [
    ...COUNTERS.map(([name, help, valueOf]) => tellCount(new Counter({ name, help, registers: [registry] }), valueOf)),
    ...GAUGES.map(([name, help, valueOf]) => tellValue(new Gauge({ name, help, registers: [registry] }), valueOf)),
    ...RECENT.map(([name, help, of]) => {
      return tellQuantiles(new Gauge({ name, help, labelNames: ['node', 'quantile'], registers: [registry] }), of)
    }),
    ofThisProcess(app, coordinator, registry),
  ]
  countRequests(app, registry)
  return {
    contentType: registry.contentType,
    async text() {
      const metrics = await read()
      for (const set of tell) set(metrics)
      return registry.metrics()
    },
  }
}

type Tell = (metrics: Metrics) => void
type Reading = readonly [name: string, help: string, valueOf: (metrics: Metrics) => number]

const SAVINGS_HELP: Readonly<Record<keyof Savings, string>> = {
  files: 'File contents that crossed a hop, both ways',
  logicalBytes: 'What those files hold',
  wireBytes: 'What crossed the wire for them',
  reusedBytes: 'Plain bytes that the receiver held already',
  deltaBytes: 'Plain bytes told by deltas',
  deltaWireBytes: 'What the deltas took',
  packedBytes: 'Plain bytes sent compressed',
  packedWireBytes: 'What those took',
  plainBytes: 'Bytes sent as they are',
  peerBytes: 'Bytes that nodes received from other nodes',
  wholeFileBytes: 'What sending whole files would have taken',
}

const COUNTERS: readonly Reading[] = [
  ['causeway_commits_total', 'Commits since the start', ({ commits }) => commits],
  ['causeway_operations_accepted_total', 'Operations not refused since the start', (m) => m.operations.accepted],
  ['causeway_operations_refused_total', 'Operations refused since the start', (m) => m.operations.refused],
  ['causeway_damaged_chunks_found_total', 'Chunks found damaged since the start', (m) => m.damagedChunks.found],
  ['causeway_wire_received_bytes_total', 'Bytes received since the start', ({ wire }) => wire.bytesIn],
  ['causeway_wire_sent_bytes_total', 'Bytes sent since the start', ({ wire }) => wire.bytesOut],
  ...SAVINGS_FIELDS.map((field): Reading => [savingsName(field), SAVINGS_HELP[field], ({ savings }) => savings[field]]),
]

const GAUGES: readonly Reading[] = [
  ['causeway_nodes_registered', 'Nodes that are registered', ({ nodes }) => nodes.registered],
  ['causeway_folders', 'Folders', ({ folders }) => folders],
  ['causeway_files', 'Live files in all folders', ({ files }) => files],
  ['causeway_file_bytes', 'Plain bytes of all live files', ({ bytes }) => bytes],
  ['causeway_conflicts_open', 'Open conflicts', ({ conflicts }) => conflicts],
  ['causeway_damaged_chunks_awaited', 'Damaged chunks that no node has sent again', (m) => m.damagedChunks.awaited],
  [
    'causeway_storage_problems',
    'What is wrong with the stores; /api/metrics says what',
    (m) => m.storageProblems.length,
  ],
  ['causeway_disk_free_bytes', 'Free on the disk with the least room', ({ disk }) => disk?.freeBytes ?? Number.NaN],
  ['causeway_disk_reserve_bytes', 'What new contents leave free there', ({ disk }) => disk?.reserveBytes ?? Number.NaN],
]

const RECENT: readonly (readonly [string, string, (metrics: Metrics) => readonly NodeLatency[]])[] = [
  [
    'causeway_save_to_commit_recent_seconds',
    "Save to commit by node: quantiles over the node's last saves",
    ({ latency }) => latency.saveByNode,
  ],
  [
    'causeway_delivery_recent_seconds',
    "Delivery by node: quantiles over the node's last commits",
    ({ latency }) => latency.deliveryByNode,
  ],
]

function tellCount(counter: Counter, valueOf: Reading[2]): Tell {
  return (metrics) => {
    counter.reset()
    counter.inc(valueOf(metrics))
  }
}

function tellValue(gauge: Gauge, valueOf: Reading[2]): Tell {
  return (metrics) => gauge.set(valueOf(metrics))
}

function tellQuantiles(gauge: Gauge<'node' | 'quantile'>, of: (metrics: Metrics) => readonly NodeLatency[]): Tell {
  return (metrics) => {
    gauge.reset()
    for (const { node, p50, p99 } of of(metrics)) {
      if (p50 !== null) gauge.set({ node, quantile: '0.5' }, p50 / 1000)
      if (p99 !== null) gauge.set({ node, quantile: '0.99' }, p99 / 1000)
    }
  }
}

/** What the measurements do not hold: sockets, what nodes report, whether it stops. */
function ofThisProcess(app: App, { presence }: Coordinator, registry: Registry): Tell {
  const registers = [registry]
  const draining = new Gauge({ name: 'causeway_draining', help: '1 while this coordinator stops', registers })
  const online = new Gauge({ name: 'causeway_nodes_online', help: 'Nodes connected to this coordinator', registers })
  const sockets = new Gauge({ name: 'causeway_sockets_open', help: 'Open sockets of nodes and pages', registers })
  const states = new Gauge({
    name: 'causeway_node_folders',
    help: 'Folders on the nodes connected here, by the state that the node reports',
    labelNames: ['state'],
    registers,
  })
  const pending = new Gauge({
    name: 'causeway_pending_changes',
    help: 'Changes that nodes connected here have still to send (up) or to apply (down)',
    labelNames: ['direction'],
    registers,
  })
  return () => {
    draining.set(app.drain.isDraining ? 1 : 0)
    online.set(presence.online().here)
    sockets.set(app.websocketServer.clients.size)
    states.reset()
    pending.reset()
    pending.set({ direction: 'up' }, 0)
    pending.set({ direction: 'down' }, 0)
    for (const { state, pendingUp, pendingDown } of presence.reports()) {
      states.inc({ state })
      pending.inc({ direction: 'up' }, pendingUp)
      pending.inc({ direction: 'down' }, pendingDown)
    }
  }
}

function countRequests(app: App, registry: Registry): void {
  const requests = new Counter({
    name: 'causeway_http_requests_total',
    help: 'Answered requests, by method and class of status',
    labelNames: ['method', 'status'],
    registers: [registry],
  })
  app.addHook('onResponse', async ({ method }, { statusCode }) => {
    requests.inc({ method, status: `${Math.floor(statusCode / 100)}xx` })
  })
}

function histogramsIn(registry: Registry): Readonly<Record<Measured, Histogram>> {
  const buckets = BOUNDS_MS.map((bound) => bound / 1000)
  const histogram = (name: string, help: string) => new Histogram({ name, help, buckets, registers: [registry] })
  return {
    save: histogram(
      'causeway_save_to_commit_seconds',
      "From a node's first notice of a saved file to the answer that its commit stands, by the node's own clock; waiting for the link counts",
    ),
    commit: histogram('causeway_commit_seconds', "From a commit's arrival to its answer"),
    'fan-out': histogram(
      'causeway_fan_out_seconds',
      "From a commit's being durable to its having been given to the socket of every node that follows",
    ),
    delivery: histogram(
      'causeway_delivery_seconds',
      "From a commit's being durable to a node's having said that it is on its disk, for each node whose link stood",
    ),
  }
}

function savingsName(field: string): string {
  return `causeway_savings_${field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_total`
}
