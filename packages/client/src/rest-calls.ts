import {
  AsOfResponseSchema,
  BrowseResponseSchema,
  CompareResponseSchema,
  ConflictViewSchema,
  EnrolResponseSchema,
  EventOrderResponseSchema,
  EventsResponseSchema,
  FilesResponseSchema,
  FileViewSchema,
  FolderViewSchema,
  HealthSchema,
  HistoryResponseSchema,
  InviteResponseSchema,
  MembershipViewSchema,
  MetricsSchema,
  NodeSummarySchema,
  NodeViewSchema,
  OkSchema,
  RestoreResponseSchema,
  type Access,
  type EnrolRequest,
  type EventKind,
  type InviteRequest,
  type RestoreRequest,
} from '@causeway/protocol'
import { z } from 'zod'
import type { Http, Query } from './http.ts'

/** What names an entry: a path in its folder, or its id. */
export interface Target {
  readonly path?: string
  readonly entry?: string
}

export interface PageQuery {
  readonly after?: string
  readonly limit?: number
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

/** One call a route; answers are checked against the schemas of the protocol. */
export function restCalls(http: Http) {
  const inFolder = (folder: string, rest = '') => `/api/v1/folders/${encodeURIComponent(folder)}${rest}`
  return {
    health: () => http.json('GET', '/health', HealthSchema),
    metrics: () => http.json('GET', '/api/metrics', MetricsSchema),

    invite: (request: InviteRequest) => http.json('POST', '/api/v1/invites', InviteResponseSchema, { body: request }),
    enrol: (request: EnrolRequest) => http.json('POST', '/api/v1/enrol', EnrolResponseSchema, { body: request }),

    register: (node: Record<string, unknown>) => http.json('POST', '/api/register', NodeSummarySchema, { body: node }),
    nodes: () => http.json('GET', '/api/v1/nodes', z.array(NodeViewSchema)),
    node: (id: string) => http.json('GET', `/api/v1/nodes/${encodeURIComponent(id)}`, NodeViewSchema),
    removeNode: (id: string) => http.json('DELETE', `/api/v1/nodes/${encodeURIComponent(id)}`, OkSchema),
    members: (folder: string) => http.json('GET', inFolder(folder, '/members'), z.array(MembershipViewSchema)),
    changeMember: (folder: string, node: string, change: { access?: Access; paused?: boolean }) =>
      http.json('PATCH', inFolder(folder, `/members/${encodeURIComponent(node)}`), MembershipViewSchema, {
        body: change,
      }),

    folders: () => http.json('GET', '/api/v1/folders', z.array(FolderViewSchema)),
    folder: (folder: string) => http.json('GET', inFolder(folder), FolderViewSchema),
    createFolder: (name: string) => http.json('POST', '/api/v1/folders', FolderViewSchema, { body: { name } }),
    changeFolder: (folder: string, change: Record<string, unknown>) =>
      http.json('PATCH', inFolder(folder), FolderViewSchema, { body: change }),
    resumeFolder: (folder: string) => http.json('POST', inFolder(folder, '/resume'), FolderViewSchema),
    browse: (folder: string, path = '', page: PageQuery = {}) =>
      http.json('GET', inFolder(folder, '/entries'), BrowseResponseSchema, { query: { path, ...page } }),
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

    history: (folder: string, target: Target, page: { before?: number; limit?: number } = {}) =>
      http.json('GET', inFolder(folder, '/history'), HistoryResponseSchema, { query: { ...target, ...page } }),
    versionContent: (folder: string, seq: number) => http.bytes(inFolder(folder, `/versions/${seq}/content`)),
    compare: (folder: string, a: number, b: number) =>
      http.json('GET', inFolder(folder, '/compare'), CompareResponseSchema, { query: { a, b } }),
    asOf: (folder: string, when: { at?: string; seq?: number }, page: PageQuery = {}) =>
      http.json('GET', inFolder(folder, '/as-of'), AsOfResponseSchema, { query: { ...when, ...page } }),
    restore: (folder: string, request: Omit<RestoreRequest, 'entry'> & Target) =>
      http.json('POST', inFolder(folder, '/restore'), RestoreResponseSchema, { body: request }),
    undo: (folder: string, position: number) =>
      http.json('POST', inFolder(folder, `/events/${position}/undo`), RestoreResponseSchema),
    conflicts: (folder: string, state: 'open' | 'settled' = 'open') =>
      http.json('GET', inFolder(folder, '/conflicts'), z.array(ConflictViewSchema), { query: { state } }),
    settle: (folder: string, copy: string, choice: 'keep-both' | 'keep-original' | 'keep-copy') =>
      http.json('POST', inFolder(folder, `/conflicts/${encodeURIComponent(copy)}/settle`), OkSchema, {
        body: { choice },
      }),

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
