import {
  baseBelow,
  basePath,
  directoryOf,
  massDeleteBrake,
  rootEmptied,
  type BaseView,
  type LocalChange,
  type LocalDelete,
} from '@causeway/engine'
import type { DeleteBrake, EntryId } from '@causeway/protocol'
import type { RelativePath } from '@causeway/replica'
import type { CycleContext, Halt, HaltChoice } from './cycle-context.ts'
import { removalFacts } from './removal-facts.ts'
import type { Tally } from './tally.ts'

const SAMPLE = 10
/** A delete may be the beginning of more, or half of a save that deletes first and writes then. */
const FEW_SETTLE_MS = 50
const MANY = 20
const LONGEST_BURST_MS = 1000
const MANY_SETTLE_MS = 250

/**
 * Leaves deletes out of what is to be sent where they look like an accident
 * (they wait for a person), or where more of them may follow in a moment (they
 * wait until what is gone is known whole: an accident shows by its size).
 * Everything else goes on, but for what stands where something deleted stood.
 */
export function holdDeletes(
  context: CycleContext,
  tally: Tally,
  changes: readonly LocalChange[],
  word: HaltChoice | null,
): readonly LocalChange[] {
  const { state, memory } = context
  const deletes = changes.filter((change) => change.kind === 'delete')
  memory.heldDirectories = []
  if (deletes.length === 0) {
    memory.deletesSinceMs = null
    memory.refusal = null
  }
  if (deletes.length === 0 || word === 'let-go') return changes
  // None of them is to be sent: see `putBack`.
  if (word === 'put-back') return withoutDeletes(changes, new Set(deletes.map(({ path }) => path)))
  const burstMs = mayBeMany(deletes) ? burstLeftMs(context) : 0
  // While more goes every moment, counting it would only hold up those who remove it.
  const removed = burstMs > 0 ? new Set<EntryId>() : removedBy(state, changes)
  const halt = burstMs > 0 ? null : haltFor(state, changes, removed, memory.deleteBrake)
  const waitMs = burstMs > 0 || halt !== null ? burstMs : settlingMs(context, changes, removed.size)
  if (halt === null && waitMs === 0) {
    memory.deletesSinceMs = null
    return changes
  }
  memory.heldDirectories = [...new Set(deletes.map(({ path }) => directoryOf(path)))]
  tally.halted = halt ?? refusedBefore(context, changes)
  tally.unsent += deletes.length
  if (halt === null) {
    tally.deletesWaitMs = waitMs
    for (const directory of memory.heldDirectories) tally.lookAgain(directory, waitMs)
  }
  return withoutDeletes(changes, new Set(deletes.map(({ path }) => path)))
}

/**
 * Leaves all deletes out while there are directories that were moved and not
 * looked into: what seems to be gone may lie there now.
 */
export function holdUnlooked(
  { memory }: CycleContext,
  tally: Tally,
  changes: readonly LocalChange[],
): readonly LocalChange[] {
  const deletes = changes.filter((change) => change.kind === 'delete')
  memory.heldDirectories = [...new Set(deletes.map(({ path }) => directoryOf(path)))]
  for (const directory of memory.heldDirectories) tally.lookAgain(directory, FEW_SETTLE_MS)
  tally.unsent += deletes.length
  return withoutDeletes(changes, new Set(deletes.map(({ path }) => path)))
}

/** The coordinator held back deletes that this node let through: they stay in sight, and are told in full. */
export function tellRefused(context: CycleContext, tally: Tally, sent: readonly LocalChange[]): void {
  const { state, memory } = context
  const deletes = sent.filter((change) => change.kind === 'delete')
  if (deletes.length === 0) return
  memory.refusal = tally.halted?.held === null ? tally.halted.reason : null
  if (memory.refusal === null) return
  const left = deletes.filter(({ base }) => state.base(base.id) !== undefined)
  memory.heldDirectories = [...new Set(left.map(({ path }) => directoryOf(path)))]
  tally.halted = refusedBefore(context, left) ?? tally.halted
}

