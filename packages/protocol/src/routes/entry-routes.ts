import { z } from 'zod'
import { NameSchema } from '../entry.ts'
import {
  ArrangeMakeSchema,
  ArrangeMoveSchema,
  ArrangeRemoveSchema,
  BringBackSchema,
  BrowseQuerySchema,
  BrowseResponseSchema,
  EntryViewSchema,
  EverythingCountSchema,
  EverythingSchema,
  FolderPathSchema,
  MovedPartSchema,
  MoveEverythingSchema,
  OkSchema,
  RemovedPartSchema,
  RemovedSchema,
  RemoveEverythingSchema,
} from '../rest.ts'
import { CHANGES, LISTS, READS } from './access.ts'
import { InFolder } from './params.ts'
import { raw, route } from './route.ts'

const tags = ['files'] as const

/** How many entries one archive names by themselves. */
const NAMED_IN_ARCHIVE = 1000

/** What is in a folder, and arranging it from afar. */
export const ENTRY_ROUTES = {
  browse: route({
    method: 'GET',
    path: '/api/v1/folders/:folder/entries',
    ...LISTS,
    tags: ['folders'],
    summary: 'What is in a directory, page by page',
    params: InFolder,
    query: BrowseQuerySchema,
    response: BrowseResponseSchema,
  }),
  makeDirectory: route({
    method: 'POST',
    path: '/api/v1/folders/:folder/entries/make-directory',
    ...CHANGES,
    tags,
    summary: 'Create a directory',
    params: InFolder,
    body: ArrangeMakeSchema,
    response: EntryViewSchema,
  }),
  move: route({
    method: 'POST',
    path: '/api/v1/folders/:folder/entries/move',
    ...CHANGES,
    tags,
    summary: 'Move or rename an entry',
    params: InFolder,
    body: ArrangeMoveSchema,
    response: EntryViewSchema,
  }),
  remove: route({
    method: 'POST',
    path: '/api/v1/folders/:folder/entries/delete',
    ...CHANGES,
    tags,
    summary: 'Delete entries; they stay in the history',
    params: InFolder,
    body: ArrangeRemoveSchema,
    response: RemovedSchema,
  }),
  bringBack: route({
    method: 'POST',
    path: '/api/v1/folders/:folder/entries/bring-back',
    ...CHANGES,
    tags: ['history'],
    summary: 'Restore deleted entries',
    params: InFolder,
    body: BringBackSchema,
    response: OkSchema,
  }),
  countEverything: route({
    method: 'POST',
    path: '/api/v1/folders/:folder/entries/everything/count',
    ...LISTS,
    tags,
    summary: 'Count all that is in a directory',
    params: InFolder,
    body: EverythingSchema,
    response: EverythingCountSchema,
  }),
  removeEverything: route({
    method: 'POST',
    path: '/api/v1/folders/:folder/entries/everything/delete',
    ...CHANGES,
    tags,
    summary: 'Delete the next part of all that is in a directory',
    params: InFolder,
    body: RemoveEverythingSchema,
    response: RemovedPartSchema,
  }),
  moveEverything: route({
    method: 'POST',
    path: '/api/v1/folders/:folder/entries/everything/move',
    ...CHANGES,
    tags,
    summary: 'Move the next part of all that is in a directory',
    params: InFolder,
    body: MoveEverythingSchema,
    response: MovedPartSchema,
  }),
  /** `path` may be given several times; of one directory, `except` names what right in it is left out. */
  archive: route({
    method: 'GET',
    path: '/api/v1/folders/:folder/archive',
    ...READS,
    tags,
    summary: 'A directory, or several entries, as a ZIP archive',
    params: InFolder,
    query: z.object({
      path: z.union([FolderPathSchema, z.array(FolderPathSchema).max(NAMED_IN_ARCHIVE)]).default(''),
      except: z.union([NameSchema, z.array(NameSchema).max(NAMED_IN_ARCHIVE)]).default([]),
    }),
    response: raw('application/zip'),
  }),
}
