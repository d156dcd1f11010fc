import { ChunkMapSchema } from '../chunk-map.ts'
import {
  AsOfQuerySchema,
  AsOfResponseSchema,
  CommitUndoSchema,
  CompareQuerySchema,
  CompareResponseSchema,
  EventOrderQuerySchema,
  EventOrderResponseSchema,
  EventsQuerySchema,
  EventsResponseSchema,
  HistoryQuerySchema,
  HistoryResponseSchema,
  RestoreRequestSchema,
  RestoreResponseSchema,
} from '../rest.ts'
import { InFolder, InFolderEvent, InFolderVersion } from './params.ts'
import { FILE_BYTES, route } from './route.ts'

const tags = ['history'] as const
const PERSON = { access: 'person' } as const
const LISTS = { access: 'member', right: 'list' } as const
const READS = { access: 'member', right: 'read' } as const
const CHANGES = { access: 'member', right: 'change' } as const

/** What was, and how to get it back. */
export const HISTORY_ROUTES = {
  versions: route({
    method: 'GET',
    path: '/api/v1/folders/:folder/history',
    ...LISTS,
    tags,
    summary: 'The versions of an entry, newest first',
    params: InFolder,
    query: HistoryQuerySchema,
    response: HistoryResponseSchema,
  }),
  versionContent: route({
    method: 'GET',
    path: '/api/v1/folders/:folder/versions/:seq/content',
    ...READS,
    tags,
    summary: "A version's bytes",
    params: InFolderVersion,
    response: FILE_BYTES,
  }),
  versionChunks: route({
    method: 'GET',
    path: '/api/v1/folders/:folder/versions/:seq/chunks',
    ...READS,
    tags,
    summary: "How a version's content follows from the one before it, chunk by chunk",
    params: InFolderVersion,
    response: ChunkMapSchema,
  }),
  compare: route({
    method: 'GET',
    path: '/api/v1/folders/:folder/compare',
    ...LISTS,
    tags,
    summary: 'Two versions side by side',
    params: InFolder,
    query: CompareQuerySchema,
    response: CompareResponseSchema,
  }),
  asOf: route({
    method: 'GET',
    path: '/api/v1/folders/:folder/as-of',
    ...LISTS,
    tags,
    summary: 'The folder as it was at a moment or a position of the log',
    params: InFolder,
    query: AsOfQuerySchema,
    response: AsOfResponseSchema,
  }),
  restore: route({
    method: 'POST',
    path: '/api/v1/folders/:folder/restore',
    ...CHANGES,
    tags,
    summary: 'Restore an entry as a version or a moment had it',
    params: InFolder,
    body: RestoreRequestSchema,
    response: RestoreResponseSchema,
  }),
  undo: route({
    method: 'POST',
    path: '/api/v1/folders/:folder/events/:position/undo',
    ...CHANGES,
    tags,
    summary: 'Undo what an event did',
    params: InFolderEvent,
    response: RestoreResponseSchema,
  }),
  commitUndo: route({
    method: 'GET',
    path: '/api/v1/folders/:folder/commits/:seq/undo',
    ...LISTS,
    tags,
    summary: 'What undoing the whole commit that made a log position would do',
    params: InFolderVersion,
    response: CommitUndoSchema,
  }),
  undoCommit: route({
    method: 'POST',
    path: '/api/v1/folders/:folder/commits/:seq/undo',
    ...CHANGES,
    tags,
    summary: 'Undo a whole commit',
    params: InFolderVersion,
    response: CommitUndoSchema,
  }),
  /** After a position oldest first, else the newest, newest first. */
  events: route({
    method: 'GET',
    path: '/api/v1/events',
    ...PERSON,
    tags,
    summary: 'Events of all folders, or of some',
    query: EventsQuerySchema,
    response: EventsResponseSchema,
  }),
  eventOrder: route({
    method: 'GET',
    path: '/api/v1/events/order',
    ...PERSON,
    tags,
    summary: 'Which of two events came first, by their vector clocks',
    query: EventOrderQuerySchema,
    response: EventOrderResponseSchema,
  }),
}
