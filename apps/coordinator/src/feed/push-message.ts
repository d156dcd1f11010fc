import { compactStates, fitsBatch, type CompactStates } from '@causeway/engine'
import type { CommittedChange } from '@causeway/log'
import { LIMITS, type ChangeBatch, type NodeId, type Patch, type VersionVector } from '@causeway/protocol'
import { packSocketMessage } from './socket-messages.ts'

/** A change with more in it than this is asked for, not pushed: an answer is packed in the background, a push is not. */
const PUSH_BYTES = 256 * 1024
/** What a state takes, roughly. */
const STATE_BYTES = 400
/** What an entry of which only the version is named takes, and a number of a run. */
const KNOWN_BYTES = 150
const NUMBER_BYTES = 4
/** What a patch, a delta and a part of a splice take beside their bytes. */
const PATCH_BYTES = 300
const DELTA_BYTES = 160
const PART_BYTES = 11

export interface Push {
  readonly batch: ChangeBatch
  readonly bytes: Uint8Array
}

/** What a change became for those who did not make it and had seen just this before: the same for each of them. */
const PUSHED = new WeakMap<CommittedChange, { readonly seen: VersionVector; readonly message: Push | null }>()

export interface PushTarget {
  readonly node: NodeId
  /** The clock of the folder as the node was last told it. */
  readonly seen: VersionVector
  /** False for a node that may not read contents. */
  readonly reads: boolean
}

/** A change as it goes over a node's socket, written once for all who may share it; null if it is more than a push should carry. */
export function pushMessage(change: CommittedChange, to: PushTarget): Push | null {
  const { seen } = to
  const isOwn = change.node === to.node
  const isShared = !isOwn && to.reads
  const pushed = isShared ? PUSHED.get(change) : undefined
  // Who was live at the change before holds the very clock that came with it.
  if (pushed?.seen === seen) return pushed.message
  const told = compactStates(change.states, { node: isOwn ? to.node : null, seen })
  const batch = isPushable(change, told) ? batchOf(change, told, isShared) : null
  const message = batch === null ? null : { batch, bytes: packSocketMessage({ kind: 'changes', batch }) }
  if (isShared) PUSHED.set(change, { seen, message })
  return message
}

function isPushable(change: CommittedChange, told: CompactStates): boolean {
  const fits = fitsBatch(told, LIMITS.changesPerBatch) && change.contents.length <= LIMITS.changesPerBatch
  return fits && pushBytesOf(change, told) <= PUSH_BYTES
}

/** What a change takes without the patches, which may be left out. */
function pushBytesOf({ contents }: CommittedChange, { states, removals, echoes }: CompactStates): number {
  const numbers = (removals?.runs.length ?? 0) + (echoes?.created.length ?? 0)
  const entries = states.length * STATE_BYTES + (echoes?.known.length ?? 0) * KNOWN_BYTES + numbers * NUMBER_BYTES
  return contents.reduce((sum, { bytes }) => sum + bytes.length, entries)
}

/** The patches that a push has room for. The others are asked for. */
function patchesWithin(patches: readonly Patch[], mostBytes: number): Patch[] {
  let left = mostBytes
  return patches.filter((patch) => {
    const size = patchBytesOf(patch)
    if (size > LIMITS.inlinePatchBytes || size > left) return false
    left -= size
    return true
  })
}

function patchBytesOf({ splice, deltas }: Patch): number {
  const parts = splice.parts.reduce((sum, part) => sum + (part instanceof Uint8Array ? part.length : PART_BYTES), 0)
  return deltas.reduce(
    (sum, { bytes, chunks }) => sum + DELTA_BYTES + bytes.length + chunks.length,
    PATCH_BYTES + parts,
  )
}

/** What a node is told of a change; what it wrote itself, or may not read, comes without the bytes. */
function batchOf(change: CommittedChange, told: CompactStates, withBytes: boolean): ChangeBatch {
  const { folder, after, cursor, clock, counted, contents } = change
  const patches = withBytes ? patchesWithin(change.patches, PUSH_BYTES - pushBytesOf(change, told)) : []
  return {
    folder,
    reset: false,
    after: after.seq,
    cursor,
    head: cursor.seq,
    clock,
    ...told,
    states: [...told.states],
    ...(counted !== undefined && { counted }),
    contents: withBytes ? [...contents] : [],
    ...(patches.length > 0 && { patches }),
  }
}
