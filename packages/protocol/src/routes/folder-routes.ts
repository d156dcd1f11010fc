import { z } from 'zod'
import {
  ChangeFolderSchema,
  ConflictViewSchema,
  CreateFolderSchema,
  FolderViewSchema,
  HaltDecisionSchema,
  OkSchema,
  RemovedFolderViewSchema,
  SettleRequestSchema,
} from '../rest.ts'
import { ADMIN, CHANGES, LISTS, PERSON } from './access.ts'
import { InFolder, InFolderCopy, InFolderNode, OfFolder } from './params.ts'
import { route } from './route.ts'

const tags = ['folders'] as const

/** Folders, those that were removed, and what waits for a person in them. */
export const FOLDER_ROUTES = {
  list: route({
    method: 'GET',
    path: '/api/v1/folders',
    ...PERSON,
    tags,
    summary: 'All folders',
    response: z.array(FolderViewSchema),
  }),
  create: route({
    method: 'POST',
    path: '/api/v1/folders',
    ...ADMIN,
    tags,
    summary: 'Create a folder',
    body: CreateFolderSchema,
    response: FolderViewSchema,
  }),
  get: route({
    method: 'GET',
    path: '/api/v1/folders/:folder',
    ...LISTS,
    tags,
    summary: 'One folder',
    params: InFolder,
    response: FolderViewSchema,
  }),
  change: route({
    method: 'PATCH',
    path: '/api/v1/folders/:folder',
    ...ADMIN,
    tags,
    summary: "Change a folder's name or settings",
    params: InFolder,
    body: ChangeFolderSchema,
    response: FolderViewSchema,
  }),
  remove: route({
    method: 'DELETE',
    path: '/api/v1/folders/:folder',
    ...ADMIN,
    tags,
    summary: 'Remove a folder; it is kept until it is deleted for good',
    params: InFolder,
    response: OkSchema,
  }),
  resume: route({
    method: 'POST',
    path: '/api/v1/folders/:folder/resume',
    ...ADMIN,
    tags,
    summary: 'Let a halted folder continue',
    params: InFolder,
    response: FolderViewSchema,
  }),
  settleHalt: route({
    method: 'POST',
    path: '/api/v1/folders/:folder/halts/:node',
    ...ADMIN,
    tags,
    summary: 'Let deletions go that a node holds back, or put the files back',
    params: InFolderNode,
    body: HaltDecisionSchema,
    response: FolderViewSchema,
  }),
}

export const REMOVED_FOLDER_ROUTES = {
  list: route({
    method: 'GET',
    path: '/api/v1/removed-folders',
    ...ADMIN,
    tags,
    summary: 'Folders that were removed',
    response: z.array(RemovedFolderViewSchema),
  }),
  restore: route({
    method: 'POST',
    path: '/api/v1/removed-folders/:id/restore',
    ...ADMIN,
    tags,
    summary: 'Restore a removed folder',
    params: OfFolder,
    response: FolderViewSchema,
  }),
  deleteForGood: route({
    method: 'DELETE',
    path: '/api/v1/removed-folders/:id',
    ...ADMIN,
    tags,
    summary: 'Delete a removed folder with its history, for good',
    params: OfFolder,
    response: OkSchema,
  }),
}

export const CONFLICT_ROUTES = {
  list: route({
    method: 'GET',
    path: '/api/v1/folders/:folder/conflicts',
    ...LISTS,
    tags,
    summary: 'Conflicts, open or resolved',
    params: InFolder,
    query: z.object({ state: z.enum(['open', 'settled']).default('open') }),
    response: z.array(ConflictViewSchema),
  }),
  settle: route({
    method: 'POST',
    path: '/api/v1/folders/:folder/conflicts/:copy/settle',
    ...CHANGES,
    tags,
    summary: 'Resolve a conflict',
    params: InFolderCopy,
    body: SettleRequestSchema,
    response: OkSchema,
  }),
  reopen: route({
    method: 'POST',
    path: '/api/v1/folders/:folder/conflicts/:copy/reopen',
    ...CHANGES,
    tags,
    summary: 'Open a resolved conflict again',
    params: InFolderCopy,
    response: OkSchema,
  }),
}
