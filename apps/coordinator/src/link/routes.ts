import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import {
  AcceptRequestSchema,
  ChallengeRequestSchema,
  ChangesRequestSchema,
  check,
  CommitRequestSchema,
  DeclineRequestSchema,
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
  type Hash,
} from '@causeway/protocol'
import type { Crossing } from '@causeway/contents'
import type { ChunkRow } from '@causeway/store'
import { nodeOf, placeOf } from '../access/gate.ts'
import { authorize } from '../access/authorize.ts'
import type { FolderRight } from '../access/rights.ts'
import type { GuessBrake } from '../access/guess-brake.ts'
import type { NodeSignIn } from '../nodes/sign-in.ts'
import type { Coordinator } from '../coordinator.ts'
import { readMessage, readStream, sendFrames, sendMessage } from '../http/bodies.ts'
import { encodePatchStream } from './patch-stream.ts'
import { withoutBytes } from '../feed/without-bytes.ts'

const PUBLIC = { config: { access: 'public' } } as const
const LISTS = { config: { access: 'node', right: 'list' } } as const
const READS = { config: { access: 'node', right: 'read' } } as const
const SENDS = { config: { access: 'node', right: 'send' } } as const
const REPAIRS = { config: { access: 'node', right: 'repair' } } as const

/** The node link over HTTP: sign-in, and the calls of one folder. */
export function addLinkRoutes(
  app: FastifyInstance,
  coordinator: Coordinator,
  { signIn, guesses }: { readonly signIn: NodeSignIn; readonly guesses: GuessBrake },
): void {
  const { commits, changes, contents, digests } = coordinator
  const { observe } = coordinator.context
  const url = (call: string) => `/link/v1/folders/:folder/${call}`

  /** Which chunks a node may give: all, or, where it may not send, those that were damaged here. */
  function awaitedFrom(request: FastifyRequest): (hash: Hash) => Promise<boolean> {
    if (mayAlso(request, 'send')) return () => Promise.resolve(true)
    return (hash) => contents.repair.isAwaited(hash)
  }

  app.post('/link/v1/challenge', PUBLIC, async (request) => {
    return signIn.challenge(check(ChallengeRequestSchema, request.body).node)
  })
  app.post('/link/v1/session', PUBLIC, async (request) => {
    const proof = check(LinkSessionRequestSchema, request.body)
    return guesses.around(request.ip, () => signIn.session(proof, placeOf(request)))
  })

  app.post('/link/v1/accept', { config: { access: 'node' } }, async (request, reply) => {
    const { folder, watchDirectories } = readMessage(request, AcceptRequestSchema)
    const carried = await coordinator.assignments.accept(folder, nodeOf(request), watchDirectories)
    return sendMessage(request, reply, { folder: carried })
  })

  app.post('/link/v1/decline', { config: { access: 'node' } }, async (request, reply) => {
    const { folder } = readMessage(request, DeclineRequestSchema)
    await coordinator.assignments.decline(folder, nodeOf(request))
    return sendMessage(request, reply, {})
  })

  app.post(url('commit'), SENDS, async (request, reply) => {
    const message = readMessage(request, CommitRequestSchema)
    const wireBytes = Number(request.headers['content-length'] ?? 0)
    return sendMessage(request, reply, await commits.commit(folderIn(request), nodeOf(request), message, wireBytes))
  })
  app.post(url('changes'), LISTS, async (request, reply) => {
    const message = readMessage(request, ChangesRequestSchema)
    const folder = folderIn(request)
    const node = nodeOf(request)
    const { batch: whole, seen } = await changes.since(folder, node, message)
    const batch = mayAlso(request, 'read') ? whole : withoutBytes(whole)
    await sendMessage(request, reply, batch)
    const wireBytes = Number(reply.getHeader('content-length') ?? 0)
    observe.told(batch, { node, seen, wireBytes })
    return reply
  })
  app.post(url('digest'), LISTS, async (request, reply) => {
    const message = readMessage(request, DigestRequestSchema)
    return sendMessage(request, reply, await digests.compare(folderIn(request), nodeOf(request), message))
  })
  app.post(url('digest/entries'), LISTS, async (request, reply) => {
    const message = readMessage(request, DigestEntriesRequestSchema)
    return sendMessage(request, reply, await digests.entries(folderIn(request), message))
  })
  app.post(url('entries'), LISTS, async (request, reply) => {
    const { entries } = readMessage(request, EntriesRequestSchema)
    return sendMessage(request, reply, { states: await digests.states(folderIn(request), nodeOf(request), entries) })
  })
  app.post(url('chunks/missing'), REPAIRS, async (request, reply) => {
    const { hashes } = readMessage(request, HashListSchema)
    const answers = await Promise.all(hashes.map(awaitedFrom(request)))
    const wanted = hashes.filter((_, index) => answers[index] === true)
    const lacking = new Set(await contents.missing(folderIn(request), wanted))
    return sendMessage(request, reply, { missing: encodeBits(hashes.map((hash) => lacking.has(hash))) })
  })
  app.post(url('chunks/upload'), REPAIRS, async (request, reply) => {
    const wanted = awaitedFrom(request)
    const stored = await contents.upload(folderIn(request), nodeOf(request), readStream(request, observe), wanted)
    return sendMessage(request, reply, { stored })
  })
  app.post(url('chunks/fetch'), READS, async (request, reply) => {
    const { hashes } = readMessage(request, HashListSchema)
    const fetched = await contents.fetchGroups(folderIn(request), hashes)
    const hop = { folder: folderIn(request), node: nodeOf(request) }
    for (const row of fetched.rows) observe.chunkSent(hop, row.hash, crossingOf(row))
    return sendFrames(reply, fetched, observe)
  })
  app.post(url('manifest'), LISTS, async (request, reply) => {
    const { content } = readMessage(request, ManifestRequestSchema)
    const encoded = encodeManifest(await contents.manifest(folderIn(request), content))
    observe.contentSent({ folder: folderIn(request), node: nodeOf(request) }, content, { listBytes: encoded.length })
    return sendMessage(request, reply, { chunks: encoded })
  })
  app.post(url('chunks/deltas'), SENDS, async (request, reply) => {
    const { deltas } = readMessage(request, DeltasRequestSchema)
    return sendMessage(request, reply, { rejected: await contents.deltas(folderIn(request), nodeOf(request), deltas) })
  })
  app.post(url('chunks/signatures'), SENDS, async (request, reply) => {
    const message = readMessage(request, SignaturesRequestSchema)
    return sendMessage(request, reply, { signatures: await contents.signatures(folderIn(request), message) })
  })
  app.post(url('patch'), READS, async (request, reply) => {
    const message = readMessage(request, PatchRequestSchema)
    const items = await contents.patch(folderIn(request), message)
    const hop = { folder: folderIn(request), node: nodeOf(request) }
    const passage = { hop, content: message.content, observe }
    return reply.type(PATCH_TYPE).send(Readable.from(encodePatchStream(items, passage), { objectMode: false }))
  })
}

/** Whether the node may do more in the folder than the route needs. */
function mayAlso({ identity, membership }: FastifyRequest, right: FolderRight): boolean {
  return authorize(identity, { kind: 'folder', right, ofItself: true }, membership) === null
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
