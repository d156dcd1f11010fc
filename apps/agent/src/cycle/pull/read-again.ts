import { hash as hashOf } from 'node:crypto'
import { setImmediate as breathe } from 'node:timers/promises'
import { basePath, bucketOf, counterOf, entryDigest, mendBelief, type DigestedEntry } from '@causeway/engine'
import {
  DIGEST_BYTES,
  isSyncError,
  LIMITS,
  SyncError,
  type DigestPosition,
  type EntryId,
  type EntryState,
} from '@causeway/protocol'
import type { RelativePath } from '@causeway/replica'
import { bringBack } from '../base-edits.ts'
import { pathOf } from '../changed-here.ts'
import type { Belief } from './belief.ts'
import type { CycleContext } from '../cycle-context.ts'

const PAGE = 1000

/**
 * Reads again what node and coordinator turned out to disagree about
 * (`proveIdle`), and takes the coordinator's word for it. The disk is not
 * touched here, and nothing is deleted because of it: the scan that follows
 * finds what only this disk holds as new.
 */
export async function readAgain(context: CycleContext, signal: AbortSignal): Promise<void> {
  const { state } = context
  const { belief } = context.memory.pull
  const { doubted } = belief
  if (doubted === null) return
  // A node that was set back itself would give counters out twice, and be answered for what it did then.
  state.raiseCounter(counterOf(state.clock(), state.node))
  try {
    const told = await toldDigests(context, doubted, signal)
    const differing = await differingEntries(context, doubted, told)
    // The sums differ and no entry does: they went wrong, here or there.
    if (differing.length === 0) belief.sumsAreWrong()
    state.forgetBeliefs()
    await mendAll(context, differing, signal)
  } catch (error) {
    // Syncing goes on whatever this comes to: it is compared again later.
    if (!isSyncError(error) || error.code === 'offline' || error.code === 'paused') throw error
    differed(context, { entries: 0, failure: error.message })
  }
  belief.readAgain()
}

/** What the coordinator holds in these buckets. */
async function toldDigests(
  { folder, link }: CycleContext,
  doubted: ReadonlySet<number>,
  signal: AbortSignal,
): Promise<Map<EntryId, Uint8Array>> {
  const told = new Map<EntryId, Uint8Array>()
  const buckets = [...doubted]
  let after: DigestPosition | null = null
  do {
    const page = await link.digestEntries(folder, { buckets, after })
    signal.throwIfAborted()
    page.entries.forEach((id, at) => told.set(id, page.digests.subarray(at * DIGEST_BYTES, (at + 1) * DIGEST_BYTES)))
    if (page.next !== null && page.next.parent === after?.parent && page.next.name === after.name) {
      throw new SyncError('protocol-mismatch', 'the coordinator gave the same page of digests twice')
    }
    after = page.next
  } while (after !== null)
  return told
}

/** The entries of which node and coordinator do not say the same. Uses `told` up. */
async function differingEntries(
  { state }: CycleContext,
  doubted: ReadonlySet<number>,
  told: Map<EntryId, Uint8Array>,
): Promise<readonly EntryId[]> {
  const differing: EntryId[] = []
  for (let after: string | null = ''; after !== null;) {
    const page = state.believedAfter(after, PAGE)
    for (const entry of page.entries) {
      if (!doubted.has(bucketOf(entry.parent))) continue
      const digest = told.get(entry.id)
      told.delete(entry.id)
      if (digest === undefined || Buffer.compare(digest, digestOf(entry)) !== 0) differing.push(entry.id)
    }
    after = page.next
    await breathe()
  }
  return [...differing, ...told.keys()]
}

async function mendAll(context: CycleContext, differing: readonly EntryId[], signal: AbortSignal): Promise<void> {
  const { folder, link, state } = context
  let entries = 0
  let example: RelativePath | undefined
  for (let from = 0; from < differing.length; from += LIMITS.entriesPerRequest) {
    const ids = differing.slice(from, from + LIMITS.entriesPerRequest)
    const states = new Map((await link.entries(folder, ids)).map((entry) => [entry.id, entry]))
    signal.throwIfAborted()
    state.transaction(() => {
      for (const id of ids) {
        const told = states.get(id)
        // It changed after what this node has read of the log: that tells of it.
        if (told !== undefined && told.seq > state.cursor().seq) continue
        example ??= pathFor(context, id, told)
        entries++
        mend(context, id, told)
      }
    })
  }
  differed(context, { entries, example, failure: null })
}

function mend(context: CycleContext, id: EntryId, told: EntryState | undefined): void {
  const { state } = context
  const base = state.base(id)
  const mended = mendBelief(base, told)
  if (base !== undefined && mended.base === 'look-again') bringBack(context, base)
  if (base !== undefined && told !== undefined && mended.base === 'take-vectors') {
    const { seq, placeVector, contentVector, existenceVector } = told
    state.putBase({ ...base, seq, placeVector, contentVector, existenceVector })
  }
  // Kept, it would be offered when the entry is next told of, and the delete with it.
  if (told?.deleted === false) state.removeTombstone(id)
  if (mended.pending === null) state.removePending(id)
  else state.putPending(mended.pending)
}

function pathFor(context: CycleContext, id: EntryId, told: EntryState | undefined): RelativePath | undefined {
  const believed = told ?? context.state.pendingOf(id)
  return (
    basePath(context.state, id) ?? (believed === undefined ? undefined : (pathOf(context, believed) ?? believed.name))
  )
}

function differed({ memory, wallNow }: CycleContext, found: Omit<Parameters<Belief['differed']>[0], 'at'>): void {
  memory.pull.belief.differed({ ...found, at: new Date(wallNow()).toISOString() })
}

function digestOf(entry: DigestedEntry): Uint8Array {
  return entryDigest((text) => hashOf('sha256', text, 'buffer'), entry)
}
