import type { FastifyRequest } from 'fastify'
import { ROUTES, SyncError, type NodeId, type NodeSummary, type NodeView } from '@causeway/protocol'
import { actingIn, actorBehind } from '../access/actor.ts'
import { personOf } from '../access/gate.ts'
import { nodeFor, nodesFor } from '../access/seen.ts'
import type { Coordinator } from '../coordinator.ts'
import type { App } from './app.ts'
import { OK, serveRoute } from './serve-route.ts'

const { nodes: present, original } = ROUTES

/** Nodes, in the original interface (`/api`) and the present one (`/api/v1`). */
export function addNodeRoutes(app: App, { assignments, nodes, lostDevices }: Coordinator): void {
  /** One answer for a node that is not there and one that has none of somebody's folders. */
  async function nodeSeen(request: FastifyRequest, id: NodeId): Promise<NodeView> {
    const view = nodeFor(personOf(request).rights, await nodes.get(id))
    if (view === null) throw new SyncError('not-found', `there is no node ${id}`)
    return view
  }

  serveRoute(app, original.register, async ({ body }) => summaryOf(await nodes.register(body)))
  serveRoute(app, original.nodes, async (request) =>
    nodesFor(personOf(request).rights, await nodes.list()).map(summaryOf),
  )
  serveRoute(app, original.node, async (request) => summaryOf(await nodeSeen(request, request.params.id)))
  for (const removal of [original.removeNode, present.remove] as const) {
    serveRoute(app, removal, async (request) => {
      await nodes.remove(request.params.id, actorBehind(request))
      return OK
    })
  }
  serveRoute(app, present.reportLost, async (request) => lostDevices.report(request.params.id, actorBehind(request)))
  serveRoute(app, present.list, async (request) => nodesFor(personOf(request).rights, await nodes.list()))
  serveRoute(app, present.get, async (request) => nodeSeen(request, request.params.id))
  serveRoute(app, present.change, async ({ params, body }) => nodes.change(params.id, body))
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
