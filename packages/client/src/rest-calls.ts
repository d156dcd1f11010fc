import {
  AsOfResponseSchema,
  AuthorSchema,
  CHUNK_FRAMES_TYPE,
  BrowseResponseSchema,
  ChunkMapSchema,
  CommitUndoSchema,
  CompareResponseSchema,
  ConflictViewSchema,
  EnrolResponseSchema,
  EntryViewSchema,
  EventOrderResponseSchema,
  EventsResponseSchema,
  EverythingCountSchema,
  FilesResponseSchema,
  FileViewSchema,
  FolderViewSchema,
  HealthSchema,
  HistoryResponseSchema,
  InviteResponseSchema,
  MembershipViewSchema,
  MetricsSchema,
  MovedPartSchema,
  NodeSummarySchema,
  NodeViewSchema,
  OkSchema,
  OpenInviteSchema,
  UploadMissingSchema,
  RemovedFolderViewSchema,
  RemovedPartSchema,
  RemovedSchema,
  RestoreResponseSchema,
  SavingsResponseSchema,
  SessionViewSchema,
  ThroughputResponseSchema,
  TransfersResponseSchema,
  type Access,
  type Direction,
  type EnrolRequest,
  type EventKind,
  type Everything,
  type HaltDecision,
  type Hash,
  type UploadFinish,
  type InviteRequest,
  type RestoreRequest,
  type TransferOrder,
  type ThroughputBy,
  type ThroughputSpan,
} from '@causeway/protocol'
import { z } from 'zod'
import type { Http, Query } from './http.ts'

const StoredSchema = z.object({ stored: z.int() })

/** What names an entry: a path in its folder, or its id. */
export interface Target {
  readonly path?: string
  readonly entry?: string
}

export interface PageQuery {
  readonly after?: string
  readonly limit?: number
}

export interface BrowsePage extends PageQuery {
  readonly kind?: 'directory'
  readonly order?: 'name' | 'size' | 'changed'
  readonly direction?: 'asc' | 'desc'
  /** Only these. */
  readonly name?: readonly string[]
}

export type EverythingPart = Partial<Everything> & {
  /** The position of the log at which it was counted. */
  readonly asOf: number
  readonly after?: string | undefined
}

export interface EventQuery {
  readonly after?: number
  readonly before?: number
  readonly folder?: string
  readonly node?: string
  readonly entry?: string
  readonly kinds?: readonly EventKind[]
  readonly limit?: number
}

export interface ThroughputQuery {
  readonly span: ThroughputSpan
  readonly by: ThroughputBy
  readonly folder?: string | undefined
  readonly node?: string | undefined
}

export interface SavingsQuery {
  readonly node?: string
  readonly direction?: Direction
  /** ISO 8601. */
  readonly since?: string | undefined
}

export interface TransfersQuery {
  readonly node?: string
  readonly direction?: Direction
  readonly entry?: string
  readonly order?: TransferOrder
  readonly before?: number
  readonly limit?: number
}

