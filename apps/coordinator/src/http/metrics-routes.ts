import { Gauge, Registry, collectDefaultMetrics } from 'prom-client'
import { z } from 'zod'
import { HealthSchema, LINK_VERSION, MetricsSchema, type Metrics } from '@causeway/protocol'
import type { Coordinator } from '../coordinator.ts'
import type { App } from './app.ts'

/** What was measured: as JSON, as Prometheus text; and whether anybody is there at all. */
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
  app.get('/health', { config: { access: 'public' }, schema: { tags, response: { 200: HealthSchema } } }, async () => {
    // An answer here means that the metadata can be read.
    await coordinator.context.metadata.read((tx) => tx.setting('health'))
    return { status: 'ok' as const, coordinator: coordinator.context.id, version: LINK_VERSION }
  })
}

async function metricsOf({ context, folders, fleet, meter }: Coordinator): Promise<Metrics> {
  const all = await folders.list()
  const { commits, accepted, refused, bytesIn, bytesOut, p50Ms, p99Ms } = meter.readings()
  const operations = accepted + refused
  const registered = await context.metadata.read(
    async (tx) => (await tx.nodes()).filter(({ revoked }) => !revoked).length,
  )
  return {
    nodes: { registered, online: fleet.online() },
    folders: all.length,
    files: sum(all.map(({ counts }) => counts.files)),
    bytes: sum(all.map(({ counts }) => counts.bytes)),
    conflicts: sum(all.map(({ openConflicts }) => openConflicts)),
    commits,
    operations: { accepted, refused },
    successRate: operations === 0 ? null : accepted / operations,
    commitLatencyMs: { p50: p50Ms, p99: p99Ms },
    wire: { bytesIn, bytesOut },
    damagedChunks: { found: context.damage.foundCount, awaited: (await context.damage.awaited()).length },
    uptimeSeconds: process.uptime(),
  }
}

function prometheus(coordinator: Coordinator): Registry {
  const registry = new Registry()
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
  const made = gauges.map(([name, help, read]) => ({ gauge: new Gauge({ name, help, registers: [] }), read }))
  for (const { gauge } of made) registry.registerMetric(gauge)
  const plain = registry.metrics.bind(registry)
  registry.metrics = async () => {
    const metrics = await metricsOf(coordinator)
    for (const { gauge, read } of made) {
      const value = read(metrics)
      if (value !== null) gauge.set(value)
    }
    return plain()
  }
  return registry
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
