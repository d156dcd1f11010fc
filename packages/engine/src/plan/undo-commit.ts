import { ROOT_ID, type EntryId, type EntryState } from '@causeway/protocol'
import { vectorsEqual } from '../version-vector.ts'
import { sameBytesAndMode } from '../commit/deciding.ts'

/** What one commit made of one entry, and what stands today. */
export interface CommittedChange {
  /** The version before the commit; `null` where the commit created the entry, `undefined` where it is no longer kept. */
  readonly before: EntryState | null | undefined
  /** The last version that the commit made. */
  readonly after: EntryState
  readonly current: EntryState
}

/** One step back. `edit` and `move` are apart: either may have to be left alone. */
export interface UndoStep {
  readonly kind: 'edit' | 'move' | 'restore' | 'delete'
  readonly current: EntryState
  /** How it is to stand; for a delete, how it stands. */
  readonly goal: EntryState
}

export type LeftBecause = 'changed-since' | 'deleted-since' | 'holds-newer' | 'directory-gone' | 'not-kept'

export interface UndoPlan {
  /** Parents before what is in them, but deletes last and from the bottom up. */
  readonly steps: readonly UndoStep[]
  /** What stays as it is, though the commit changed it. What stands as before already is not named. */
  readonly left: readonly { readonly entry: EntryState; readonly why: LeftBecause }[]
}

export interface UndoSurroundings {
  /** True for the id of a live directory of today. */
  isLiveDirectory(id: EntryId): boolean
  /** What lies in a directory of today, at any depth. */
  liveBelow(id: EntryId): readonly EntryState[]
}

type Decided = UndoStep | { readonly entry: EntryState; readonly why: LeftBecause } | null

/**
 * Undoes a whole commit: edits go back to the version before, what was created
 * is deleted, what was deleted comes back, what was moved moves back. What was
 * changed since, content or place, is left alone.
 */
export function planUndo(changes: readonly CommittedChange[], around: UndoSurroundings): UndoPlan {
  const decided = changes.flatMap(decide)
  const left = decided.flatMap((one) => (one !== null && 'why' in one ? [one] : []))
  const steps = decided.flatMap((one) => (one !== null && 'kind' in one ? [one] : []))
  const restored = new Set(steps.flatMap(({ kind, current }) => (kind === 'restore' ? [current.id] : [])))
  const stays: UndoStep[] = []
  for (const step of steps) {
    if (step.kind === 'delete') continue
    const { parent } = step.goal
    const hasPlace =
      step.kind !== 'move' || parent === ROOT_ID || restored.has(parent) || around.isLiveDirectory(parent)
    if (hasPlace) stays.push(step)
    else left.push({ entry: step.current, why: 'directory-gone' })
  }
  const deletes = steps.filter(({ kind }) => kind === 'delete')
  const { gone, kept } = emptied(deletes, stays, around)
  return {
    steps: [...parentsFirst(stays), ...parentsFirst(gone).toReversed()],
    left: [...left, ...kept.map(({ current }) => ({ entry: current, why: 'holds-newer' as const }))],
  }
}

function decide({ before, after, current }: CommittedChange): readonly Decided[] {
  if (before === undefined) return [{ entry: current, why: 'not-kept' }]
  if (before === null || before.deleted) return after.deleted ? [] : [takeAway(after, current)]
  if (after.deleted) return [bringBack(before, after, current)]
  return [contentBack(before, after, current), placeBack(before, after, current)]
}

function takeAway(after: EntryState, current: EntryState): Decided {
  if (current.deleted) return null
  const isSame =
    vectorsEqual(current.contentVector, after.contentVector) && vectorsEqual(current.placeVector, after.placeVector)
  return isSame ? { kind: 'delete', current, goal: current } : { entry: current, why: 'changed-since' }
}

function bringBack(before: EntryState, after: EntryState, current: EntryState): Decided {
  // It was brought back already, by whatever way.
  if (!current.deleted) return null
  if (!vectorsEqual(current.existenceVector, after.existenceVector)) return { entry: current, why: 'changed-since' }
  return { kind: 'restore', current, goal: before }
}

function contentBack(before: EntryState, after: EntryState, current: EntryState): Decided {
  if (sameBytesAndMode(before.content, after.content)) return null
  if (current.deleted) return { entry: current, why: 'deleted-since' }
  if (sameBytesAndMode(before.content, current.content)) return null
  return vectorsEqual(current.contentVector, after.contentVector)
    ? { kind: 'edit', current, goal: before }
    : { entry: current, why: 'changed-since' }
}

function placeBack(before: EntryState, after: EntryState, current: EntryState): Decided {
  if (samePlace(before, after)) return null
  if (current.deleted) return { entry: current, why: 'deleted-since' }
  if (samePlace(before, current)) return null
  return vectorsEqual(current.placeVector, after.placeVector)
    ? { kind: 'move', current, goal: before }
    : { entry: current, why: 'changed-since' }
}

/** A directory goes only where nothing is left in it that came since. */
function emptied(
  deletes: readonly UndoStep[],
  others: readonly UndoStep[],
  around: UndoSurroundings,
): { readonly gone: readonly UndoStep[]; readonly kept: readonly UndoStep[] } {
  const leaving = new Set([
    ...deletes.map(({ current }) => current.id),
    ...others.flatMap(({ kind, current }) => (kind === 'move' ? [current.id] : [])),
  ])
  const isEmptied = ({ current }: UndoStep): boolean =>
    current.content.kind !== 'directory' || around.liveBelow(current.id).every(({ id }) => leaving.has(id))
  return { gone: deletes.filter(isEmptied), kept: deletes.filter((step) => !isEmptied(step)) }
}

/** Orders by the depth in the tree that the steps lead to, as far as they tell it. */
function parentsFirst(steps: readonly UndoStep[]): UndoStep[] {
  const goals = new Map(steps.map(({ goal }) => [goal.id, goal]))
  const depths = new Map<EntryId, number>()
  const depthOf = (goal: EntryState): number => {
    const known = depths.get(goal.id)
    if (known !== undefined) return known
    // What two moves would make a circle of ends here.
    depths.set(goal.id, 0)
    const above = goals.get(goal.parent)
    const depth = above === undefined ? 0 : depthOf(above) + 1
    depths.set(goal.id, depth)
    return depth
  }
  return steps.toSorted((a, b) => depthOf(a.goal) - depthOf(b.goal))
}

function samePlace(a: EntryState, b: EntryState): boolean {
  return a.parent === b.parent && a.name === b.name
}
