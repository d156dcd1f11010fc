import { Readable } from 'node:stream'
import { ROUTES, SyncError } from '@causeway/protocol'
import { actingIn } from '../access/actor.ts'
import type { Coordinator } from '../coordinator.ts'
import type { App } from './app.ts'
import { attachment } from './attachment.ts'
import { OK, serveRoute } from './serve-route.ts'

const { history: HISTORY } = ROUTES

/** What was, and how to have it back. */
export function addHistoryRoutes(app: App, coordinator: Coordinator): void {
  const { history, chunkMaps, restores, undos, events, contents } = coordinator
  serveRoute(app, HISTORY.versions, async ({ params, query }) => history.versions(params.folder, query, query))
  serveRoute(app, HISTORY.versionContent, async ({ params }, reply) => {
    const { state } = await history.version(params.folder, params.seq)
    if (state.content.kind !== 'file')
      throw new SyncError('bad-request', `version ${state.seq} is a ${state.content.kind}`)
    attachment(reply, state.name)
    reply.header('content-length', state.content.size)
    return reply.send(Readable.from(await contents.read(state.content), { objectMode: false }))
  })
  serveRoute(app, HISTORY.versionChunks, async ({ params }) => chunkMaps.of(params.folder, params.seq))
  serveRoute(app, HISTORY.compare, async ({ params, query }) => history.compare(params.folder, query.a, query.b))
  serveRoute(app, HISTORY.asOf, async ({ params, query }) => history.asOf(params.folder, query, query))
  serveRoute(app, ROUTES.entries.bringBack, async (request) => {
    await restores.bringBack(actingIn(request), request.body.entries)
    return OK
  })
  serveRoute(app, HISTORY.restore, async (request) => ({
    restored: await restores.restore(actingIn(request), request.body),
  }))
  serveRoute(app, HISTORY.undo, async (request) => ({
    restored: await restores.undo(actingIn(request), request.params.position),
  }))
  serveRoute(app, HISTORY.commitUndo, async ({ params }) => undos.plan(params.folder, params.seq))
  serveRoute(app, HISTORY.undoCommit, async (request) => undos.undo(actingIn(request), request.params.seq))
  serveRoute(app, HISTORY.events, async ({ query }) => {
    const { after, before, limit, folder, node, entry, kinds } = query
    const filter = {
      ...(folder !== undefined && { folder }),
      ...(node !== undefined && { node }),
      ...(entry !== undefined && { entry }),
      ...(kinds !== undefined && { kinds }),
    }
    return { events: await events.list({ after, before, filter, limit }) }
  })
  serveRoute(app, HISTORY.eventOrder, async ({ query }) => ({ order: await events.order(query.a, query.b) }))
}
