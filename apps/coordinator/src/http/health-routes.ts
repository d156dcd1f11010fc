import { LINK_VERSION, ROUTES } from '@causeway/protocol'
import type { Coordinator } from '../coordinator.ts'
import type { App } from './app.ts'
import { createReadiness } from './readiness.ts'
import { serveRoute } from './serve-route.ts'

const { alive, ready, health } = ROUTES.coordinator

/** For balancers and supervisors, and for anybody: whether the process answers, and whether requests should come here. */
export function addHealthRoutes(app: App, { context, packWatch }: Coordinator): void {
  const { metadata, timers } = context
  const readiness = createReadiness({ metadata, packsAreInPlace: packWatch.isInPlace, drain: app.drain, timers })
  serveRoute(app, alive, async () => ({ status: 'ok' as const }))
  serveRoute(app, ready, async (_request, reply) => {
    const reason = await readiness.obstacle()
    if (reason === null) return { status: 'ready' as const }
    reply.code(503)
    return { status: 'not-ready' as const, reason }
  })
  serveRoute(app, health, async () => {
    // An answer here means that the metadata can be read.
    await metadata.read((tx) => tx.setting('health'))
    return { status: 'ok' as const, coordinator: context.id, version: LINK_VERSION }
  })
}
