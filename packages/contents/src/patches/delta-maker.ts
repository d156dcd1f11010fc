import { packDelta } from '@causeway/packing'
import { encodeManifest, isSyncError, type Delta, type Manifest } from '@causeway/protocol'
import { createByteLimitedMap, isDamage } from '@causeway/log'
import { limitConcurrency } from './limit-concurrency.ts'
import type { ChunkList } from './chunk-list.ts'
import type { HeldBytes } from './held-bytes.ts'
import type { RecentDeltas } from './recent-deltas.ts'

/** Chunks of a content, and the stretch of another that they are to be told by. */
export interface DeltaWanted {
  readonly next: ChunkList
  readonly chunks: Manifest
  readonly offset: number
  readonly sizeBytes: number
  readonly base: ChunkList
  readonly region: { readonly offset: number; readonly length: number }
  /** A delta of as many bytes is no use. */
  readonly belowBytes: number
}

export interface DeltaMaker {
  /**
   * The delta, made once for all who want it; null where it would be no use,
   * or where bytes for it are lost.
   */
  make(wanted: DeltaWanted): Promise<Delta | null>
}

/** For all receivers together: each takes a core and some 40 MB. */
const AT_ONCE = 2
const USELESS_BYTES = 1024 * 1024
const KEY_BYTES = 300

export function createDeltaMaker(held: HeldBytes, recent: RecentDeltas): DeltaMaker {
  const inTurn = limitConcurrency(AT_ONCE)
  const running = new Map<string, Promise<Delta | null>>()
  const useless = createByteLimitedMap<true>(USELESS_BYTES)

  async function made(wanted: DeltaWanted, key: string): Promise<Delta | null> {
    const { next, base, region, chunks } = wanted
    try {
      const before = await held.bytes(base, region)
      const after = await held.bytes(next, { offset: wanted.offset, length: wanted.sizeBytes })
      const bytes = await packDelta(before, after)
      if (bytes.length >= wanted.belowBytes) {
        useless.set(key, true, KEY_BYTES)
        return null
      }
      const { offset, length } = region
      const stretch = { content: base.content, offset, length }
      const delta: Delta = { base: stretch, chunks: encodeManifest(chunks), encoding: 'dictionary', bytes }
      recent.remember(delta)
      return delta
    } catch (error) {
      if (isDamage(error) || isSyncError(error, 'manifest-invalid')) return null
      throw error
    }
  }

  return {
    make(wanted) {
      const { next, base, offset, sizeBytes } = wanted
      const key = `${next.digest} ${base.content} ${base.digest} ${offset} ${sizeBytes}`
      if (useless.get(key)) return Promise.resolve(null)
      const current = running.get(key)
      if (current !== undefined) return current
      const making = inTurn(() => made(wanted, key)).finally(() => running.delete(key))
      running.set(key, making)
      return making
    },
  }
}
