import { hash as digest } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import {
  decodeManifest,
  isSyncError,
  LIMITS,
  SyncError,
  type Delta,
  type ChunkId,
  type Manifest,
  type NamedBytes,
} from '@causeway/protocol'
import type { ChunkRow } from '@causeway/store'
import { openDelta } from '@causeway/packing'
import { isDamage } from '@causeway/log'
import type { Crossing } from '../observer.ts'
import type { ChunkDepot } from '../chunk-depot.ts'
import { limitConcurrency } from './limit-concurrency.ts'
import type { HeldBytes } from './held-bytes.ts'

/** What became of some deltas. */
export interface Rebuilt {
  /** Chunks that are durable now; their rows are to be added with whatever refers to them. */
  readonly rows: readonly ChunkRow[]
  /** All chunks that came out right, those that were held before too. */
  readonly made: readonly ChunkId[]
  /** Deltas all of whose chunks came out right. */
  readonly sound: readonly Delta[]
  /** Chunks that came out wrong or not at all: they were not sent. */
  readonly rejected: readonly ChunkId[]
}

export interface Rebuilder {
  /**
   * Makes the chunks that deltas stand for, rehashes each, and makes the right
   * ones durable. What can't be made is rejected; only a delta that names no
   * chunks at all is an error (see `chunksOf`). Holds one delta and a few MiB at
   * a time, and lets others have their turn in between. `made` hears of each
   * right chunk, and of its share of what its delta took on the wire.
   */
  rebuild(deltas: readonly Delta[], made: (chunk: ChunkId, crossing: Crossing) => void): Promise<Rebuilt>
}

/** Chunks gathered before they are made durable together. */
const GROUP_BYTES = 4 * 1024 * 1024
/** One request may not keep the coordinator busy for longer: what goes beyond is to be sent whole. */
const WORK_BYTES = 1024 * 1024 * 1024
/** Each holds a region and what it makes: tens of MiB where a peer wants that. */
const AT_ONCE = 3

export function createRebuilder(held: HeldBytes, depot: Pick<ChunkDepot, 'keep'>): Rebuilder {
  const inTurn = limitConcurrency(AT_ONCE)

  async function rightChunks(delta: Delta, chunks: Manifest): Promise<readonly NamedBytes[]> {
    const bytes = await plainOf(delta, sizeOf(chunks))
    if (bytes === undefined) return []
    let at = 0
    return chunks.flatMap(({ hash, size }) => {
      const piece = bytes.subarray(at, (at += size))
      return digest('sha256', piece) === hash ? [{ hash, bytes: piece }] : []
    })
  }

  /** Undefined where the base is not held, or is not what the sender made the delta against. */
  async function plainOf(delta: Delta, sizeBytes: number): Promise<Uint8Array | undefined> {
    try {
      const list = await held.list(delta.base.content)
      if (list === undefined) return undefined
      return await openDelta(delta, await held.bytes(list, delta.base), sizeBytes)
    } catch (error) {
      if (error instanceof RangeError || isDamage(error) || isSyncError(error, 'manifest-invalid')) return undefined
      throw error
    }
  }

  return {
    async rebuild(deltas, made) {
      const rows: ChunkRow[] = []
      const all: ChunkId[] = []
      const sound: Delta[] = []
      const rejected: ChunkId[] = []
      let group: NamedBytes[] = []
      let groupBytes = 0
      let work = 0

      async function flush(): Promise<void> {
        rows.push(...(await depot.keep(group)))
        group = []
        groupBytes = 0
      }

      for (const delta of deltas) {
        const chunks = chunksOf(delta)
        const size = sizeOf(chunks)
        work += size + delta.base.length
        const right =
          size > LIMITS.deltaBytes || work > WORK_BYTES ? [] : await inTurn(() => rightChunks(delta, chunks))
        if (right.length === chunks.length) sound.push(delta)
        else {
          const names = new Set(right.map(({ hash }) => hash))
          rejected.push(...chunks.map(({ hash }) => hash).filter((hash) => !names.has(hash)))
        }
        for (const chunk of right) {
          group.push(chunk)
          all.push(chunk.hash)
          groupBytes += chunk.bytes.length
          made(chunk.hash, shareOf(delta, chunk.bytes.length, size))
        }
        if (groupBytes >= GROUP_BYTES) await flush()
        await setImmediate()
      }
      if (group.length > 0) await flush()
      return { rows, made: all, sound, rejected: [...new Set(rejected)] }
    },
  }
}

/** The chunks that a delta makes. Throws `bad-request` on bytes that no chunk list encodes to. */
export function chunksOf(delta: Delta): Manifest {
  try {
    if (delta.chunks.length > 0) return decodeManifest(delta.chunks)
    throw new RangeError('an empty list')
  } catch (cause) {
    throw new SyncError('bad-request', `a delta against ${delta.base.content} names no chunks`, { cause })
  }
}

function shareOf({ bytes, chunks }: Delta, plainBytes: number, sizeBytes: number): Crossing {
  return { form: 'delta', plainBytes, wireBytes: Math.round(((bytes.length + chunks.length) * plainBytes) / sizeBytes) }
}

function sizeOf(chunks: Manifest): number {
  return chunks.reduce((sum, { size }) => sum + size, 0)
}