/** What the coordinator held back, and may hold back again. */
function refusedBefore({ state, memory }: CycleContext, changes: readonly LocalChange[]): Halt | null {
  const removed = memory.refusal === null ? new Set<EntryId>() : removedBy(state, changes)
  if (memory.refusal === null || removed.size === 0) return null
  return { reason: memory.refusal, live: state.baseCount(), ...factsOf(state, removed) }
}

/** True if counting what is gone may take a while. */
function mayBeMany(deletes: readonly LocalDelete[]): boolean {
  return deletes.length >= MANY || deletes.some(({ base }) => base.content.kind === 'directory')
}

/** How long the events of this moment hold up deletes; something that never rests holds them up no longer than a second. */
function burstLeftMs({ memory, now }: CycleContext): number {
  const at = now()
  memory.deletesSinceMs ??= at
  if (memory.lastEventMs === null || at - memory.deletesSinceMs >= LONGEST_BURST_MS) return 0
  return Math.min(FEW_SETTLE_MS, Math.max(0, FEW_SETTLE_MS - (at - memory.lastEventMs)))
}

/** How long to wait before what is gone can be taken as whole; 0 once it has not changed for that long. */
function settlingMs({ memory, now }: CycleContext, changes: readonly LocalChange[], removed: number): number {
  const at = now()
  const needed = removed < MANY || goneAtOnce(changes) ? FEW_SETTLE_MS : MANY_SETTLE_MS
  if (memory.deletesSeen?.removed !== removed) memory.deletesSeen = { removed, sinceMs: at }
  const left = needed - (at - memory.deletesSeen.sinceMs)
  if (left > 0) return left
  memory.deletesSeen = null
  return 0
}

/** A directory goes last when a tree is removed: where it is gone, nothing more can follow below it. */
function goneAtOnce(changes: readonly LocalChange[]): boolean {
  let files = 0
  for (const change of changes) if (change.kind === 'delete' && change.base.content.kind !== 'directory') files += 1
  return files < MANY
}

function withoutDeletes(changes: readonly LocalChange[], held: ReadonlySet<RelativePath>): readonly LocalChange[] {
  const standsOnHeld = (path: RelativePath): boolean => {
    for (let at = path; at !== ''; at = directoryOf(at)) if (held.has(at)) return true
    return false
  }
  return changes.filter((change) => change.kind !== 'delete' && (change.kind === 'edit' || !standsOnHeld(change.path)))
}

/** The reason to hold back these changes' deletes until a person has looked, or null. */
function haltFor(
  base: BaseView & { baseCount(): number },
  changes: readonly LocalChange[],
  removed: ReadonlySet<EntryId>,
  { share, min }: DeleteBrake,
): Halt | null {
  if (removed.size === 0) return null
  const appeared = changes.filter(({ kind }) => kind === 'create').length
  const live = base.baseCount()
  const brake =
    massDeleteBrake({ live, removed: removed.size, share, min }) ??
    rootEmptied({ live, remaining: live - removed.size + appeared })
  if (brake === null) return null
  return { reason: brake.reason, live, ...factsOf(base, removed) }
}

function factsOf(base: BaseView, removed: ReadonlySet<EntryId>): Pick<Halt, 'removed' | 'sample' | 'held'> {
  const sample = [...removed].slice(0, SAMPLE).map((id) => basePath(base, id) ?? id)
  return { removed: removed.size, sample, held: removalFacts(base, removed, 'here') }
}

/** All that these changes take away, with what lay below. */
function removedBy(base: BaseView, changes: readonly LocalChange[]): ReadonlySet<EntryId> {
  const moved = new Set<EntryId>(changes.flatMap((change) => (change.kind === 'move' ? [change.base.id] : [])))
  const removed = new Set<EntryId>()
  for (const change of changes) {
    if (change.kind !== 'delete') continue
    removed.add(change.base.id)
    if (change.base.content.kind !== 'directory') continue
    for (const entry of baseBelow(base, change.base.id, moved)) removed.add(entry.id)
  }
  return removed
}
