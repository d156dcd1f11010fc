import type { z } from 'zod'
import {
  CHUNK_FRAMES_TYPE,
  LIMITS,
  PATCH_TYPE,
  ROUTES,
  SyncError,
  bitAt,
  bitBytes,
  decode,
  decodeManifest,
  isSyncError,
  pathOf,
  type BodyFor,
  type CarriedFolder,
  type Cbor,
  type ChunkId,
  type Coming,
  type FolderId,
  type LinkSessionResponse,
  type NamedBytes,
  type PatchItem,
  type ParamsFor,
  type PatchRequest,
  type PeerServer,
  type PeersGave,
  type PeersResponse,
  type Route,
} from '@causeway/protocol'
import type { HashWorkers } from '@causeway/packing'
import { systemTimers, type Timers } from '@causeway/time'
import type { CoordinatorLink } from '../ports.ts'
import { createBackoff, sleep as realSleep, type Sleep } from './backoff.ts'
import { createChunkPacker, openFrames } from './chunk-bodies.ts'
import type { Dialler } from './dialler.ts'
import { createHttpExchange, type HttpAnswer, type HttpExchange, type HttpRequest } from './http-exchange.ts'
import { messageOf, refusalOf } from './json-call.ts'
import { CBOR_TYPE, packMessage, unpackBody } from './message-body.ts'
import { decodePatchStream } from './patch-stream.ts'
import { createSession, type LinkIdentity, type Session } from './session.ts'

const { link: LINK } = ROUTES

/** A route with a message both ways. */
type MessageRoute = Route & { readonly method: 'POST'; readonly body: Cbor; readonly response: Cbor }
type Answer<R extends MessageRoute> = z.infer<R['response']['message']>

export interface HttpLink extends CoordinatorLink {
  /** The sign-in that the requests share; the socket and the REST client use it too. */
  readonly session: Session
  /** Tells that the node has a directory for a folder it was offered. Throws `not-allowed` if it is offered no longer. */
  accept(folder: FolderId, watchDirectories: readonly string[]): Promise<CarriedFolder>
  /** Tells that the node does not want a folder it was offered. Throws `not-found` if it is offered no longer. */
  decline(folder: FolderId): Promise<void>
  /** Says where other nodes can fetch chunks from this one; null if nowhere. */
  servePeers(server: PeerServer | null): Promise<void>
  /** The other nodes of a folder that can be asked for chunks. */
  peers(folder: FolderId): Promise<PeersResponse>
  /** Says what other nodes gave. */
  peersGave(folder: FolderId, told: PeersGave): Promise<void>
  /** The connections there are have died unnoticed: calls under way begin again on new ones. */
  dropConnections(): void
  /** The coordinator is restarting: for some seconds, calls that do not reach it are tried again instead of failing. */
  expectRestart(): void
  /** Drops every connection; calls under way end with `offline`. */
  close(): Promise<void>
}

export interface HttpLinkOptions {
  readonly dialler: Dialler
  readonly identity: LinkIdentity
  readonly exchange?: HttpExchange
  readonly sleep?: Sleep
  /** Hears, at each sign-in, what the node carries and may do. */
  readonly onSignedIn?: (session: LinkSessionResponse) => void
  /** Carries what others may know of an upload under way; without it nobody hears of one. */
  readonly announce?: (folder: FolderId, coming: Coming) => void
  /** Checks what comes in large pieces; without it that is done in this thread. */
  readonly hashing?: HashWorkers
  /** Attempts at one call before `offline` is handed on. */
  readonly attempts?: number
  readonly timers?: Pick<Timers, 'now'>
}

/** A coordinator that restarts is back sooner. */
const RESTART_MS = 8_000

/**
 * The coordinator over HTTP. Only `offline` is tried again, a few times; a
 * session that has ended is renewed once a call.
 */
