import { z } from 'zod'
import {
  BrowseQuerySchema,
  BrowseResponseSchema,
  ChangeFolderSchema,
  ConflictViewSchema,
  CreateFolderSchema,
  EntryIdSchema,
  FolderIdSchema,
  FolderViewSchema,
  HaltDecisionSchema,
  NodeIdSchema,
  OkSchema,
  RemovedFolderViewSchema,
  SettleRequestSchema,
} from '@causeway/protocol'
import { personOf } from '../access/gate.ts'
import { maySee } from '../access/person-rights.ts'
import type { Coordinator } from '../coordinator.ts'
import type { App } from './app.ts'

const Params = z.object({ folder: FolderIdSchema })
const RemovedParams = z.object({ id: FolderIdSchema })
const tags = ['folders']
const MEMBER = { access: 'member' } as const
const CHANGES = { access: 'member', right: 'change' } as const

/** Folders: what there is, what is in them, what waits for a person. */
export function addFolderRoutes(app: App, coordinator: Coordinator): void {
  const { folders, halts, removedFolders, browse, conflicts } = coordinator
  app.get(
    '/api/v1/folders',
    { config: { access: 'person' }, schema: { tags, response: { 200: z.array(FolderViewSchema) } } },
    async (request) => {
      const { rights } = personOf(request)
      return (await folders.list()).filter(({ id }) => maySee(rights, id))
    },
  )
  app.post(
    '/api/v1/folders',
    { schema: { tags, body: CreateFolderSchema, response: { 200: FolderViewSchema } } },
    async (request) => {
      return folders.create(request.body.name)
    },
  )
  app.get(
    '/api/v1/folders/:folder',
    { config: MEMBER, schema: { tags, params: Params, response: { 200: FolderViewSchema } } },
    async (request) => folders.get(request.params.folder),
  )
  app.patch(
    '/api/v1/folders/:folder',
    { schema: { tags, params: Params, body: ChangeFolderSchema, response: { 200: FolderViewSchema } } },
    async (request) => folders.change(request.params.folder, request.body),
  )
  app.delete(
    '/api/v1/folders/:folder',
    { schema: { tags, params: Params, response: { 200: OkSchema } } },
    async (request) => {
      await removedFolders.remove(request.params.folder)
      return { ok: true as const }
    },
  )
  app.get(
    '/api/v1/removed-folders',
    { schema: { tags, response: { 200: z.array(RemovedFolderViewSchema) } } },
    async () => [...(await removedFolders.list())],
  )
  app.post(
    '/api/v1/removed-folders/:id/restore',
    { schema: { tags, params: RemovedParams, response: { 200: FolderViewSchema } } },
    async (request) => removedFolders.restore(request.params.id),
  )
  app.delete(
    '/api/v1/removed-folders/:id',
    { schema: { tags, params: RemovedParams, response: { 200: OkSchema } } },
    async (request) => {
      await removedFolders.drop(request.params.id)
      return { ok: true as const }
    },
  )
  app.post(
    '/api/v1/folders/:folder/resume',
    { schema: { tags, params: Params, response: { 200: FolderViewSchema } } },
    async (request) => folders.resume(request.params.folder),
  )
  app.post(
    '/api/v1/folders/:folder/halts/:node',
    {
      schema: {
        tags,
        params: Params.extend({ node: NodeIdSchema }),
        body: HaltDecisionSchema,
        response: { 200: FolderViewSchema },
      },
    },
    async (request) => halts.settle(request.params.folder, request.params.node, request.body.choice),
  )
  app.get(
    '/api/v1/folders/:folder/entries',
    {
      config: MEMBER,
      schema: { tags, params: Params, querystring: BrowseQuerySchema, response: { 200: BrowseResponseSchema } },
    },
    async (request) => browse.children(request.params.folder, request.query),
  )
  app.get(
    '/api/v1/folders/:folder/conflicts',
    {
      config: MEMBER,
      schema: {
        tags,
        params: Params,
        querystring: z.object({ state: z.enum(['open', 'settled']).default('open') }),
        response: { 200: z.array(ConflictViewSchema) },
      },
    },
    async (request) => [...(await conflicts.list(request.params.folder, { open: request.query.state === 'open' }))],
  )
  app.post(
    '/api/v1/folders/:folder/conflicts/:copy/settle',
    {
      config: CHANGES,
      schema: {
        tags,
        params: Params.extend({ copy: EntryIdSchema }),
        body: SettleRequestSchema,
        response: { 200: OkSchema },
      },
    },
    async (request) => {
      const { folder, copy } = request.params
      await conflicts.settle(folder, copy, request.body.choice)
      return { ok: true as const }
    },
  )
  app.post(
    '/api/v1/folders/:folder/conflicts/:copy/reopen',
    {
      config: CHANGES,
      schema: { tags, params: Params.extend({ copy: EntryIdSchema }), response: { 200: OkSchema } },
    },
    async (request) => {
      const { folder, copy } = request.params
      await conflicts.reopen(folder, copy)
      return { ok: true as const }
    },
  )
}
