import { Readable } from 'node:stream'
import { ROUTES } from '@causeway/protocol'
import type { Coordinator } from '../coordinator.ts'
import type { App } from './app.ts'
import { attachment } from './attachment.ts'
import { serveRoute } from './serve-route.ts'

/** A directory, or several entries, to take along. */
export function addArchiveRoutes(app: App, { archives }: Coordinator): void {
  serveRoute(app, ROUTES.entries.archive, async ({ params, query }, reply) => {
    const { name, stream } = await archives.zip(params.folder, [query.path].flat(), [query.except].flat())
    attachment(reply, name)
    return reply.type('application/zip').send(Readable.from(stream, { objectMode: false }))
  })
}
