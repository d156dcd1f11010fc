import { check, NameSchema, ROUTES } from '@causeway/protocol'
import { segmentsOf } from '@causeway/log'
import { actingIn } from '../access/actor.ts'
import type { Coordinator } from '../coordinator.ts'
import type { App } from './app.ts'
import { serveRoute } from './serve-route.ts'

const { entries } = ROUTES

/** Making directories, moving and deleting, from afar. */
export function addArrangeRoutes(app: App, { arrange, everything }: Coordinator): void {
  serveRoute(app, entries.makeDirectory, async (request) =>
    arrange.makeDirectory(actingIn(request), checkedNames(request.body.path)),
  )
  serveRoute(app, entries.move, async (request) =>
    arrange.move(actingIn(request), request.body.from, checkedNames(request.body.to)),
  )
  serveRoute(app, entries.remove, async (request) => ({
    removed: await arrange.remove(actingIn(request), request.body.paths),
  }))
  serveRoute(app, entries.countEverything, async ({ params, body }) => everything.count(params.folder, body))
  serveRoute(app, entries.removeEverything, async (request) => everything.remove(actingIn(request), request.body))
  serveRoute(app, entries.moveEverything, async (request) => everything.move(actingIn(request), request.body))
}

/** A path that is to come into being: each of its names must be one that can stand on a disk. */
function checkedNames(path: string): string {
  for (const segment of segmentsOf(path)) check(NameSchema, segment)
  return path
}
