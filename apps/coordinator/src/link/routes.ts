import { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import {
  CHUNK_FRAME_HEADER_BYTES,
  encodeBits,
  encodeManifest,
  PATCH_TYPE,
  ROUTES,
  type FolderId,
  type FolderRight,
  type ChunkId,
  type NodeId,
} from '@causeway/protocol'
import type { Crossing } from '@causeway/contents'
import type { ChunkRow } from '@causeway/store'
import { nodeOf, placeOf } from '../access/gate.ts'
import { authorize } from '../access/authorize.ts'
import type { GuessBrake } from '../access/guess-brake.ts'
import type { NodeSignIn } from '../nodes/sign-in.ts'
import type { Coordinator } from '../coordinator.ts'
import type { App } from '../http/app.ts'
import { readStream, sendFrames, sendMessage } from '../http/bodies.ts'
import { serveRoute } from '../http/serve-route.ts'
import { encodePatchStream } from './patch-stream.ts'
import { withoutBytes } from '../feed/without-bytes.ts'

const { link: LINK } = ROUTES

/** The node link over HTTP: sign-in, and the calls of one folder. */
export function addLinkRoutes(
  app: App,
  coordinator: Coordinator,
  { signIn, guesses }: { readonly signIn: NodeSignIn; readonly guesses: GuessBrake },
): void {
  const { assignments, commits, digests } = coordinator
  serveRoute(app, LINK.challenge, async ({ body }) => signIn.challenge(body.node))
  serveRoute(app, LINK.session, async (request) => {
    return guesses.around(request.ip, () => signIn.session(request.body, placeOf(request)))
  })

  serveRoute(app, LINK.accept, async (request) => {
    const { folder, watchDirectories } = request.body
    return { folder: await assignments.accept(folder, nodeOf(request), watchDirectories) }
  })
  serveRoute(app, LINK.decline, async (request) => {
    const node = nodeOf(request)
    await assignments.decline({ folder: request.body.folder, by: { kind: 'node', node } }, node)
    return {}
  })

  addPeers(app, coordinator)
  serveRoute(app, LINK.commit, async (request) => {
    const wireBytes = Number(request.headers['content-length'] ?? 0)
    return commits.commit(request.params.folder, nodeOf(request), request.body, wireBytes)
  })
  addChanges(app, coordinator)
  serveRoute(app, LINK.digest, async (request) => digests.compare(request.params.folder, nodeOf(request), request.body))
  serveRoute(app, LINK.digestEntries, async ({ params, body }) => digests.entries(params.folder, body))
  serveRoute(app, LINK.entries, async (request) => ({
    states: await digests.states(request.params.folder, nodeOf(request), request.body.entries),
  }))
  addChunks(app, coordinator)
  addDeltas(app, coordinator)
}

/** How nodes find one another. */
function addPeers(app: App, { peers }: Coordinator): void {
  serveRoute(app, LINK.servePeers, async (request) => {
    await peers.serves(nodeOf(request), request.body.server)
    return {}
  })
  serveRoute(app, LINK.peers, async (request) => peers.of(hopOf(request)))
  serveRoute(app, LINK.peersGave, async (request) => {
    await peers.gave(hopOf(request), request.body)
    return {}
  })
}

function addChanges(app: App, { changes, context }: Coordinator): void {
  serveRoute(app, LINK.changes, async (request, reply) => {
    const node = nodeOf(request)
    const { batch: whole, seen } = await changes.since(request.params.folder, node, request.body)
    const batch = mayAlso(request, 'read') ? whole : withoutBytes(whole)
    await sendMessage(request, reply, batch)
    const wireBytes = Number(reply.getHeader('content-length') ?? 0)
    context.observe.told(batch, { node, seen, wireBytes })
    return reply
  })
}

/** Whole chunks, up and down, and the lists of them. */
function addChunks(app: App, { contents, context: { observe } }: Coordinator): void {
  /** Which chunks a node may give: all, or, where it may not send, those that were damaged here. */
  function awaitedFrom(request: FastifyRequest): (hash: ChunkId) => Promise<boolean> {
    if (mayAlso(request, 'send')) return () => Promise.resolve(true)
    return (hash) => contents.repair.isAwaited(hash)
  }

  serveRoute(app, LINK.missing, async (request) => {
    const { hashes } = request.body
    const answers = await Promise.all(hashes.map(awaitedFrom(request)))
    const wanted = hashes.filter((_, index) => answers[index] === true)
    const lacking = new Set(await contents.missing(request.params.folder, wanted, nodeOf(request)))
    return { missing: encodeBits(hashes.map((hash) => lacking.has(hash))) }
  })
  serveRoute(app, LINK.upload, async (request) => {
    const { folder } = request.params
    const frames = readStream(request, observe)
    return { stored: await contents.upload(folder, nodeOf(request), frames, awaitedFrom(request)) }
  })
  serveRoute(app, LINK.fetch, async (request, reply) => {
    const hop = hopOf(request)
    const fetched = await contents.fetchGroups(hop.folder, request.body.hashes)
    for (const row of fetched.rows) observe.chunkSent(hop, row.hash, crossingOf(row))
    return sendFrames(reply, fetched, observe)
  })
  serveRoute(app, LINK.manifest, async (request) => {
    const hop = hopOf(request)
    const { content } = request.body
    const encoded = encodeManifest(await contents.manifest(hop.folder, content))
    observe.contentSent(hop, content, { listBytes: encoded.length })
    return { chunks: encoded }
  })
}

/** How contents follow from others, up and down. */
function addDeltas(app: App, { contents, context: { observe } }: Coordinator): void {
  serveRoute(app, LINK.deltas, async (request) => ({
    rejected: await contents.deltas(request.params.folder, nodeOf(request), request.body.deltas),
  }))
  serveRoute(app, LINK.signatures, async ({ params, body }) => ({
    signatures: await contents.signatures(params.folder, body),
  }))
  serveRoute(app, LINK.patch, async (request, reply) => {
    const hop = hopOf(request)
    const items = await contents.patch(hop.folder, request.body, hop.node)
    const passage = { hop, content: request.body.content, observe }
    return reply.type(PATCH_TYPE).send(Readable.from(encodePatchStream(items, passage), { objectMode: false }))
  })
}

/** Between whom something goes, and in which folder. */
function hopOf(request: FastifyRequest & { readonly params: { readonly folder: FolderId } }): {
  readonly folder: FolderId
  readonly node: NodeId
} {
  return { folder: request.params.folder, node: nodeOf(request) }
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
