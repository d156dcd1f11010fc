import { z } from 'zod'
import {
  AcceptResponseSchema,
  CHUNK_FRAMES_TYPE,
  ChangeBatchSchema,
  CommitResponseSchema,
  DeclineResponseSchema,
  DeltasResponseSchema,
  DigestEntriesResponseSchema,
  DigestResponseSchema,
  EntriesResponseSchema,
  LIMITS,
  ManifestResponseSchema,
  MissingResponseSchema,
  PATCH_TYPE,
  SignaturesResponseSchema,
  SyncError,
  bitAt,
  bitBytes,
  decode,
  decodeManifest,
  isSyncError,
  type CarriedFolder,
  type Coming,
  type FolderId,
  type Hash,
  type LinkSessionResponse,
  type NamedBytes,
  type PatchItem,
  type PatchRequest,
} from '@causeway/protocol'
import type { HashWorkers } from '@causeway/packing'
import type { CoordinatorLink } from '../ports.ts'
import { createBackoff, sleep as realSleep, type Sleep } from './backoff.ts'
import { createChunkPacker, openFrames } from './chunk-bodies.ts'
import type { Dialler } from './dialler.ts'
import { createHttpExchange, type HttpAnswer, type HttpExchange, type HttpRequest } from './http-exchange.ts'
import { messageOf, refusalOf } from './json-call.ts'
import { CBOR_TYPE, packMessage, unpackBody } from './message-body.ts'
import { decodePatchStream } from './patch-stream.ts'
import { createSession, type LinkIdentity, type Session } from './session.ts'

export interface HttpLink extends CoordinatorLink {
  /** The sign-in that the requests share; the socket and the REST client use it too. */
  readonly session: Session
  /** Tells that the node has a directory for a folder it was offered. Throws `not-allowed` if it is offered no longer. */
  accept(folder: FolderId, watchDirectories: readonly string[]): Promise<CarriedFolder>
  /** Tells that the node does not want a folder it was offered. Throws `not-found` if it is offered no longer. */
  decline(folder: FolderId): Promise<void>
  /** The connections there are have died unnoticed: calls under way begin again on new ones. */
  dropConnections(): void
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
}

/**
 * The coordinator over HTTP. Only `offline` is tried again, a few times; a
 * session that has ended is renewed once a call.
 */
export function createHttpLink(options: HttpLinkOptions): HttpLink {
  const { dialler, identity, exchange = createHttpExchange({ dialler }), sleep = realSleep, attempts = 4 } = options
  const packer = createChunkPacker()
  const session = createSession(exchange, identity, options.onSignedIn)

  async function persistently<T>(work: () => Promise<T>): Promise<T> {
    const backoff = createBackoff({ firstMs: 100, limitMs: 2_000 })
    for (let attempt = 1; ; attempt++) {
      try {
        return await work()
      } catch (error) {
        if (!isSyncError(error, 'offline') || attempt >= attempts) throw error
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

  function ask<Schema extends z.ZodType>(path: string, schema: Schema, message: unknown): Promise<z.infer<Schema>> {
    return persistently(async () => {
      const body = await packMessage(message)
      const request = (authorization: string): HttpRequest => {
        return { method: 'POST', path, headers: { ...body.headers, authorization }, body: body.bytes }
      }
      return readMessage(schema, path, await signedIn((authorization) => exchange.send(request(authorization))))
    })
  }

  async function* fetchFrames(path: string, hashes: readonly Hash[]): AsyncIterable<NamedBytes> {
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
      return (await ask('/link/v1/accept', AcceptResponseSchema, request)).folder
    },
    async decline(folder) {
      await ask('/link/v1/decline', DeclineResponseSchema, { folder })
    },
    commit: (folder, request) => ask(pathOf(folder, 'commit'), CommitResponseSchema, request),
    changes: (folder, request) => ask(pathOf(folder, 'changes'), ChangeBatchSchema, request),
    compareDigest: (folder, request) => ask(pathOf(folder, 'digest'), DigestResponseSchema, request),
    digestEntries: (folder, request) => ask(pathOf(folder, 'digest/entries'), DigestEntriesResponseSchema, request),
    async entries(folder, entries) {
      return (await ask(pathOf(folder, 'entries'), EntriesResponseSchema, { entries })).states
    },
    async missing(folder, hashes) {
      const path = pathOf(folder, 'chunks/missing')
      const { missing } = await ask(path, MissingResponseSchema, { hashes })
      if (missing.length !== bitBytes(hashes.length)) {
        throw new SyncError('protocol-mismatch', `${path} answered for other than ${hashes.length} chunks`)
      }
      return hashes.filter((_, index) => bitAt(missing, index))
    },
    async upload(folder, chunks) {
      const path = pathOf(folder, 'chunks/upload')
      const body = await packer.pack(chunks)
      await persistently(async () => {
        const answer = await signedIn((authorization) => {
          const headers = { 'content-type': CHUNK_FRAMES_TYPE, accept: CBOR_TYPE, authorization }
          return exchange.send({ method: 'POST', path, headers, body: body.bytes })
        })
        const { stored } = await readMessage(UploadAnswerSchema, path, answer)
        if (stored !== chunks.length) {
          throw new SyncError('protocol-mismatch', `${path} took ${stored} of ${chunks.length} chunks`)
        }
      })
      // Not after a failure: a connection that was given up may still have its hands on the bytes.
      body.release()
    },
    async *fetch(folder, hashes) {
      // What has arrived is not asked for again: a retry goes on behind it.
      const path = pathOf(folder, 'chunks/fetch')
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
          if (!isSyncError(error, 'offline') || attempt >= attempts) throw error
          await sleep(backoff.next())
        }
      }
    },
    async manifest(folder, content) {
      const path = pathOf(folder, 'manifest')
      const answer = await ask(path, ManifestResponseSchema, { content })
      try {
        return decodeManifest(answer.chunks)
      } catch (cause) {
        throw new SyncError('manifest-invalid', `the manifest of ${content} cannot be read`, { cause })
      }
    },
    async sendDeltas(folder, deltas) {
      const path = pathOf(folder, 'chunks/deltas')
      const { rejected } = await ask(path, DeltasResponseSchema, { deltas })
      const sent = new Set(deltas.flatMap(({ chunks }) => decodeManifest(chunks).map(({ hash }) => hash)))
      if (!rejected.every((hash) => sent.has(hash))) {
        throw new SyncError('protocol-mismatch', `${path} rejected a chunk that was not sent`)
      }
      return rejected
    },
    async signatures(folder, request) {
      const path = pathOf(folder, 'chunks/signatures')
      const { signatures } = await ask(path, SignaturesResponseSchema, request)
      if (signatures.length !== request.regions.length) {
        throw new SyncError('protocol-mismatch', `${path} gave ${signatures.length} of ${request.regions.length}`)
      }
      return signatures
    },
    async *patch(folder, request) {
      // What came is of use to the asker as it is: once something did, only the asker knows what is still to come.
      const path = pathOf(folder, 'patch')
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
          if (begun || !isSyncError(error, 'offline') || attempt >= attempts) throw error
          await sleep(backoff.next())
        }
      }
    },
    announce: (folder, coming) => options.announce?.(folder, coming),
    dropConnections: () => exchange.dropConnections(),
    async close() {
      await exchange.close()
    },
  }
}

const UploadAnswerSchema = z.object({ stored: z.int().min(0) })

function pathOf(folder: FolderId, call: string): string {
  return `/link/v1/folders/${folder}/${call}`
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