/** One call a route; answers are checked against the schemas of the protocol. */
export function restCalls(http: Http) {
  const inFolder = (folder: string, rest = '') => `/api/v1/folders/${encodeURIComponent(folder)}${rest}`
  return {
    health: () => http.json('GET', '/health', HealthSchema),
    metrics: () => http.json('GET', '/api/metrics', MetricsSchema),

    /** In a browser the answer sets a cookie that stands for the token from then on. */
    signIn: (token: string) => http.json('POST', '/api/v1/session', OkSchema, { body: { token } }),
    session: () => http.json('GET', '/api/v1/session', SessionViewSchema),
    /** Ends the session of the cookie, with its sockets in every tab. */
    signOut: () => http.json('DELETE', '/api/v1/session', OkSchema),
    invite: (request: InviteRequest) => http.json('POST', '/api/v1/invites', InviteResponseSchema, { body: request }),
    invites: () => http.json('GET', '/api/v1/invites', z.array(OpenInviteSchema)),
    revokeInvite: (id: string) => http.json('DELETE', `/api/v1/invites/${encodeURIComponent(id)}`, OkSchema),
    enrol: (request: EnrolRequest) => http.json('POST', '/api/v1/enrol', EnrolResponseSchema, { body: request }),

    register: (node: Record<string, unknown>) => http.json('POST', '/api/register', NodeSummarySchema, { body: node }),
    nodes: () => http.json('GET', '/api/v1/nodes', z.array(NodeViewSchema)),
    node: (id: string) => http.json('GET', `/api/v1/nodes/${encodeURIComponent(id)}`, NodeViewSchema),
    renameNode: (id: string, name: string) =>
      http.json('PATCH', `/api/v1/nodes/${encodeURIComponent(id)}`, NodeViewSchema, { body: { name } }),
    removeNode: (id: string) => http.json('DELETE', `/api/v1/nodes/${encodeURIComponent(id)}`, OkSchema),
    members: (folder: string) => http.json('GET', inFolder(folder, '/members'), z.array(MembershipViewSchema)),
    /** The names behind the node ids in a folder's history. */
    authors: (folder: string) => http.json('GET', inFolder(folder, '/authors'), z.array(AuthorSchema)),
    changeMember: (folder: string, node: string, change: { access?: Access; paused?: boolean }) =>
      http.json('PATCH', inFolder(folder, `/members/${encodeURIComponent(node)}`), MembershipViewSchema, {
        body: change,
      }),

    giveFolder: (folder: string, node: string, access: Access) =>
      http.json('PUT', inFolder(folder, `/members/${encodeURIComponent(node)}`), OkSchema, { body: { access } }),
    declineFolder: (folder: string, node: string) =>
      http.json('POST', inFolder(folder, `/members/${encodeURIComponent(node)}/decline`), OkSchema),
    takeFolderAway: (folder: string, node: string) =>
      http.json('DELETE', inFolder(folder, `/members/${encodeURIComponent(node)}`), OkSchema),

    folders: () => http.json('GET', '/api/v1/folders', z.array(FolderViewSchema)),
    folder: (folder: string) => http.json('GET', inFolder(folder), FolderViewSchema),
    createFolder: (name: string) => http.json('POST', '/api/v1/folders', FolderViewSchema, { body: { name } }),
    changeFolder: (folder: string, change: Record<string, unknown>) =>
      http.json('PATCH', inFolder(folder), FolderViewSchema, { body: change }),
    removeFolder: (folder: string) => http.json('DELETE', inFolder(folder), OkSchema),
    removedFolders: () => http.json('GET', '/api/v1/removed-folders', z.array(RemovedFolderViewSchema)),
    restoreFolder: (folder: string) =>
      http.json('POST', `/api/v1/removed-folders/${encodeURIComponent(folder)}/restore`, FolderViewSchema),
    deleteFolderForGood: (folder: string) =>
      http.json('DELETE', `/api/v1/removed-folders/${encodeURIComponent(folder)}`, OkSchema),
    resumeFolder: (folder: string) => http.json('POST', inFolder(folder, '/resume'), FolderViewSchema),
    /** Settles what one node holds back. Resolves once the node was told; its reports say how far it is. */
    settleHalt: (folder: string, node: string, choice: HaltDecision['choice']) =>
      http.json('POST', inFolder(folder, `/halts/${encodeURIComponent(node)}`), FolderViewSchema, { body: { choice } }),
    browse: (folder: string, path = '', page: BrowsePage = {}) =>
      http.json('GET', inFolder(folder, '/entries'), BrowseResponseSchema, { query: { path, ...page } }),
    countEverything: (folder: string, what: Partial<Everything>) =>
      http.json('POST', inFolder(folder, '/entries/everything/count'), EverythingCountSchema, { body: what }),
    /** The next part of all that is in a directory. */
    removeEverything: (folder: string, part: EverythingPart) =>
      http.json('POST', inFolder(folder, '/entries/everything/delete'), RemovedPartSchema, { body: part }),
    moveEverything: (folder: string, part: EverythingPart & { into: string; only?: readonly string[] }) =>
      http.json('POST', inFolder(folder, '/entries/everything/move'), MovedPartSchema, { body: part }),
    bringBack: (folder: string, entries: readonly string[]) =>
      http.json('POST', inFolder(folder, '/entries/bring-back'), OkSchema, { body: { entries } }),
    makeDirectory: (folder: string, path: string) =>
      http.json('POST', inFolder(folder, '/entries/make-directory'), EntryViewSchema, { body: { path } }),
    move: (folder: string, from: string, to: string) =>
      http.json('POST', inFolder(folder, '/entries/move'), EntryViewSchema, { body: { from, to } }),
    remove: (folder: string, paths: readonly string[]) =>
      http.json('POST', inFolder(folder, '/entries/delete'), RemovedSchema, { body: { paths } }),
    files: (query: PageQuery & { folder?: string; prefix?: string; search?: string } = {}) =>
      http.json('GET', '/api/files', FilesResponseSchema, { query: { ...query } }),
    download: (folder: string, path: string, range?: string) =>
      http.bytes('/api/files/download', { folder, path }, range),
    upload(file: Blob, { path, folder, ownerNode }: { path: string; folder?: string; ownerNode?: string }) {
      const form = new FormData()
      form.set('path', path)
      if (folder !== undefined) form.set('folder', folder)
      if (ownerNode !== undefined) form.set('owner_node', ownerNode)
      form.set('file', file, path.split('/').at(-1) ?? 'file')
      return http.form('/api/files/upload', FileViewSchema, form)
    },

    archive: (folder: string, path = '') => http.bytes(inFolder(folder, '/archive'), { path }),
    missingChunks: async (folder: string, hashes: readonly Hash[]) =>
      (await http.json('POST', inFolder(folder, '/uploads/missing'), UploadMissingSchema, { body: { hashes } })).hashes,
    /** Chunk frames (see `encodeChunkFrame`), one after the other. */
    uploadChunks: (folder: string, frames: Blob) =>
      http.raw('POST', inFolder(folder, '/uploads/chunks'), StoredSchema, { type: CHUNK_FRAMES_TYPE, body: frames }),
    finishUpload: (folder: string, file: UploadFinish) =>
      http.json('POST', inFolder(folder, '/uploads'), FileViewSchema, { body: file }),

    history: (folder: string, target: Target, page: { before?: number; limit?: number } = {}) =>
      http.json('GET', inFolder(folder, '/history'), HistoryResponseSchema, { query: { ...target, ...page } }),
    versionContent: (folder: string, seq: number) => http.bytes(inFolder(folder, `/versions/${seq}/content`)),
    /** How a version's content follows from the one before it, chunk by chunk. */
    versionChunks: (folder: string, seq: number) =>
      http.json('GET', inFolder(folder, `/versions/${seq}/chunks`), ChunkMapSchema),
    compare: (folder: string, a: number, b: number) =>
      http.json('GET', inFolder(folder, '/compare'), CompareResponseSchema, { query: { a, b } }),
    asOf: (folder: string, when: { at?: string; seq?: number }, page: PageQuery = {}) =>
      http.json('GET', inFolder(folder, '/as-of'), AsOfResponseSchema, { query: { ...when, ...page } }),
    restore: (folder: string, request: Omit<RestoreRequest, 'entry'> & Target) =>
      http.json('POST', inFolder(folder, '/restore'), RestoreResponseSchema, { body: request }),
    undo: (folder: string, position: number) =>
      http.json('POST', inFolder(folder, `/events/${position}/undo`), RestoreResponseSchema),
    /** What undoing the whole commit would do that made a log position. */
    commitUndo: (folder: string, seq: number) =>
      http.json('GET', inFolder(folder, `/commits/${seq}/undo`), CommitUndoSchema),
    undoCommit: (folder: string, seq: number) =>
      http.json('POST', inFolder(folder, `/commits/${seq}/undo`), CommitUndoSchema),
    conflicts: (folder: string, state: 'open' | 'settled' = 'open') =>
      http.json('GET', inFolder(folder, '/conflicts'), z.array(ConflictViewSchema), { query: { state } }),
    settle: (folder: string, copy: string, choice: 'keep-both' | 'keep-original' | 'keep-copy') =>
      http.json('POST', inFolder(folder, `/conflicts/${encodeURIComponent(copy)}/settle`), OkSchema, {
        body: { choice },
      }),
    reopen: (folder: string, copy: string) =>
      http.json('POST', inFolder(folder, `/conflicts/${encodeURIComponent(copy)}/reopen`), OkSchema),

    /** What crossed and what was saved, of one folder or of all. */
    savings: (folder?: string, query: SavingsQuery = {}) =>
      http.json('GET', folder === undefined ? '/api/v1/savings' : inFolder(folder, '/savings'), SavingsResponseSchema, {
        query: { ...query },
      }),
    /** What moved in the last hour or day, over time. */
    throughput: (query: ThroughputQuery) =>
      http.json('GET', '/api/v1/throughput', ThroughputResponseSchema, { query: { ...query } }),
    transfers: (folder?: string, query: TransfersQuery = {}) =>
      http.json(
        'GET',
        folder === undefined ? '/api/v1/transfers' : inFolder(folder, '/transfers'),
        TransfersResponseSchema,
        { query: { ...query } },
      ),

    /** Kept events: after a position oldest first, else the newest, newest first. */
    async pastEvents({ kinds, ...rest }: EventQuery = {}) {
      const query: Query = { ...rest, kinds: kinds?.join(',') }
      return (await http.json('GET', '/api/v1/events', EventsResponseSchema, { query })).events
    },
    async eventOrder(a: number, b: number) {
      return (await http.json('GET', '/api/v1/events/order', EventOrderResponseSchema, { query: { a, b } })).order
    },
  }
}
