import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  AuthorSchema,
  ChangeMembershipSchema,
  ChangeNodeSchema,
  FolderIdSchema,
  GiveFolderSchema,
  LostDeviceSchema,
  MembershipViewSchema,
  NodeIdSchema,
  NodeSummarySchema,
  NodeViewSchema,
  OkSchema,
  RegisterRequestSchema,
  SyncError,
  type NodeId,
  type NodeSummary,
  type NodeView,
} from '@causeway/protocol'
import { personOf } from '../access/gate.ts'
import { nodeFor, nodesFor } from '../access/seen.ts'
import type { Coordinator } from '../coordinator.ts'
import type { App } from './app.ts'

const NodeParams = z.object({ id: NodeIdSchema })
const MemberParams = z.object({ folder: FolderIdSchema, node: NodeIdSchema })
const tags = ['nodes']
const PERSON = { access: 'person' } as const

/** Nodes, in the original interface (`/api`) and the present one (`/api/v1`). */
export function addNodeRoutes(app: App, { assignments, nodes, lostDevices }: Coordinator): void {
  /** One answer for a node that is not there and one that has none of somebody's folders. */
  async function nodeSeen(request: FastifyRequest, id: NodeId): Promise<NodeView> {
    const view = nodeFor(personOf(request).rights, await nodes.get(id))
    if (view === null) throw new SyncError('not-found', `there is no node ${id}`)
    return view
  }

  app.post(
    '/api/register',
    { schema: { tags, body: RegisterRequestSchema, response: { 200: NodeSummarySchema } } },
    async (request) => summaryOf(await nodes.register(request.body)),
  )
  app.get(
    '/api/nodes',
    { config: PERSON, schema: { tags, response: { 200: z.array(NodeSummarySchema) } } },
    async (request) => nodesFor(personOf(request).rights, await nodes.list()).map(summaryOf),
  )
  app.get(
    '/api/nodes/:id',
    { config: PERSON, schema: { tags, params: NodeParams, response: { 200: NodeSummarySchema } } },
    async (request) => summaryOf(await nodeSeen(request, request.params.id)),
  )
  for (const url of ['/api/nodes/:id', '/api/v1/nodes/:id']) {
    app.delete(url, { schema: { tags, params: NodeParams, response: { 200: OkSchema } } }, async (request) => {
      await nodes.remove(request.params.id)
      return { ok: true as const }
    })
  }

  app.post(
    '/api/v1/nodes/:id/lost',
    { schema: { tags, params: NodeParams, response: { 200: LostDeviceSchema } } },
    async (request) => lostDevices.report(request.params.id),
  )
  app.get(
    '/api/v1/nodes',
    { config: PERSON, schema: { tags, response: { 200: z.array(NodeViewSchema) } } },
    async (request) => nodesFor(personOf(request).rights, await nodes.list()),
  )
  app.get(
    '/api/v1/nodes/:id',
    { config: PERSON, schema: { tags, params: NodeParams, response: { 200: NodeViewSchema } } },
    async (request) => nodeSeen(request, request.params.id),
  )
  app.patch(
    '/api/v1/nodes/:id',
    { schema: { tags, params: NodeParams, body: ChangeNodeSchema, response: { 200: NodeViewSchema } } },
    async (request) => nodes.rename(request.params.id, request.body.name),
  )
  app.put(
    '/api/v1/folders/:folder/members/:node',
    { schema: { tags, params: MemberParams, body: GiveFolderSchema, response: { 200: OkSchema } } },
    async (request) => {
      await assignments.give(request.params.folder, request.params.node, request.body.access)
      return { ok: true as const }
    },
  )
  app.delete(
    '/api/v1/folders/:folder/members/:node',
    { schema: { tags, params: MemberParams, response: { 200: OkSchema } } },
    async (request) => {
      await assignments.takeAway(request.params.folder, request.params.node)
      return { ok: true as const }
    },
  )
  app.post(
    '/api/v1/folders/:folder/members/:node/decline',
    { schema: { tags, params: MemberParams, response: { 200: OkSchema } } },
    async (request) => {
      await assignments.decline(request.params.folder, request.params.node)
      return { ok: true as const }
    },
  )
  app.get(
    '/api/v1/folders/:folder/members',
    {
      config: { access: 'member' },
      schema: { tags, params: z.object({ folder: FolderIdSchema }), response: { 200: z.array(MembershipViewSchema) } },
    },
    async (request) => [...(await nodes.members(request.params.folder))],
  )
  app.get(
    '/api/v1/folders/:folder/authors',
    {
      config: { access: 'member' },
      schema: { tags, params: z.object({ folder: FolderIdSchema }), response: { 200: z.array(AuthorSchema) } },
    },
    async (request) => [...(await nodes.authors(request.params.folder))],
  )
  app.patch(
    '/api/v1/folders/:folder/members/:node',
    { schema: { tags, params: MemberParams, body: ChangeMembershipSchema, response: { 200: MembershipViewSchema } } },
    async (request) => nodes.changeMember(request.params.folder, request.params.node, request.body),
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
