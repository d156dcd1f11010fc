import { z } from 'zod'
import { EntryIdSchema, NodeIdSchema } from '../ids.ts'
import {
  FilesQuerySchema,
  FilesResponseSchema,
  FileViewSchema,
  FolderPathSchema,
  NodeSummarySchema,
  OkSchema,
  RegisterRequestSchema,
} from '../rest.ts'
import { ADMIN, PERSON } from './access.ts'
import { OfNode } from './params.ts'
import { FILE_BYTES, form, route } from './route.ts'

const NODES = ['nodes'] as const
const FILES = ['files'] as const

/** The fields of an upload's form, beside its part named `file`. */
const UploadFieldsSchema = z.object({
  path: FolderPathSchema.optional(),
  folder: z.string().max(64).optional(),
  owner_node: NodeIdSchema.optional(),
})
const DownloadQuery = z.object({ folder: z.string().max(64).optional(), path: FolderPathSchema })

/** The original interface: nodes and files below `/api`, without a version. */
export const ORIGINAL_ROUTES = {
  register: route({
    method: 'POST',
    path: '/api/register',
    ...ADMIN,
    tags: NODES,
    summary: 'Register a node by hand',
    body: RegisterRequestSchema,
    response: NodeSummarySchema,
  }),
  nodes: route({
    method: 'GET',
    path: '/api/nodes',
    ...PERSON,
    tags: NODES,
    summary: 'All nodes',
    response: z.array(NodeSummarySchema),
  }),
  node: route({
    method: 'GET',
    path: '/api/nodes/:id',
    ...PERSON,
    tags: NODES,
    summary: 'One node',
    params: OfNode,
    response: NodeSummarySchema,
  }),
  removeNode: route({
    method: 'DELETE',
    path: '/api/nodes/:id',
    ...ADMIN,
    tags: NODES,
    summary: 'Remove a node; its files stay on its disk',
    params: OfNode,
    response: OkSchema,
  }),
  files: route({
    method: 'GET',
    path: '/api/files',
    ...PERSON,
    tags: FILES,
    summary: 'Files of a folder, page by page',
    query: FilesQuerySchema,
    response: FilesResponseSchema,
  }),
  upload: route({
    method: 'POST',
    path: '/api/files/upload',
    ...PERSON,
    tags: FILES,
    summary: 'Upload a file as a form',
    body: form(UploadFieldsSchema),
    response: FileViewSchema,
  }),
  download: route({
    method: 'GET',
    path: '/api/files/download',
    ...PERSON,
    tags: FILES,
    summary: 'Download a file by its path',
    query: DownloadQuery,
    response: FILE_BYTES,
  }),
  downloadById: route({
    method: 'GET',
    path: '/api/files/:id/download',
    ...PERSON,
    tags: FILES,
    summary: 'Download a file by its id',
    params: z.object({ id: EntryIdSchema }),
    query: DownloadQuery.pick({ folder: true }),
    response: FILE_BYTES,
  }),
}
