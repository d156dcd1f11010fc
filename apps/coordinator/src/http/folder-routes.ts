import { ROUTES } from '@causeway/protocol'
import { actingIn, actorBehind } from '../access/actor.ts'
import { personOf } from '../access/gate.ts'
import { maySee } from '../access/person-rights.ts'
import type { Coordinator } from '../coordinator.ts'
import type { App } from './app.ts'
import { OK, serveRoute } from './serve-route.ts'

const { folders: FOLDERS, removedFolders: REMOVED, conflicts: CONFLICTS } = ROUTES

/** Folders: what there is, what is in them, what waits for a person. */
export function addFolderRoutes(app: App, coordinator: Coordinator): void {
  const { folders, halts, removedFolders, browse, conflicts } = coordinator
  serveRoute(app, FOLDERS.list, async (request) => {
    const { rights } = personOf(request)
    return (await folders.list()).filter(({ id }) => maySee(rights, id))
  })
  serveRoute(app, FOLDERS.create, async ({ body }) => folders.create(body.name))
  serveRoute(app, FOLDERS.get, async ({ params }) => folders.get(params.folder))
  serveRoute(app, FOLDERS.change, async ({ params, body }) => folders.change(params.folder, body))
  serveRoute(app, FOLDERS.remove, async (request) => {
    await removedFolders.remove(actingIn(request))
    return OK
  })
  serveRoute(app, FOLDERS.resume, async (request) => folders.resume(actingIn(request)))
  serveRoute(app, FOLDERS.settleHalt, async (request) =>
    halts.settle(actingIn(request), request.params.node, request.body.choice),
  )

  serveRoute(app, REMOVED.list, async () => removedFolders.list())
  serveRoute(app, REMOVED.restore, async (request) =>
    removedFolders.restore({ folder: request.params.id, by: actorBehind(request) }),
  )
  serveRoute(app, REMOVED.deleteForGood, async ({ params }) => {
    await removedFolders.drop(params.id)
    return OK
  })

  serveRoute(app, ROUTES.entries.browse, async ({ params, query }) => browse.children(params.folder, query))

  serveRoute(app, CONFLICTS.list, async ({ params, query }) =>
    conflicts.list(params.folder, { open: query.state === 'open' }),
  )
  serveRoute(app, CONFLICTS.settle, async (request) => {
    await conflicts.settle(actingIn(request), request.params.copy, request.body.choice)
    return OK
  })
  serveRoute(app, CONFLICTS.reopen, async (request) => {
    await conflicts.reopen(actingIn(request), request.params.copy)
    return OK
  })
}
