import type { EntryId } from '@causeway/protocol'
import type { BaseEntry, BaseView } from '../tree.ts'
import type { LocalChange, LocalDelete, LocalMove } from './local-change.ts'
import { directoryOf } from './paths.ts'

/**
 * Puts changes in an order that another tree can follow one by one: a new
 * directory before what is in it, a name vacated before it is taken again,
 * what was moved out before the directory it came from is deleted, and
 * deletes otherwise last.
 *
 * Two that wait for each other (names swapped) come in the order given; the
 * coordinator then lets one of them step aside.
 */
export function orderChanges(base: BaseView, changes: readonly LocalChange[]): readonly LocalChange[] {
  const byDirectory = new Map<string, LocalChange>()
  const vacating = new Map<EntryId, LocalChange>()
  const deletes = new Map<EntryId, LocalDelete>()
  for (const change of changes) {
    if ((change.kind === 'create' || change.kind === 'move') && change.stat.kind === 'directory') {
      byDirectory.set(change.path, change)
    }
    if (change.kind === 'move' || change.kind === 'delete') vacating.set(change.base.id, change)
    if (change.kind === 'delete') deletes.set(change.base.id, change)
  }
  const movesOut = movesOutOf(base, changes, deletes)
  const ordered = new Set<LocalChange>()
  const visiting = new Set<LocalChange>()

  const visit = (change: LocalChange | undefined): void => {
    if (change === undefined || visiting.has(change)) return
    visiting.add(change)
    if (change.kind === 'create' || change.kind === 'move') {
      if (change.parent === undefined) visit(byDirectory.get(directoryOf(change.path)))
      else visit(vacatedBy(base.baseAt(change.parent, change.name), vacating, change))
    }
    if (change.kind === 'delete') for (const move of movesOut.get(change.base.id) ?? []) visit(move)
    ordered.add(change)
  }
  for (const change of changes) if (change.kind !== 'delete') visit(change)
  for (const change of changes) visit(change)
  return [...ordered]
}

function vacatedBy(
  occupant: BaseEntry | undefined,
  vacating: ReadonlyMap<EntryId, LocalChange>,
  change: LocalChange,
): LocalChange | undefined {
  const vacates = occupant === undefined ? undefined : vacating.get(occupant.id)
  return vacates === change ? undefined : vacates
}

/** The moves whose entry lay below a directory that is deleted. */
function movesOutOf(
  base: BaseView,
  changes: readonly LocalChange[],
  deletes: ReadonlyMap<EntryId, LocalDelete>,
): ReadonlyMap<EntryId, readonly LocalMove[]> {
  const movesOut = new Map<EntryId, LocalMove[]>()
  if (deletes.size === 0) return movesOut
  for (const change of changes) {
    if (change.kind !== 'move') continue
    for (let at = base.base(change.base.parent); at !== undefined; at = base.base(at.parent)) {
      if (deletes.has(at.id)) movesOut.set(at.id, [...(movesOut.get(at.id) ?? []), change])
    }
  }
  return movesOut
}

/** Everything the base holds below a directory, parents first, leaving out what `moved` names and all below that. */
export function baseBelow(base: BaseView, id: EntryId, moved: ReadonlySet<EntryId>): readonly BaseEntry[] {
  const found: BaseEntry[] = []
  const queue = [id]
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    for (const child of base.baseChildren(at)) {
      if (moved.has(child.id)) continue
      found.push(child)
      if (child.content.kind === 'directory') queue.push(child.id)
    }
  }
  return found
}
