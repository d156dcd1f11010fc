import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import {
  ChallengeRequestSchema,
  ChangesRequestSchema,
  check,
  CommitRequestSchema,
  DeltasRequestSchema,
  DigestEntriesRequestSchema,
  DigestRequestSchema,
  encodeBits,
  encodeManifest,
  EntriesRequestSchema,
  FolderIdSchema,
  CHUNK_FRAME_HEADER_BYTES,
  HashListSchema,
  LinkSessionRequestSchema,
  ManifestRequestSchema,
  PATCH_TYPE,
  PatchRequestSchema,
  SignaturesRequestSchema,
  type FolderId,
} from '@causeway/protocol'
import { nodeOf } from '../access/gate.ts'
import type { NodeSignIn } from '../access/node-sign-in.ts'
import type { Coordinator } from '../coordinator.ts'
import { readMessage, readStream, sendFrames, sendMessage } from './bodies.ts'
import { encodePatchStream } from './patch-stream.ts'
import type { Crossing } from '../savings/account.ts'
import { toldFiles } from '../savings/moved-files.ts'
import type { ChunkRow } from '@causeway/store'

const NODE = { config: { access: 'node' } } as const
const PUBLIC = { config: { access: 'public', rateLimit: { max: 600, timeWindow: '1 minute' } } } as const

/** The node link over HTTP: sign-in, and the calls of one folder. */
export function addLinkRoutes(app: FastifyInstance, coordinator: Coordinator, signIn: NodeSignIn): void {
  const { commits, changes, chunks, digests, patches, meter } = coordinator
  const { ledger } = coordinator.context
  const url = (call: string) => `/link/v1/folders/:folder/${call}`

  app.post('/link/v1/challenge', PUBLIC, async (request) => {
    return signIn.challenge(check(ChallengeRequestSchema, request.body).node)
  })
  app.post('/link/v1/session', PUBLIC, async (request) => signIn.session(check(LinkSessionRequestSchema, request.body)))

  app.post(url('commit'), NODE, async (request, reply) => {
    const message = readMessage(request, CommitRequestSchema)
    const wireBytes = Number(request.headers['content-length'] ?? 0)
    return sendMessage(request, reply, await commits.commit(folderIn(request), nodeOf(request), message, wireBytes))
  })
  app.post(url('changes'), NODE, async (request, reply) => {
    const message = readMessage(request, ChangesRequestSchema)
    const folder = folderIn(request)
    const node = nodeOf(request)
    const { batch, seen } = await changes.since(folder, node, message)
    await sendMessage(request, reply, batch)
    const wireBytes = Number(reply.getHeader('content-length') ?? 0)
    ledger.told({ folder, node, ...toldFiles(batch, { node, seen, wireBytes }) })
    return reply
  })
  app.post(url('digest'), NODE, async (request, reply) => {
    const message = readMessage(request, DigestRequestSchema)
    return sendMessage(request, reply, await digests.compare(folderIn(request), nodeOf(request), message))
  })
  app.post(url('digest/entries'), NODE, async (request, reply) => {
    const message = readMessage(request, DigestEntriesRequestSchema)
    return sendMessage(request, reply, await digests.entries(folderIn(request), message))
  })
  app.post(url('entries'), NODE, async (request, reply) => {
    const { entries } = readMessage(request, EntriesRequestSchema)
    return sendMessage(request, reply, { states: await digests.states(folderIn(request), nodeOf(request), entries) })
  })
  app.post(url('chunks/missing'), NODE, async (request, reply) => {
    const { hashes } = readMessage(request, HashListSchema)
    const lacking = new Set(await chunks.missing(folderIn(request), hashes))
    return sendMessage(request, reply, { missing: encodeBits(hashes.map((hash) => lacking.has(hash))) })
  })
  app.post(url('chunks/upload'), NODE, async (request, reply) => {
    const stored = await chunks.upload(folderIn(request), nodeOf(request), readStream(request, meter))
    return sendMessage(request, reply, { stored })
  })
  app.post(url('chunks/fetch'), NODE, async (request, reply) => {
    const { hashes } = readMessage(request, HashListSchema)
    const fetched = await chunks.fetchGroups(folderIn(request), hashes)
    const node = nodeOf(request)
    for (const row of fetched.rows) ledger.fetched(node, row.hash, crossingOf(row))
    return sendFrames(reply, fetched, meter)
  })
  app.post(url('manifest'), NODE, async (request, reply) => {
    const { content } = readMessage(request, ManifestRequestSchema)
    const encoded = encodeManifest(await chunks.manifest(folderIn(request), content))
    ledger.sent(nodeOf(request), content, { listBytes: encoded.length })
    return sendMessage(request, reply, { chunks: encoded })
  })
  app.post(url('chunks/deltas'), NODE, async (request, reply) => {
    const { deltas } = readMessage(request, DeltasRequestSchema)
    return sendMessage(request, reply, { rejected: await patches.deltas(folderIn(request), nodeOf(request), deltas) })
  })
  app.post(url('chunks/signatures'), NODE, async (request, reply) => {
    const message = readMessage(request, SignaturesRequestSchema)
    return sendMessage(request, reply, { signatures: await patches.signatures(folderIn(request), message) })
  })
  app.post(url('patch'), NODE, async (request, reply) => {
    const message = readMessage(request, PatchRequestSchema)
    const items = await patches.patch(folderIn(request), message)
    const passage = { node: nodeOf(request), content: message.content, meter, ledger }
    return reply.type(PATCH_TYPE).send(Readable.from(encodePatchStream(items, passage), { objectMode: false }))
  })
}

/** A stored chunk as it goes out. */
function crossingOf({ size, storedSize, compressed }: ChunkRow): Crossing {
  const wireBytes = storedSize + CHUNK_FRAME_HEADER_BYTES
  return { form: compressed ? 'packed' : 'plain', plainBytes: size, wireBytes }
}

function folderIn(request: { readonly params: unknown }): FolderId {
  const { params } = request
  const folder = typeof params === 'object' && params !== null && 'folder' in params ? params.folder : undefined
  return check(FolderIdSchema, folder)
}
