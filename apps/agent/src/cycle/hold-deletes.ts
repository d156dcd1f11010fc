import {
  baseBelow,
  basePath,
  directoryOf,
  massDeleteBrake,
  rootEmptied,
  type BaseView,
  type LocalChange,
} from '@causeway/engine'
import type { EntryId } from '@causeway/protocol'
import type { RelativePath, ReplicaState } from '@causeway/replica'
import type { CycleContext, Halt } from './cycle-context.ts'
import type { Tally } from './tally.ts'

const APPROVED = 'deletes-approved'
const SHARE = 0.5
const MIN = 20
const SAMPLE = 10

/** A person said: the deletes that wait are meant. Holds for the next cycle that reaches the coordinator. */
export function liftHalt({ state }: Pick<CycleContext, 'state'>): void {
  state.putSetting(APPROVED, '1')
}

export function isApproved(state: ReplicaState): boolean {
  return state.setting(APPROVED) !== undefined
}

export function spendApproval(state: ReplicaState): void {
  if (isApproved(state)) state.putSetting(APPROVED, null)
}

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
  approved: boolean,
): readonly LocalChange[] {
  const { state, memory } = context
  const deletes = changes.filter((change) => change.kind === 'delete')
  memory.heldDirectories = []
  if (deletes.length === 0 || approved) return changes
  const halt = haltFor(state, changes)
  const waitMs = halt === null ? settlingMs(context, changes) : 0
  if (halt === null && waitMs === 0) return changes
  memory.heldDirectories = [...new Set(deletes.map(({ path }) => directoryOf(path)))]
  tally.halted = halt
  tally.unsent += deletes.length
  if (halt === null) for (const directory of memory.heldDirectories) tally.lookAgain(directory, waitMs)
  return withoutDeletes(changes, new Set(deletes.map(({ path }) => path)))
}

/** A delete may be the beginning of more, or half of a save that deletes first and writes then. */
const FEW_SETTLE_MS = 50
const MANY_SETTLE_MS = 250

/** How long to wait before what is gone can be taken as whole; 0 once it has not changed for that long. */
function settlingMs({ state, memory, now }: CycleContext, changes: readonly LocalChange[]): number {
  const removed = removedBy(state, changes).size
  const needed = removed < MIN ? FEW_SETTLE_MS : MANY_SETTLE_MS
  const at = now()
  if (memory.deletesSeen?.removed !== removed) memory.deletesSeen = { removed, sinceMs: at }
  const left = needed - (at - memory.deletesSeen.sinceMs)
  if (left > 0) return left
  memory.deletesSeen = null
  return 0
}

function withoutDeletes(changes: readonly LocalChange[], held: ReadonlySet<RelativePath>): readonly LocalChange[] {
  const standsOnHeld = (path: RelativePath): boolean => {
    for (let at = path; at !== ''; at = directoryOf(at)) if (held.has(at)) return true
    return false
  }
  return changes.filter((change) => change.kind !== 'delete' && (change.kind === 'edit' || !standsOnHeld(change.path)))
}

/** The reason to hold back these changes' deletes until a person has looked, or null. */
function haltFor(base: BaseView & { baseCount(): number }, changes: readonly LocalChange[]): Halt | null {
  const removed = removedBy(base, changes)
  if (removed.size === 0) return null
  const appeared = changes.filter(({ kind }) => kind === 'create').length
  const live = base.baseCount()
  const brake =
    massDeleteBrake({ live, removed: removed.size, share: SHARE, min: MIN }) ??
    rootEmptied({ live, remaining: live - removed.size + appeared })
  if (brake === null) return null
  const sample = [...removed].slice(0, SAMPLE).map((id) => basePath(base, id) ?? id)
  return { reason: brake.reason, removed: removed.size, live, sample }
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
