import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  check,
  COORDINATOR_ID,
  encodeManifest,
  FileViewSchema,
  FolderIdSchema,
  LIMITS,
  NameSchema,
  SyncError,
  UploadFinishSchema,
  UploadMissingSchema,
  type NodeId,
} from '@causeway/protocol'
import { segmentsOf } from '@causeway/log'
import type { Coordinator } from '../coordinator.ts'
import { fileView } from '../tree/browse.ts'
import { readStream } from './bodies.ts'
import type { App } from './app.ts'

const Params = z.object({ folder: FolderIdSchema })
const StoredSchema = z.object({ stored: z.int().min(0) })
const tags = ['files']
const CHANGES = { access: 'member', right: 'change' } as const

/**
 * Uploads in chunks, for a browser that cuts and hashes by itself: ask what is
 * missing, send that, name the file. An upload that broke off is begun anew
 * and finds what it sent.
 */
export function addUploadRoutes(app: App, coordinator: Coordinator): void {
  const { context, contents, uploads, nodes } = coordinator
  app.post(
    '/api/v1/folders/:folder/uploads/missing',
    {
      config: CHANGES,
      schema: { tags, params: Params, body: UploadMissingSchema, response: { 200: UploadMissingSchema } },
    },
    async (request) => {
      const { folder } = request.params
      return { hashes: [...(await contents.missing(folder, request.body.hashes))] }
    },
  )
  app.post(
    '/api/v1/folders/:folder/uploads/chunks',
    { config: CHANGES, schema: { tags, params: Params, response: { 200: StoredSchema } } },
    async (request) => {
      const { folder } = request.params
      return { stored: await contents.upload(folder, senderOf(request), readStream(request, context.observe)) }
    },
  )
  app.post(
    '/api/v1/folders/:folder/uploads',
    {
      config: CHANGES,
      // A chunk takes about 90 bytes as JSON: this is a file of some 10 GB.
      bodyLimit: 16 * 1024 * 1024,
      schema: { tags, params: Params, body: UploadFinishSchema, response: { 200: FileViewSchema } },
    },
    async (request) => {
      const { folder } = request.params
      const { path, hash, size, chunks: manifest, owner } = request.body
      for (const segment of segmentsOf(path)) check(NameSchema, segment)
      if (owner !== undefined) await nodes.get(owner)
      const total = manifest.reduce((sum, chunk) => sum + chunk.size, 0)
      const [only] = manifest
      if (total !== size)
        throw new SyncError('manifest-invalid', `the chunks of ${path} are ${total} bytes, not ${size}`)
      if (manifest.length === 1 && only?.hash !== hash) {
        throw new SyncError('manifest-invalid', `the only chunk of ${path} has another hash than the file`)
      }
      // Only a small content in one chunk goes without a list of them; a larger one has a list even of one.
      const listed = manifest.length > 1 || size > LIMITS.inlineBytes
      const manifests = listed ? [{ content: hash, chunks: encodeManifest(manifest) }] : []
      const state = await uploads.put(folder, path, { hash, size, rows: [], manifests }, owner ?? null)
      return fileView(folder, state, path)
    },
  )
}

/** Under whose name the ledger notes what came. */
function senderOf({ identity }: FastifyRequest): NodeId {
  return identity?.kind === 'node' ? identity.node : COORDINATOR_ID
}
