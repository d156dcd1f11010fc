import {
  REST_ROUTES,
  type Access,
  type BodyFor,
  type Direction,
  type EnrolRequest,
  type EventKind,
  type Everything,
  type HaltDecision,
  type ChunkId,
  type InviteRequest,
  type QueryFor,
  type RestoreRequest,
  type ThroughputBy,
  type ThroughputSpan,
  type TransferOrder,
  type UploadFinish,
} from '@causeway/protocol'
import { call, callForBytes } from './call.ts'
import type { Http } from './http.ts'

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

/** A name for each route that people and their tools use; what goes in and comes out is typed and checked by the table. */
export function restCalls(http: Http) {
  return { ...accessCalls(http), ...folderCalls(http), ...fileCalls(http), ...historyCalls(http), ...figures(http) }
}

/** Sign-in, machines, and which folders they carry. */
function accessCalls(http: Http) {
  const { keys, signIn, nodes, original } = REST_ROUTES
  return {
    /** In a browser the answer sets a cookie that stands for the token from then on. */
    signIn: (token: string) => call(http, signIn.signIn, { body: { token } }),
    /** In a browser the answer sets the cookie of a session. */
    signInByLink: (link: string) => call(http, signIn.signIn, { body: { link } }),
    /** For clients that come by the admin token. */
    makeSignInLink: () => call(http, signIn.makeLink, {}),
    session: () => call(http, signIn.session, {}),
    /** Ends the session of the cookie, with its sockets in every tab. */
    signOut: () => call(http, signIn.signOut, {}),
    keyRotation: () => call(http, keys.view, {}),
    beginKeyRotation: () => call(http, keys.begin, {}),
    finishKeyRotation: (leaveBehind: boolean) => call(http, keys.finish, { body: { leaveBehind } }),
    cancelKeyRotation: () => call(http, keys.cancel, {}),
    invite: (request: InviteRequest) => call(http, signIn.invite, { body: request }),
    invites: () => call(http, signIn.invites, {}),
    revokeInvite: (id: string) => call(http, signIn.revokeInvite, { params: { id } }),
    enrol: (request: EnrolRequest) => call(http, signIn.enrol, { body: request }),

    register: (node: BodyFor<typeof original.register>) => call(http, original.register, { body: node }),
    nodes: () => call(http, nodes.list, {}),
    node: (id: string) => call(http, nodes.get, { params: { id } }),
    renameNode: (id: string, name: string) => call(http, nodes.change, { params: { id }, body: { name } }),
    /** What a node may send within a day, over all folders; null for no limit. */
    limitNode: (id: string, dailyBytes: number | null) =>
      call(http, nodes.change, { params: { id }, body: { dailyBytes } }),
    removeNode: (id: string) => call(http, nodes.remove, { params: { id } }),
    members: (folder: string) => call(http, nodes.members, { params: { folder } }),
    /** The names behind the node ids in a folder's history. */
    authors: (folder: string) => call(http, nodes.authors, { params: { folder } }),
    changeMember: (folder: string, node: string, change: { access?: Access; paused?: boolean }) =>
      call(http, nodes.changeMember, { params: { folder, node }, body: change }),

    giveFolder: (folder: string, node: string, access: Access) =>
      call(http, nodes.giveFolder, { params: { folder, node }, body: { access } }),
    declineFolder: (folder: string, node: string) => call(http, nodes.declineFolder, { params: { folder, node } }),
    takeFolderAway: (folder: string, node: string) => call(http, nodes.takeFolderAway, { params: { folder, node } }),
  }
}

function folderCalls(http: Http) {
  const { folders, removedFolders, conflicts } = REST_ROUTES
  return {
    folders: () => call(http, folders.list, {}),
    folder: (folder: string) => call(http, folders.get, { params: { folder } }),
    createFolder: (name: string) => call(http, folders.create, { body: { name } }),
    changeFolder: (folder: string, change: BodyFor<typeof folders.change>) =>
      call(http, folders.change, { params: { folder }, body: change }),
    removeFolder: (folder: string) => call(http, folders.remove, { params: { folder } }),
    removedFolders: () => call(http, removedFolders.list, {}),
    restoreFolder: (folder: string) => call(http, removedFolders.restore, { params: { id: folder } }),
    deleteFolderForGood: (folder: string) => call(http, removedFolders.deleteForGood, { params: { id: folder } }),
    resumeFolder: (folder: string) => call(http, folders.resume, { params: { folder } }),
    /** Settles what one node holds back. Resolves once the node was told; its reports say how far it is. */
    settleHalt: (folder: string, node: string, choice: HaltDecision['choice']) =>
      call(http, folders.settleHalt, { params: { folder, node }, body: { choice } }),

    conflicts: (folder: string, state: 'open' | 'settled' = 'open') =>
      call(http, conflicts.list, { params: { folder }, query: { state } }),
    settle: (folder: string, copy: string, choice: 'keep-both' | 'keep-original' | 'keep-copy') =>
      call(http, conflicts.settle, { params: { folder, copy }, body: { choice } }),
    reopen: (folder: string, copy: string) => call(http, conflicts.reopen, { params: { folder, copy } }),
  }
}