export function createHttpLink(options: HttpLinkOptions): HttpLink {
  const { dialler, identity, exchange = createHttpExchange({ dialler }), sleep = realSleep, attempts = 4 } = options
  const packer = createChunkPacker()
  const session = createSession(exchange, identity, options.onSignedIn)
  const timers = options.timers ?? systemTimers
  let patientUntil = -Infinity
  let isClosed = false

  function isFinal(error: unknown, attempt: number): boolean {
    if (isClosed || !isSyncError(error, 'offline')) return true
    return attempt >= attempts && timers.now() >= patientUntil
  }

  async function persistently<T>(work: () => Promise<T>): Promise<T> {
    const backoff = createBackoff({ firstMs: 100, limitMs: 2_000 })
    for (let attempt = 1; ; attempt++) {
      try {
        return await work()
      } catch (error) {
        if (isFinal(error, attempt)) throw error
        await sleep(backoff.next())
      }
    }
  }

  async function signedIn<T extends { status: number }>(work: (authorization: string) => Promise<T>): Promise<T> {
    const token = await session.token()
    const answer = await work(`Bearer ${token}`)
    if (answer.status !== 401) return answer
    session.forget(token)
    return work(`Bearer ${await session.token()}`)
  }

  function ask<R extends MessageRoute>(route: R, params: ParamsFor<R>, message: BodyFor<R>): Promise<Answer<R>> {
    const { method, response } = route
    const path = pathOf(route, params)
    return persistently(async () => {
      const body = await packMessage(message)
      const request = (authorization: string): HttpRequest => {
        return { method, path, headers: { ...body.headers, authorization }, body: body.bytes }
      }
      const answer = await signedIn((authorization) => exchange.send(request(authorization)))
      return readMessage<R['response']['message']>(response.message, path, answer)
    })
  }

  async function* fetchFrames(path: string, hashes: readonly ChunkId[]): AsyncIterable<NamedBytes> {
    const body = await packMessage({ hashes })
    const answer = await signedIn((authorization) => {
      const headers = { ...body.headers, accept: CHUNK_FRAMES_TYPE, 'accept-encoding': 'identity', authorization }
      return exchange.stream({ method: 'POST', path, headers, body: body.bytes })
    })
    if (answer.status !== 200 || answer.type !== CHUNK_FRAMES_TYPE) {
      throw refusalOf({ ...answer, bytes: await firstBytes(answer.body) })
    }
    let index = 0
    for await (const chunk of openFrames(answer.body, options.hashing)) {
      if (chunk.hash !== hashes[index]) throw new SyncError('protocol-mismatch', `${path} sent a chunk out of turn`)
      index++
      yield chunk
    }
    if (index < hashes.length) throw new SyncError('offline', `${path} ended after ${index} of ${hashes.length} chunks`)
  }

  async function* patchItems(path: string, request: PatchRequest): AsyncIterable<PatchItem> {
    const body = await packMessage(request)
    const answer = await signedIn((authorization) => {
      const headers = { ...body.headers, accept: PATCH_TYPE, 'accept-encoding': 'identity', authorization }
      return exchange.stream({ method: 'POST', path, headers, body: body.bytes })
    })
    if (answer.status !== 200 || answer.type !== PATCH_TYPE) {
      throw refusalOf({ ...answer, bytes: await firstBytes(answer.body) })
    }
    yield* decodePatchStream(answer.body)
  }

  return {
    session,
    async accept(folder, watchDirectories) {
      const request = { folder, watchDirectories: watchDirectories.slice(0, LIMITS.watchDirectories) }
      return (await ask(LINK.accept, {}, request)).folder
    },
    async decline(folder) {
      await ask(LINK.decline, {}, { folder })
    },
    async servePeers(server) {
      await ask(LINK.servePeers, {}, { server })
    },
    peers: (folder) => ask(LINK.peers, { folder }, {}),
    async peersGave(folder, told) {
      await ask(LINK.peersGave, { folder }, told)
    },
    commit: (folder, request) => ask(LINK.commit, { folder }, request),
    changes: (folder, request) => ask(LINK.changes, { folder }, request),
    compareDigest: (folder, request) => ask(LINK.digest, { folder }, request),
    digestEntries: (folder, request) => ask(LINK.digestEntries, { folder }, request),
    async entries(folder, entries) {
      return (await ask(LINK.entries, { folder }, { entries })).states
    },
    async missing(folder, hashes) {
      const path = pathOf(LINK.missing, { folder })
      const { missing } = await ask(LINK.missing, { folder }, { hashes })
      if (missing.length !== bitBytes(hashes.length)) {
        throw new SyncError('protocol-mismatch', `${path} answered for other than ${hashes.length} chunks`)
      }
      return hashes.filter((_, index) => bitAt(missing, index))
    },
    async upload(folder, chunks) {
      const path = pathOf(LINK.upload, { folder })
      const body = await packer.pack(chunks)
      await persistently(async () => {
        const answer = await signedIn((authorization) => {
          const headers = { 'content-type': CHUNK_FRAMES_TYPE, accept: CBOR_TYPE, authorization }
          return exchange.send({ method: 'POST', path, headers, body: body.bytes })
        })
        const { stored } = await readMessage(LINK.upload.response.message, path, answer)
        if (stored !== chunks.length) {
          throw new SyncError('protocol-mismatch', `${path} took ${stored} of ${chunks.length} chunks`)
        }
      })
      // Not after a failure: a connection that was given up may still have its hands on the bytes.
      body.release()
    },
    async *fetch(folder, hashes) {
      // What has arrived is not asked for again: a retry goes on behind it.
      const path = pathOf(LINK.fetch, { folder })
      const backoff = createBackoff({ firstMs: 100, limitMs: 2_000 })
      let done = 0
      for (let attempt = 1; done < hashes.length; attempt++) {
        try {
          for await (const chunk of fetchFrames(path, hashes.slice(done))) {
            done++
            attempt = 1
            yield chunk
          }
        } catch (error) {
          if (isFinal(error, attempt)) throw error
          await sleep(backoff.next())
        }
      }
    },
    async manifest(folder, content) {
      const answer = await ask(LINK.manifest, { folder }, { content })
      try {
        return decodeManifest(answer.chunks)
      } catch (cause) {
        throw new SyncError('manifest-invalid', `the manifest of ${content} cannot be read`, { cause })
      }
    },
    async sendDeltas(folder, deltas) {
      const path = pathOf(LINK.deltas, { folder })
      const { rejected } = await ask(LINK.deltas, { folder }, { deltas })
      const sent = new Set(deltas.flatMap(({ chunks }) => decodeManifest(chunks).map(({ hash }) => hash)))
      if (!rejected.every((hash) => sent.has(hash))) {
        throw new SyncError('protocol-mismatch', `${path} rejected a chunk that was not sent`)
      }
      return rejected
    },
    async signatures(folder, request) {
      const path = pathOf(LINK.signatures, { folder })
      const { signatures } = await ask(LINK.signatures, { folder }, request)
      if (signatures.length !== request.regions.length) {
        throw new SyncError('protocol-mismatch', `${path} gave ${signatures.length} of ${request.regions.length}`)
      }
      return signatures
    },
    async *patch(folder, request) {
      // What came is of use to the asker as it is: once something did, only the asker knows what is still to come.
      const path = pathOf(LINK.patch, { folder })
      const backoff = createBackoff({ firstMs: 100, limitMs: 2_000 })
      let begun = false
      for (let attempt = 1; ; attempt++) {
        try {
          for await (const item of patchItems(path, request)) {
            begun = true
            yield item
          }
          return
        } catch (error) {
          if (begun || isFinal(error, attempt)) throw error
          await sleep(backoff.next())
        }
      }
    },
    announce: (folder, coming) => options.announce?.(folder, coming),
    dropConnections: () => exchange.dropConnections(),
    expectRestart() {
      patientUntil = timers.now() + RESTART_MS
    },
    async close() {
      isClosed = true
      await exchange.close()
    },
  }
}

/** The message of a proper answer. Whatever else came throws: nothing is ever taken for an empty answer. */
async function readMessage<Schema extends z.ZodType>(
  schema: Schema,
  path: string,
  answer: HttpAnswer,
): Promise<z.infer<Schema>> {
  if (answer.status !== 200 || answer.type !== CBOR_TYPE) throw refusalOf(answer)
  const bytes = await unpackBody(answer.bytes, answer.encoding, `the answer to ${path}`)
  try {
    return decode(schema, bytes)
  } catch (cause) {
    throw new SyncError('protocol-mismatch', `the answer to ${path} cannot be read: ${messageOf(cause)}`, { cause })
  }
}

async function firstBytes(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of body) {
    pieces.push(piece)
    size += piece.length
    if (size > 16 * 1024) break
  }
  return Buffer.concat(pieces)
}
