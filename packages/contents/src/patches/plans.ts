import { newStretches, spliceParts, type NewStretch } from '@causeway/engine'
import { planWithBytes, type ReadableContent } from '@causeway/packing'
import { decodeManifest, isSyncError, LIMITS, type Manifest, type Splice } from '@causeway/protocol'
import { isDamage } from '@causeway/log'
import { createByteLimitedMap } from '@causeway/log'
import type { ChunkList } from './chunk-list.ts'
import type { HeldBytes } from './held-bytes.ts'

/** How one content follows from another, chunk by chunk. */
export interface Plan {
  /** Null where the base is no help: the whole chunk list is less. */
  readonly splice: Splice | null
  readonly stretches: readonly NewStretch[]
}

const KEPT_BYTES = 8 * 1024 * 1024
const PLAN_BYTES = 500
const ITEM_BYTES = 150

/** Makes plans, and remembers the last ones: all receivers of a change ask for the same. */
export function createPlans(held: Pick<HeldBytes, 'bytes'>): (next: ChunkList, base: ChunkList) => Promise<Plan> {
  const kept = createByteLimitedMap<Plan>(KEPT_BYTES)
  const running = new Map<string, Promise<Plan>>()

  async function made(next: ChunkList, base: ChunkList, key: string): Promise<Plan> {
    const plan = await planOf(next, base, held)
    const parts = plan.splice?.parts ?? []
    const told = parts.reduce((sum, part) => sum + (part instanceof Uint8Array ? part.length : 0), 0)
    kept.set(key, plan, PLAN_BYTES + told + (parts.length + plan.stretches.length) * ITEM_BYTES)
    return plan
  }

  return async (next, base) => {
    const key = `${next.digest} ${base.digest} ${base.content}`
    const known = kept.get(key) ?? running.get(key)
    if (known !== undefined) return known
    const making = made(next, base, key).finally(() => running.delete(key))
    running.set(key, making)
    return making
  }
}

async function planOf(next: ChunkList, base: ChunkList, held: Pick<HeldBytes, 'bytes'>): Promise<Plan> {
  const before = decodeManifest(base.encoded)
  const after = decodeManifest(next.encoded)
  const parts = [...spliceParts(before, after)]
  const told = parts.reduce((sum, part) => sum + (part instanceof Uint8Array ? part.length : TAKEN_BYTES), 0)
  // The splice also says what it is against: that much more is worth the deltas that can refer to it.
  const pays = parts.length <= LIMITS.spliceParts && told <= next.encoded.length + TAKEN_BYTES
  const splice = pays ? { base: base.content, parts, digest: next.digest } : null
  return { splice, stretches: await stretchesOf({ next, after, base, before }, held) }
}

interface Lists {
  readonly next: ChunkList
  readonly after: Manifest
  readonly base: ChunkList
  readonly before: Manifest
}

/** Found by the bytes; where some of those are lost, by the lists alone. */
async function stretchesOf(
  { next, after, base, before }: Lists,
  held: Pick<HeldBytes, 'bytes'>,
): Promise<readonly NewStretch[]> {
  const readable = (list: ChunkList, manifest: Manifest): ReadableContent => ({
    manifest,
    read: (offset, length) => held.bytes(list, { offset, length }),
  })
  try {
    return await planWithBytes(readable(base, before), readable(next, after))
  } catch (error) {
    if (isDamage(error) || isSyncError(error, 'manifest-invalid')) return newStretches(before, after)
    throw error
  }
}

/** The most that a part takes which names chunks of the base. */
const TAKEN_BYTES = 11
