import { z } from 'zod'
import {
  ArrangeMakeSchema,
  ArrangeMoveSchema,
  ArrangeRemoveSchema,
  check,
  EntryViewSchema,
  EverythingCountSchema,
  EverythingSchema,
  FolderIdSchema,
  MovedPartSchema,
  MoveEverythingSchema,
  NameSchema,
  RemovedPartSchema,
  RemovedSchema,
  RemoveEverythingSchema,
} from '@causeway/protocol'
import { segmentsOf } from '@causeway/log'
import type { Coordinator } from '../coordinator.ts'
import type { App } from './app.ts'

const Params = z.object({ folder: FolderIdSchema })
const tags = ['files']
const CHANGES = { access: 'member', right: 'change' } as const

/** Making directories, moving and deleting, from afar. */
export function addArrangeRoutes(app: App, coordinator: Coordinator): void {
  const { arrange, everything } = coordinator
  app.post(
    '/api/v1/folders/:folder/entries/make-directory',
    {
      config: CHANGES,
      schema: { tags, params: Params, body: ArrangeMakeSchema, response: { 200: EntryViewSchema } },
    },
    async (request) => {
      return arrange.makeDirectory(request.params.folder, checkedNames(request.body.path))
    },
  )
  app.post(
    '/api/v1/folders/:folder/entries/move',
    {
      config: CHANGES,
      schema: { tags, params: Params, body: ArrangeMoveSchema, response: { 200: EntryViewSchema } },
    },
    async (request) => {
      return arrange.move(request.params.folder, request.body.from, checkedNames(request.body.to))
    },
  )
  app.post(
    '/api/v1/folders/:folder/entries/delete',
    {
      config: CHANGES,
      schema: { tags, params: Params, body: ArrangeRemoveSchema, response: { 200: RemovedSchema } },
    },
    async (request) => {
      return { removed: await arrange.remove(request.params.folder, request.body.paths) }
    },
  )
  app.post(
    '/api/v1/folders/:folder/entries/everything/count',
    {
      config: { access: 'member' },
      schema: { tags, params: Params, body: EverythingSchema, response: { 200: EverythingCountSchema } },
    },
    async (request) => everything.count(request.params.folder, request.body),
  )
  app.post(
    '/api/v1/folders/:folder/entries/everything/delete',
    {
      config: CHANGES,
      schema: { tags, params: Params, body: RemoveEverythingSchema, response: { 200: RemovedPartSchema } },
    },
    async (request) => everything.remove(request.params.folder, request.body),
  )
  app.post(
    '/api/v1/folders/:folder/entries/everything/move',
    {
      config: CHANGES,
      schema: { tags, params: Params, body: MoveEverythingSchema, response: { 200: MovedPartSchema } },
    },
    async (request) => everything.move(request.params.folder, request.body),
  )
}

/** A path that is to come into being: each of its names must be one that can stand on a disk. */
function checkedNames(path: string): string {
  for (const segment of segmentsOf(path)) check(NameSchema, segment)
  return path
}
