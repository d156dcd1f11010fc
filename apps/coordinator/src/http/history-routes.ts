import { Readable } from 'node:stream'
import { ROUTES, SyncError } from '@causeway/protocol'
import { actingIn } from '../access/actor.ts'
import { personOf } from '../access/gate.ts'
import { maySee } from '../access/person-rights.ts'
import { eventsFor } from '../access/seen.ts'
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
    return reply.send(
      Readable.from(await contents.read({ ...state.content, folder: params.folder }), { objectMode: false }),
    )
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
  serveRoute(app, HISTORY.events, async (request) => {
    const { after, before, limit, folder, node, entry, kinds } = request.query
    const filter = {
      ...(folder !== undefined && { folder }),
      ...(node !== undefined && { node }),
      ...(entry !== undefined && { entry }),
      ...(kinds !== undefined && { kinds }),
    }
    const seen = eventsFor(personOf(request).rights, filter)
    return { events: await events.list({ after, before, filter: seen, limit }) }
  })
  serveRoute(app, HISTORY.eventOrder, async (request) => {
    const { rights } = personOf(request)
    return { order: await events.order(request.query.a, request.query.b, (folder) => maySee(rights, folder)) }
  })
}