/** What is in folders: looking, arranging, bytes up and down. */
function fileCalls(http: Http) {
  const { entries, original, uploads } = REST_ROUTES
  return {
    browse: (folder: string, path = '', page: BrowsePage = {}) =>
      call(http, entries.browse, { params: { folder }, query: { path, ...page } }),
    countEverything: (folder: string, what: Partial<Everything>) =>
      call(http, entries.countEverything, { params: { folder }, body: what }),
    /** The next part of all that is in a directory. */
    removeEverything: (folder: string, part: EverythingPart) =>
      call(http, entries.removeEverything, { params: { folder }, body: part }),
    moveEverything: (folder: string, part: EverythingPart & { into: string; only?: readonly string[] }) =>
      call(http, entries.moveEverything, { params: { folder }, body: part }),
    bringBack: (folder: string, ids: readonly string[]) =>
      call(http, entries.bringBack, { params: { folder }, body: { entries: ids } }),
    makeDirectory: (folder: string, path: string) =>
      call(http, entries.makeDirectory, { params: { folder }, body: { path } }),
    move: (folder: string, from: string, to: string) =>
      call(http, entries.move, { params: { folder }, body: { from, to } }),
    remove: (folder: string, paths: readonly string[]) =>
      call(http, entries.remove, { params: { folder }, body: { paths } }),
    archive: (folder: string, path = '') =>
      callForBytes(http, entries.archive, { params: { folder }, query: { path } }),

    files: (query: QueryFor<typeof original.files> = {}) => call(http, original.files, { query }),
    download: (folder: string, path: string, range?: string) =>
      callForBytes(http, original.download, { query: { folder, path }, range }),
    upload(file: Blob, { path, folder, ownerNode }: { path: string; folder?: string; ownerNode?: string }) {
      const form = new FormData()
      form.set('path', path)
      if (folder !== undefined) form.set('folder', folder)
      if (ownerNode !== undefined) form.set('owner_node', ownerNode)
      form.set('file', file, path.split('/').at(-1) ?? 'file')
      return call(http, original.upload, { body: form })
    },

    missingChunks: async (folder: string, hashes: readonly ChunkId[]) =>
      (await call(http, uploads.missing, { params: { folder }, body: { hashes } })).hashes,
    /** Chunk frames (see `encodeChunkFrame`), one after the other. */
    uploadChunks: (folder: string, frames: Blob) => call(http, uploads.chunks, { params: { folder }, body: frames }),
    finishUpload: (folder: string, file: UploadFinish) =>
      call(http, uploads.finish, { params: { folder }, body: file }),
  }
}

function historyCalls(http: Http) {
  const { history } = REST_ROUTES
  return {
    history: (folder: string, target: Target, page: { before?: number; limit?: number } = {}) =>
      call(http, history.versions, { params: { folder }, query: { ...target, ...page } }),
    versionContent: (folder: string, seq: number) =>
      callForBytes(http, history.versionContent, { params: { folder, seq } }),
    /** How a version's content follows from the one before it, chunk by chunk. */
    versionChunks: (folder: string, seq: number) => call(http, history.versionChunks, { params: { folder, seq } }),
    compare: (folder: string, a: number, b: number) =>
      call(http, history.compare, { params: { folder }, query: { a, b } }),
    asOf: (folder: string, when: { at?: string; seq?: number }, page: PageQuery = {}) =>
      call(http, history.asOf, { params: { folder }, query: { ...when, ...page } }),
    restore: (folder: string, request: Omit<RestoreRequest, 'entry'> & Target) =>
      call(http, history.restore, { params: { folder }, body: request }),
    undo: (folder: string, position: number) => call(http, history.undo, { params: { folder, position } }),
    /** What undoing the whole commit would do that made a log position. */
    commitUndo: (folder: string, seq: number) => call(http, history.commitUndo, { params: { folder, seq } }),
    undoCommit: (folder: string, seq: number) => call(http, history.undoCommit, { params: { folder, seq } }),

    /** Kept events: after a position oldest first, else the newest, newest first. */
    async pastEvents({ kinds, ...rest }: EventQuery = {}) {
      return (await call(http, history.events, { query: { ...rest, kinds: kinds?.join(',') } })).events
    },
    async eventOrder(a: number, b: number) {
      return (await call(http, history.eventOrder, { query: { a, b } })).order
    },
  }
}

/** What was measured. */
function figures(http: Http) {
  const { coordinator, savings } = REST_ROUTES
  return {
    health: () => call(http, coordinator.health, {}),
    metrics: () => call(http, coordinator.metrics, {}),
    /** What crossed and what was saved, of one folder or of all. */
    savings: (folder?: string, query: SavingsQuery = {}) =>
      folder === undefined
        ? call(http, savings.all, { query })
        : call(http, savings.ofFolder, { params: { folder }, query }),
    /** What moved in the last hour or day, over time. */
    throughput: (query: ThroughputQuery) => call(http, savings.throughput, { query }),
    transfers: (folder?: string, query: TransfersQuery = {}) =>
      folder === undefined
        ? call(http, savings.transfers, { query })
        : call(http, savings.transfersOfFolder, { params: { folder }, query }),
  }
}
