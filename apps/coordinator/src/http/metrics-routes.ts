import { ROUTES, type Metrics, type Savings } from '@causeway/protocol'
import type { Coordinator } from '../coordinator.ts'
import { BOUNDS_MS } from '../measure/histogram.ts'
import type { App } from './app.ts'
import { createPrometheus } from './prometheus.ts'
import { serveRoute } from './serve-route.ts'

/** What was measured: as JSON, and as Prometheus text. */
export function addMetricsRoutes(app: App, coordinator: Coordinator, instance: string): void {
  const read = (): Promise<Metrics> => metricsOf(coordinator, instance)
  const prometheus = createPrometheus({ app, coordinator, instance, read })
  serveRoute(app, ROUTES.coordinator.metrics, read)
  serveRoute(app, ROUTES.coordinator.prometheus, async (_request, reply) => {
    return reply
      .type(prometheus.contentType)
      .serializer(String)
      .send(await prometheus.text())
  })
}

async function metricsOf(coordinator: Coordinator, instance: string): Promise<Metrics> {
  const { context, contents, folders, presence, packWatch, reserve } = coordinator
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
    coordinator: instance,
    nodes: { registered, online: presence.online().anywhere },
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
    storageProblems: [...packWatch.problems(), ...(await reserve.problems())],
    disk: await reserve.tightest(),
    uptimeSeconds: process.uptime(),
  }
}

function withShare(total: Savings): Metrics['savings'] {
  const { logicalBytes, wireBytes } = total
  return { ...total, savedShare: logicalBytes === 0 ? null : 1 - wireBytes / logicalBytes }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
