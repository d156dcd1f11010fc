import { Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import { z } from 'zod'
import { MetricsSchema, SAVINGS_FIELDS, type Metrics, type NodeLatency, type Savings } from '@causeway/protocol'
import type { Coordinator } from '../coordinator.ts'
import { BOUNDS_MS } from '../measure/histogram.ts'
import type { Measured } from '../measure/meter.ts'
import type { App } from './app.ts'

/** What was measured: as JSON, and as Prometheus text. */
export function addMetricsRoutes(app: App, coordinator: Coordinator): void {
  const registry = prometheus(coordinator)
  const tags = ['metrics']
  app.get('/api/metrics', { schema: { tags, response: { 200: MetricsSchema } } }, async () => metricsOf(coordinator))
  app.get('/metrics', { schema: { tags, response: { 200: z.string() } } }, async (_request, reply) => {
    return reply
      .type(registry.contentType)
      .serializer(String)
      .send(await registry.metrics())
  })
}

async function metricsOf(coordinator: Coordinator): Promise<Metrics> {
  const { context, contents, folders, presence, packWatch } = coordinator
  const { meter, savings } = coordinator.measure
  const all = await folders.list()
  const readings = meter.readings()
  const { commits, accepted, refused, bytesIn, bytesOut, p50Ms, p99Ms, fanOutP50Ms, fanOutP99Ms } = readings
  const { saveP50Ms, saveP99Ms, save, saveByNode, commit, fanOut, delivery, deliveryByNode } = readings
  const operations = accepted + refused
  const registered = await context.metadata.read(
    async (tx) => (await tx.nodes()).filter(({ revoked }) => !revoked).length,
  )
  return {
    nodes: { registered, online: presence.online() },
    folders: all.length,
    files: sum(all.map(({ counts }) => counts.files)),
    bytes: sum(all.map(({ counts }) => counts.bytes)),
    conflicts: sum(all.map(({ openConflicts }) => openConflicts)),
    commits,
    operations: { accepted, refused },
    successRate: operations === 0 ? null : accepted / operations,
    saveLatencyMs: { p50: saveP50Ms, p99: saveP99Ms },
    commitLatencyMs: { p50: p50Ms, p99: p99Ms },
    fanOutLatencyMs: { p50: fanOutP50Ms, p99: fanOutP99Ms },
    latency: { boundsMs: [...BOUNDS_MS], save, saveByNode, commit, fanOut, delivery, deliveryByNode },
    wire: { bytesIn, bytesOut },
    savings: withShare(await savings.total()),
    damagedChunks: { found: contents.repair.foundCount, awaited: await contents.repair.awaitedCount() },
    storageProblems: [...packWatch.problems()],
    uptimeSeconds: process.uptime(),
  }
}

function prometheus(coordinator: Coordinator): Registry {
  const registry = new Registry()
  const buckets = BOUNDS_MS.map((bound) => bound / 1000)
  const histogram = (name: string, help: string) => new Histogram({ name, help, buckets, registers: [registry] })
  const histograms: Readonly<Record<Measured, Histogram>> = {
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
  coordinator.measure.meter.onMeasured((what, milliseconds) => histograms[what].observe(milliseconds / 1000))
  const byNode = (name: string, help: string) =>
    new Gauge({ name, help, labelNames: ['node', 'quantile'], registers: [registry] })
  const saves = byNode(
    'causeway_save_to_commit_recent_seconds',
    "Save to commit by node: quantiles over the node's last saves",
  )
  const deliveries = byNode(
    'causeway_delivery_recent_seconds',
    "Delivery by node: quantiles over the node's last commits",
  )
  collectDefaultMetrics({ register: registry, prefix: 'causeway_' })
  const gauges: [name: string, help: string, read: (metrics: Metrics) => number | null][] = [
    ['causeway_nodes_registered', 'Nodes that are registered', ({ nodes }) => nodes.registered],
    ['causeway_nodes_online', 'Nodes whose link stands', ({ nodes }) => nodes.online],
    ['causeway_folders', 'Folders', ({ folders }) => folders],
    ['causeway_files', 'Live files in all folders', ({ files }) => files],
    ['causeway_file_bytes', 'Plain bytes of all live files', ({ bytes }) => bytes],
    ['causeway_conflicts_open', 'Open conflicts', ({ conflicts }) => conflicts],
    ['causeway_commits_total', 'Commits since the start', ({ commits }) => commits],
    [
      'causeway_operations_accepted_total',
      'Operations not refused since the start',
      ({ operations }) => operations.accepted,
    ],
    ['causeway_operations_refused_total', 'Operations refused since the start', ({ operations }) => operations.refused],
    [
      'causeway_commit_latency_p50_ms',
      'Median commit latency of the last commits',
      (metrics) => metrics.commitLatencyMs.p50,
    ],
    ['causeway_commit_latency_p99_ms', '99th percentile of the same', (metrics) => metrics.commitLatencyMs.p99],
    [
      'causeway_damaged_chunks_found_total',
      'Chunks found damaged since the start',
      ({ damagedChunks }) => damagedChunks.found,
    ],
    [
      'causeway_damaged_chunks_awaited',
      'Damaged chunks that no node has sent again yet',
      ({ damagedChunks }) => damagedChunks.awaited,
    ],
    ['causeway_wire_in_bytes_total', 'Bytes received since the start', ({ wire }) => wire.bytesIn],
    ['causeway_wire_out_bytes_total', 'Bytes sent since the start', ({ wire }) => wire.bytesOut],
  ]
  for (const field of SAVINGS_FIELDS)
    gauges.push([savingsName(field), SAVINGS_HELP[field], ({ savings }) => savings[field]])
  const made = gauges.map(([name, help, read]) => ({ gauge: new Gauge({ name, help, registers: [] }), read }))
  for (const { gauge } of made) registry.registerMetric(gauge)
  const plain = registry.metrics.bind(registry)
  registry.metrics = async () => {
    const metrics = await metricsOf(coordinator)
    setQuantiles(saves, metrics.latency.saveByNode)
    setQuantiles(deliveries, metrics.latency.deliveryByNode)
    for (const { gauge, read } of made) {
      const value = read(metrics)
      if (value !== null) gauge.set(value)
    }
    return plain()
  }
  return registry
}

function setQuantiles(gauge: Gauge<'node' | 'quantile'>, latencies: readonly NodeLatency[]): void {
  gauge.reset()
  for (const { node, p50, p99 } of latencies) {
    if (p50 !== null) gauge.set({ node, quantile: '0.5' }, p50 / 1000)
    if (p99 !== null) gauge.set({ node, quantile: '0.99' }, p99 / 1000)
  }
}

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
  wholeFileBytes: 'What sending whole files would have taken',
}

function savingsName(field: string): string {
  return `causeway_savings_${field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_total`
}

function withShare(total: Savings): Metrics['savings'] {
  const { logicalBytes, wireBytes } = total
  return { ...total, savedShare: logicalBytes === 0 ? null : 1 - wireBytes / logicalBytes }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
