import { openChunk } from '@causeway/packing'
import {
  bitAt,
  CHUNK_FRAMES_TYPE,
  decode,
  decodeChunkFrames,
  encode,
  ManifestResponseSchema,
  PEER_PATHS,
  PeerHaveResponseSchema,
  SyncError,
  type FolderId,
  type ChunkId,
  type ContentHash,
  type NamedBytes,
  type Peer,
} from '@causeway/protocol'
import { createDialler } from '../link/dialler.ts'
import { createHttpExchange, type HttpExchange } from '../link/http-exchange.ts'
import { refusalOf } from '../link/json-call.ts'
import { CBOR_TYPE } from '../link/message-body.ts'

/** One other node, as far as chunks can be had from it. Whatever it answers, it is not trusted. */
export interface PeerClient {
  /** What it says it has. Throws `offline` where none of its addresses answers. */
  have(
    content: ContentHash,
    hashes: readonly ChunkId[],
  ): Promise<{ state: 'whole' | 'coming' | 'none'; has: ReadonlySet<ChunkId> }>
  /** Those of the chunks that it gives, each rehashed. Throws `chunk-corrupt` on bytes that nobody asked for. */
  chunks(content: ContentHash, hashes: readonly ChunkId[]): AsyncIterable<NamedBytes>
  chunkList(content: ContentHash): Promise<Uint8Array>
  /** Shows another token from now on. */
  renew(token: string): void
  close(): Promise<void>
}

const CONNECT_MS = 1_500
const SILENCE_MS = 5_000

export function createPeerClient(folder: FolderId, peer: Peer): PeerClient {
  const exchanges = new Map<string, HttpExchange>()
  let token = peer.token
  /** The address that answered last comes first. */
  let addresses = peer.addresses

  function exchangeAt(address: string): HttpExchange {
    const known = exchanges.get(address)
    if (known !== undefined) return known
    const host = address.includes(':') ? `[${address}]` : address
    const dialler = createDialler({ url: `https://${host}:${peer.port}`, pins: [peer.pin] })
    const made = createHttpExchange({
      dialler,
      connections: 4,
      connectTimeoutMs: CONNECT_MS,
      silenceTimeoutMs: SILENCE_MS,
    })
    exchanges.set(address, made)
    return made
  }

  function request(path: string, content: ContentHash, hashes: readonly ChunkId[]) {
    const headers = { authorization: `Bearer ${token}`, 'content-type': CBOR_TYPE }
    return { method: 'POST', path, headers, body: encode({ folder, content, hashes }) } as const
  }

  async function send(path: string, content: ContentHash, hashes: readonly ChunkId[]): Promise<Uint8Array> {
    let failure: unknown
    for (const address of addresses) {
      const answer = await exchangeAt(address)
        .send(request(path, content, hashes))
        .catch((error: unknown) => void (failure = error))
      if (answer === undefined) continue
      addresses = [address, ...addresses.filter((other) => other !== address)]
      if (answer.status === 200 && answer.type === CBOR_TYPE) return answer.bytes
      throw refusalOf(answer)
    }
    throw failure
  }

  return {
    async have(content, hashes) {
      const { has, state } = decode(PeerHaveResponseSchema, await send(PEER_PATHS.have, content, hashes))
      return { state, has: new Set(hashes.filter((_, index) => bitAt(has, index))) }
    },
    async *chunks(content, hashes) {
      const wanted = new Set(hashes)
      const [address = ''] = addresses
      const answer = await exchangeAt(address).stream(request(PEER_PATHS.chunks, content, hashes))
      if (answer.status !== 200 || answer.type !== CHUNK_FRAMES_TYPE) {
        await answer.body[Symbol.asyncIterator]().return?.()
        throw new SyncError('offline', `${answer.url} gives no chunks: it answered with ${answer.status}`)
      }
      for await (const frame of decodeChunkFrames(answer.body)) {
        if (!wanted.delete(frame.hash)) {
          throw new SyncError('chunk-corrupt', `${answer.url} gave a chunk that it was not asked for`)
        }
        yield await openChunk(frame)
        // Whatever still comes was not asked for.
        if (wanted.size === 0) return
      }
    },
    async chunkList(content) {
      return decode(ManifestResponseSchema, await send(PEER_PATHS.list, content, [])).chunks
    },
    renew(next) {
      token = next
    },
    async close() {
      await Promise.all([...exchanges.values()].map((exchange) => exchange.close()))
    },
  }
}
