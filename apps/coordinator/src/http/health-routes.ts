import { AliveSchema, HealthSchema, LINK_VERSION, ReadinessSchema } from '@causeway/protocol'
import type { Coordinator } from '../coordinator.ts'
import type { App } from './app.ts'
import { createReadiness } from './readiness.ts'

/** For balancers and supervisors, and for anybody: whether the process answers, and whether requests should come here. */
export function addHealthRoutes(app: App, { context, packWatch }: Coordinator): void {
  const { metadata, timers } = context
  const readiness = createReadiness({ metadata, packsAreInPlace: packWatch.isInPlace, drain: app.drain, timers })
  const tags = ['metrics']
  const config = { access: 'public' } as const
  const open = { tags, security: [] }

  app.get(
    '/healthz',
    {
      config,
      schema: { ...open, summary: 'Whether the process answers; it looks at no store', response: { 200: AliveSchema } },
    },
    () => ({ status: 'ok' as const }),
  )
  app.get(
    '/readyz',
    {
      config,
      schema: {
        ...open,
        summary: 'Whether requests should be sent here: both stores can be reached, and it is not stopping',
        response: { 200: ReadinessSchema, 503: ReadinessSchema },
      },
    },
    async (_request, reply) => {
      const reason = await readiness.obstacle()
      if (reason === null) return { status: 'ready' as const }
      return reply.code(503).send({ status: 'not-ready', reason })
    },
  )
  app.get('/health', { config, schema: { ...open, response: { 200: HealthSchema } } }, async () => {
    // An answer here means that the metadata can be read.
    await metadata.read((tx) => tx.setting('health'))
    return { status: 'ok' as const, coordinator: context.id, version: LINK_VERSION }
  })
}
