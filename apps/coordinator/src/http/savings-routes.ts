import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  SyncError,
  FolderIdSchema,
  SavingsQuerySchema,
  SavingsResponseSchema,
  ThroughputQuerySchema,
  ThroughputResponseSchema,
  TransfersQuerySchema,
  TransfersResponseSchema,
} from '@causeway/protocol'
import type { EntryId, FolderId, NodeId, Direction } from '@causeway/protocol'
import type { TransferFilter } from '@causeway/store'
import { admitTo, personOf } from '../access/gate.ts'
import type { Coordinator } from '../coordinator.ts'
import type { App } from './app.ts'

const Params = z.object({ folder: FolderIdSchema })
const tags = ['savings']
const PERSON = { access: 'person' } as const
const MEMBER = { access: 'member' } as const

/** What crossed the wire, and what was saved: of everything for people, of one folder for its nodes too. */
export function addSavingsRoutes(app: App, { measure }: Coordinator): void {
  const { savings, throughput } = measure
  app.get(
    '/api/v1/throughput',
    {
      config: PERSON,
      schema: { tags, querystring: ThroughputQuerySchema, response: { 200: ThroughputResponseSchema } },
    },
    async (request) => throughput.series({ ...request.query, folder: folderSeen(request, request.query.folder) }),
  )
  app.get(
    '/api/v1/savings',
    { schema: { tags, querystring: SavingsQuerySchema, response: { 200: SavingsResponseSchema } } },
    async ({ query }) => savings.savings(filterOf(query), query.since),
  )
  app.get(
    '/api/v1/folders/:folder/savings',
    {
      config: MEMBER,
      schema: { tags, params: Params, querystring: SavingsQuerySchema, response: { 200: SavingsResponseSchema } },
    },
    async ({ params, query }) => savings.savings(filterOf({ ...query, folder: params.folder }), query.since),
  )
  app.get(
    '/api/v1/transfers',
    { schema: { tags, querystring: TransfersQuerySchema, response: { 200: TransfersResponseSchema } } },
    async ({ query }) => savings.transfers(filterOf(query), pageOf(query)),
  )
  app.get(
    '/api/v1/folders/:folder/transfers',
    {
      config: MEMBER,
      schema: { tags, params: Params, querystring: TransfersQuerySchema, response: { 200: TransfersResponseSchema } },
    },
    async ({ params, query }) => savings.transfers(filterOf({ ...query, folder: params.folder }), pageOf(query)),
  )
}

/** Sums over all folders are for those who see all. */
function folderSeen(request: FastifyRequest, folder: FolderId | undefined): FolderId | undefined {
  if (folder !== undefined) admitTo(request, folder, 'list')
  else if (personOf(request).rights.everywhere === null)
    throw new SyncError('not-allowed', 'name one of your folders: what moved in all of them is for admins')
  return folder
}

interface Asked {
  readonly folder?: FolderId | undefined
  readonly node?: NodeId | undefined
  readonly direction?: Direction | undefined
  readonly entry?: EntryId | undefined
}

function filterOf({ folder, node, direction, entry }: Asked): TransferFilter & { readonly entry?: EntryId } {
  return {
    ...(folder !== undefined && { folder }),
    ...(node !== undefined && { node }),
    ...(direction !== undefined && { direction }),
    ...(entry !== undefined && { entry }),
  }
}

function pageOf({ order, before, limit }: z.infer<typeof TransfersQuerySchema>) {
  return { order, limit, ...(before !== undefined && { before }) }
}
