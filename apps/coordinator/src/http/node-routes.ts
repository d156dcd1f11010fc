import { ROUTES, type NodeSummary, type NodeView } from '@causeway/protocol'
import { actingIn, actorBehind } from '../access/actor.ts'
import type { Coordinator } from '../coordinator.ts'
import type { App } from './app.ts'
import { OK, serveRoute } from './serve-route.ts'

const { nodes: present, original } = ROUTES

/** Nodes, in the original interface (`/api`) and the present one (`/api/v1`). */
export function addNodeRoutes(app: App, { assignments, nodes }: Coordinator): void {
  serveRoute(app, original.register, async ({ body }) => summaryOf(await nodes.register(body)))
  serveRoute(app, original.nodes, async () => (await nodes.list()).map(summaryOf))
  serveRoute(app, original.node, async ({ params }) => summaryOf(await nodes.get(params.id)))
  for (const removal of [original.removeNode, present.remove] as const) {
    serveRoute(app, removal, async (request) => {
      await nodes.remove(request.params.id, actorBehind(request))
      return OK
    })
  }
  serveRoute(app, present.list, async () => nodes.list())
  serveRoute(app, present.get, async ({ params }) => nodes.get(params.id))
  serveRoute(app, present.rename, async ({ params, body }) => nodes.rename(params.id, body.name))
  serveRoute(app, present.giveFolder, async ({ params, body }) => {
    await assignments.give(params.folder, params.node, body.access)
    return OK
  })
  serveRoute(app, present.takeFolderAway, async (request) => {
    await assignments.takeAway(actingIn(request), request.params.node)
    return OK
  })
  serveRoute(app, present.declineFolder, async (request) => {
    await assignments.decline(actingIn(request), request.params.node)
    return OK
  })
  serveRoute(app, present.members, async ({ params }) => nodes.members(params.folder))
  serveRoute(app, present.authors, async ({ params }) => nodes.authors(params.folder))
  serveRoute(app, present.changeMember, async ({ params, body }) =>
    nodes.changeMember(params.folder, params.node, body),
  )
}

function summaryOf(node: NodeView): NodeSummary {
  return {
    node_id: node.id,
    name: node.name,
    address: node.address,
    port: node.port,
    watch_directories: node.watchDirectories,
    capabilities: node.capabilities,
    status: node.online ? 'online' : 'offline',
    registered_at: node.registeredAt,
    last_seen: node.lastSeenAt,
  }
}
