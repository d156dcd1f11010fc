import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import {
  ChallengeRequestSchema,
  CHUNK_FRAMES_TYPE,
  chunkFrameParts,
  ChangesRequestSchema,
  check,
  CommitRequestSchema,
  encodeManifest,
  FolderIdSchema,
  HashListSchema,
  LinkSessionRequestSchema,
  ManifestRequestSchema,
  type ChunkFrame,
  type FolderId,
} from '@causeway/protocol'
import { nodeOf } from '../access/gate.ts'
import type { NodeSignIn } from '../access/node-sign-in.ts'
import type { Coordinator } from '../coordinator.ts'
import type { Meter } from '../live/meter.ts'
import { readMessage, readStream, sendMessage } from './bodies.ts'

const NODE = { config: { access: 'node' } } as const
const PUBLIC = { config: { access: 'public', rateLimit: { max: 600, timeWindow: '1 minute' } } } as const

/** The node link over HTTP: sign-in, and the calls of one folder. */
export function addLinkRoutes(app: FastifyInstance, coordinator: Coordinator, signIn: NodeSignIn): void {
  const { commits, changes, chunks, meter } = coordinator
  const url = (call: string) => `/link/v1/folders/:folder/${call}`

  app.post('/link/v1/challenge', PUBLIC, async (request) => {
    return signIn.challenge(check(ChallengeRequestSchema, request.body).node)
  })
  app.post('/link/v1/session', PUBLIC, async (request) => signIn.session(check(LinkSessionRequestSchema, request.body)))

  app.post(url('commit'), NODE, async (request, reply) => {
    const message = readMessage(request, CommitRequestSchema)
    return sendMessage(request, reply, await commits.commit(folderIn(request), nodeOf(request), message))
  })
  app.post(url('changes'), NODE, async (request, reply) => {
    const message = readMessage(request, ChangesRequestSchema)
    return sendMessage(request, reply, await changes.changes(folderIn(request), nodeOf(request), message))
  })
  app.post(url('chunks/missing'), NODE, async (request, reply) => {
    const { hashes } = readMessage(request, HashListSchema)
    return sendMessage(request, reply, { hashes: await chunks.missing(folderIn(request), hashes) })
  })
  app.post(url('chunks/upload'), NODE, async (request, reply) => {
    const stored = await chunks.upload(folderIn(request), readStream(request, meter))
    return sendMessage(request, reply, { stored })
  })
  app.post(url('chunks/fetch'), NODE, async (request, reply) => {
    const { hashes } = readMessage(request, HashListSchema)
    const frames = await chunks.fetch(folderIn(request), hashes)
    return reply.type(CHUNK_FRAMES_TYPE).send(Readable.from(bytesOf(frames, meter), { objectMode: false }))
  })
  app.post(url('manifest'), NODE, async (request, reply) => {
    const { content } = readMessage(request, ManifestRequestSchema)
    const manifest = await chunks.manifest(folderIn(request), content)
    return sendMessage(request, reply, { chunks: encodeManifest(manifest) })
  })
}

function folderIn(request: { readonly params: unknown }): FolderId {
  const { params } = request
  const folder = typeof params === 'object' && params !== null && 'folder' in params ? params.folder : undefined
  return check(FolderIdSchema, folder)
}

async function* bytesOf(frames: AsyncIterable<ChunkFrame>, meter: Meter): AsyncIterable<Uint8Array> {
  for await (const frame of frames) {
    for (const part of chunkFrameParts(frame)) {
      meter.sent(part.length)
      yield part
    }
  }
}
