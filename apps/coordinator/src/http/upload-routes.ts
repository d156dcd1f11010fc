import type { FastifyRequest } from 'fastify'
import {
  check,
  contentOfOnlyChunk,
  COORDINATOR_ID,
  encodeManifest,
  LIMITS,
  NameSchema,
  ROUTES,
  SyncError,
  type NodeId,
} from '@causeway/protocol'
import { segmentsOf } from '@causeway/log'
import { actingIn } from '../access/actor.ts'
import type { Coordinator } from '../coordinator.ts'
import { fileView } from '../tree/browse.ts'
import { readStream } from './bodies.ts'
import type { App } from './app.ts'
import { serveRoute } from './serve-route.ts'

/**
 * Uploads in chunks, for a browser that cuts and hashes by itself: ask what is
 * missing, send that, name the file. An upload that broke off is begun anew
 * and finds what it sent.
 */
export function addUploadRoutes(app: App, coordinator: Coordinator): void {
  const { context, contents, uploads, nodes } = coordinator
  serveRoute(app, ROUTES.uploads.missing, async ({ params, body }) => ({
    hashes: await contents.missing(params.folder, body.hashes),
  }))
  serveRoute(app, ROUTES.uploads.chunks, async (request) => {
    const { folder } = request.params
    return { stored: await contents.upload(folder, senderOf(request), readStream(request, context.observe)) }
  })
  serveRoute(app, ROUTES.uploads.finish, async (request) => {
    const { folder } = request.params
    const { path, hash, size, chunks: manifest, owner } = request.body
    for (const segment of segmentsOf(path)) check(NameSchema, segment)
    if (owner !== undefined) await nodes.get(owner)
    const total = manifest.reduce((sum, chunk) => sum + chunk.size, 0)
    const [only] = manifest
    if (total !== size) throw new SyncError('manifest-invalid', `the chunks of ${path} are ${total} bytes, not ${size}`)
    if (only !== undefined && manifest.length === 1 && contentOfOnlyChunk(only.hash) !== hash) {
      throw new SyncError('manifest-invalid', `the only chunk of ${path} has another hash than the file`)
    }
    const [lacking] = await contents.missing(
      folder,
      manifest.map((chunk) => chunk.hash),
    )
    if (lacking !== undefined) {
      throw new SyncError(
        'chunk-missing',
        `chunk ${lacking} of ${path} was not sent to this folder: send it, then ask again`,
      )
    }
    // Only a small content in one chunk goes without a list of them; a larger one has a list even of one.
    const listed = manifest.length > 1 || size > LIMITS.inlineBytes
    const manifests = listed ? [{ content: hash, chunks: encodeManifest(manifest) }] : []
    const content = { hash, size, rows: [], hashes: [], manifests }
    const state = await uploads.put(actingIn(request), { path, content, owner: owner ?? null })
    return fileView(folder, state, path)
  })
}

/** Under whose name the ledger notes what came. */
function senderOf({ identity }: FastifyRequest): NodeId {
  return identity?.kind === 'node' ? identity.node : COORDINATOR_ID
}
