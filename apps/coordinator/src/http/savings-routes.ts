import type { FastifyRequest } from 'fastify'
import {
  ROUTES,
  SyncError,
  type Direction,
  type EntryId,
  type FolderId,
  type NodeId,
  type QueryOf,
} from '@causeway/protocol'
import type { TransferFilter } from '@causeway/store'
import { admitTo, personOf } from '../access/gate.ts'
import type { Coordinator } from '../coordinator.ts'
import type { App } from './app.ts'
import { serveRoute } from './serve-route.ts'

const { savings: SAVINGS } = ROUTES

/** What crossed the wire, and what was saved: of everything for people, of one folder for its nodes too. */
export function addSavingsRoutes(app: App, { measure }: Coordinator): void {
  const { savings, throughput } = measure
  serveRoute(app, SAVINGS.throughput, async (request) =>
    throughput.series({ ...request.query, folder: folderSeen(request, request.query.folder) }),
  )
  serveRoute(app, SAVINGS.all, async ({ query }) => savings.savings(filterOf(query), query.since))
  serveRoute(app, SAVINGS.ofFolder, async ({ params, query }) =>
    savings.savings(filterOf({ ...query, folder: params.folder }), query.since),
  )
  serveRoute(app, SAVINGS.transfers, async ({ query }) => savings.transfers(filterOf(query), pageOf(query)))
  serveRoute(app, SAVINGS.transfersOfFolder, async ({ params, query }) =>
    savings.transfers(filterOf({ ...query, folder: params.folder }), pageOf(query)),
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

function pageOf({ order, before, limit }: QueryOf<typeof SAVINGS.transfers>) {
  return { order, limit, ...(before !== undefined && { before }) }
}
