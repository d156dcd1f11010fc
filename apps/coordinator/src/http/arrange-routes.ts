import { check, NameSchema, ROUTES } from '@causeway/protocol'
import { segmentsOf } from '@causeway/log'
import type { Coordinator } from '../coordinator.ts'
import type { App } from './app.ts'
import { serveRoute } from './serve-route.ts'

const { entries } = ROUTES

/** Making directories, moving and deleting, from afar. */
export function addArrangeRoutes(app: App, { arrange, everything }: Coordinator): void {
  serveRoute(app, entries.makeDirectory, async ({ params, body }) =>
    arrange.makeDirectory(params.folder, checkedNames(body.path)),
  )
  serveRoute(app, entries.move, async ({ params, body }) =>
    arrange.move(params.folder, body.from, checkedNames(body.to)),
  )
  serveRoute(app, entries.remove, async ({ params, body }) => ({
    removed: await arrange.remove(params.folder, body.paths),
  }))
  serveRoute(app, entries.countEverything, async ({ params, body }) => everything.count(params.folder, body))
  serveRoute(app, entries.removeEverything, async ({ params, body }) => everything.remove(params.folder, body))
  serveRoute(app, entries.moveEverything, async ({ params, body }) => everything.move(params.folder, body))
}

/** A path that is to come into being: each of its names must be one that can stand on a disk. */
function checkedNames(path: string): string {
  for (const segment of segmentsOf(path)) check(NameSchema, segment)
  return path
}
