import { Readable } from 'node:stream'
import { z } from 'zod'
import {
  AsOfQuerySchema,
  AsOfResponseSchema,
  BringBackSchema,
  ChunkMapSchema,
  CommitUndoSchema,
  CompareQuerySchema,
  CompareResponseSchema,
  EventOrderQuerySchema,
  EventOrderResponseSchema,
  EventsQuerySchema,
  EventsResponseSchema,
  FolderIdSchema,
  HistoryQuerySchema,
  HistoryResponseSchema,
  OkSchema,
  RestoreRequestSchema,
  RestoreResponseSchema,
  SyncError,
} from '@causeway/protocol'
import { personOf } from '../access/gate.ts'
import { maySee } from '../access/person-rights.ts'
import { eventsFor } from '../access/seen.ts'
import type { Coordinator } from '../coordinator.ts'
import type { App } from './app.ts'
import { attachment } from './attachment.ts'

const Params = z.object({ folder: FolderIdSchema })
const VersionParams = Params.extend({ seq: z.coerce.number().int().min(1) })
const EventParams = Params.extend({ position: z.coerce.number().int().min(1) })
const tags = ['history']
const PERSON = { access: 'person' } as const
const MEMBER = { access: 'member' } as const
const READS = { access: 'member', right: 'read' } as const
const CHANGES = { access: 'member', right: 'change' } as const

/** What was, and how to have it back. */
export function addHistoryRoutes(app: App, coordinator: Coordinator): void {
  const { history, chunkMaps, restores, undos, events, contents } = coordinator
  app.get(
    '/api/v1/folders/:folder/history',
    {
      config: MEMBER,
      schema: { tags, params: Params, querystring: HistoryQuerySchema, response: { 200: HistoryResponseSchema } },
    },
    async (request) => history.versions(request.params.folder, request.query, request.query),
  )
  app.get(
    '/api/v1/folders/:folder/versions/:seq/content',
    { config: READS, schema: { tags, params: VersionParams } },
    async (request, reply) => {
      const { state } = await history.version(request.params.folder, request.params.seq)
      if (state.content.kind !== 'file')
        throw new SyncError('bad-request', `version ${state.seq} is a ${state.content.kind}`)
      attachment(reply, state.name)
      reply.header('content-length', state.content.size)
      return reply.send(Readable.from(await contents.read(state.content), { objectMode: false }))
    },
  )
  app.get(
    '/api/v1/folders/:folder/versions/:seq/chunks',
    { config: READS, schema: { tags, params: VersionParams, response: { 200: ChunkMapSchema } } },
    async (request) => chunkMaps.of(request.params.folder, request.params.seq),
  )
  app.get(
    '/api/v1/folders/:folder/compare',
    {
      config: MEMBER,
      schema: { tags, params: Params, querystring: CompareQuerySchema, response: { 200: CompareResponseSchema } },
    },
    async (request) => history.compare(request.params.folder, request.query.a, request.query.b),
  )
  app.get(
    '/api/v1/folders/:folder/as-of',
    {
      config: MEMBER,
      schema: { tags, params: Params, querystring: AsOfQuerySchema, response: { 200: AsOfResponseSchema } },
    },
    async (request) => history.asOf(request.params.folder, request.query, request.query),
  )
  app.post(
    '/api/v1/folders/:folder/entries/bring-back',
    {
      config: { access: 'member', right: 'change' },
      schema: { tags, params: Params, body: BringBackSchema, response: { 200: OkSchema } },
    },
    async (request) => {
      await restores.bringBack(request.params.folder, request.body.entries)
      return { ok: true as const }
    },
  )
  app.post(
    '/api/v1/folders/:folder/restore',
    {
      config: CHANGES,
      schema: { tags, params: Params, body: RestoreRequestSchema, response: { 200: RestoreResponseSchema } },
    },
    async (request) => {
      return { restored: [...(await restores.restore(request.params.folder, request.body))] }
    },
  )
  app.post(
    '/api/v1/folders/:folder/events/:position/undo',
    { config: CHANGES, schema: { tags, params: EventParams, response: { 200: RestoreResponseSchema } } },
    async (request) => {
      return { restored: [...(await restores.undo(request.params.folder, request.params.position))] }
    },
  )
  app.get(
    '/api/v1/folders/:folder/commits/:seq/undo',
    { config: MEMBER, schema: { tags, params: VersionParams, response: { 200: CommitUndoSchema } } },
    async (request) => undos.plan(request.params.folder, request.params.seq),
  )
  app.post(
    '/api/v1/folders/:folder/commits/:seq/undo',
    { config: CHANGES, schema: { tags, params: VersionParams, response: { 200: CommitUndoSchema } } },
    async (request) => undos.undo(request.params.folder, request.params.seq),
  )
  app.get(
    '/api/v1/events',
    { config: PERSON, schema: { tags, querystring: EventsQuerySchema, response: { 200: EventsResponseSchema } } },
    async (request) => {
      const { after, before, limit, folder, node, entry, kinds } = request.query
      const filter = {
        ...(folder !== undefined && { folder }),
        ...(node !== undefined && { node }),
        ...(entry !== undefined && { entry }),
        ...(kinds !== undefined && { kinds }),
      }
      const seen = eventsFor(personOf(request).rights, filter)
      return { events: [...(await events.list({ after, before, filter: seen, limit }))] }
    },
  )
  app.get(
    '/api/v1/events/order',
    {
      config: PERSON,
      schema: { tags, querystring: EventOrderQuerySchema, response: { 200: EventOrderResponseSchema } },
    },
    async (request) => {
      const { rights } = personOf(request)
      return { order: await events.order(request.query.a, request.query.b, (folder) => maySee(rights, folder)) }
    },
  )
}
