import { basePath, dotOfEntry, joinPath, type LocalChange } from '@causeway/engine'
import { LIMITS, ROOT_ID, type EntryId, type EntryState } from '@causeway/protocol'
import type { RelativePath } from '@causeway/replica'
import type { CycleContext } from './cycle-context.ts'

/** What a person changed on this disk and the coordinator does not know of yet. */
export interface ChangedHere {
  readonly entries: ReadonlySet<EntryId>
  /** What is not where the base has it: nothing below it is either. */
  readonly displaced: ReadonlySet<EntryId>
  /** Where something new stands. */
  readonly created: ReadonlySet<RelativePath>
  /** The directories, up to the root, that something new stands in: they are not removed before it was sent. */
  readonly holding: ReadonlySet<RelativePath>
}

export function changedHere(changes: readonly LocalChange[]): ChangedHere {
  return {
    entries: new Set(changes.flatMap((change) => (change.kind === 'create' ? [] : [change.base.id]))),
    displaced: new Set(
      changes.flatMap((change) => (change.kind === 'move' || change.kind === 'delete' ? [change.base.id] : [])),
    ),
    holding: new Set(
      changes.flatMap((change) =>
        change.kind === 'create' || change.kind === 'move' ? directoriesOf(change.path) : [],
      ),
    ),
    created: new Set(changes.flatMap((change) => (change.kind === 'create' ? [change.path] : []))),
  }
}

function directoriesOf(path: RelativePath): readonly RelativePath[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'))
}

/**
 * True if a state is to be placed only after the local changes were sent: its
 * entry was changed here, a directory above it was moved or removed here, or
 * something new stands in its place or in that of a directory above it. That
 * may turn out to be the very same thing, and then nothing has to be fetched
 * for it.
 */
export function waitsForLocal(context: CycleContext, here: ChangedHere, state: EntryState): boolean {
  if (here.entries.has(state.id) || isBelowDisplaced(context, here, state)) return true
  if (isOwnCopyOfChanged(context, here, state)) return true
  if (state.deleted) {
    const path = here.holding.size === 0 ? undefined : basePath(context.state, state.id)
    return path !== undefined && here.holding.has(path)
  }
  if (here.created.size === 0) return false
  const path = pathOf(context, state)
  if (path === undefined) return false
  const parts = path.split('/')
  return parts.some((_, index) => here.created.has(parts.slice(0, index + 1).join('/')))
}

/** A conflict copy that a save of this node's became, unknown to it: what it was may still lie where its rival is to be. */
function isOwnCopyOfChanged(context: CycleContext, here: ChangedHere, { id, conflictOf }: EntryState): boolean {
  if (conflictOf === undefined || dotOfEntry(id)?.node !== context.node) return false
  if (here.entries.has(conflictOf)) return true
  const rival = context.state.pendingOf(conflictOf)
  return rival !== undefined && rival.conflictOf === undefined && waitsForLocal(context, here, rival)
}

function isBelowDisplaced({ state: replica }: CycleContext, here: ChangedHere, state: EntryState): boolean {
  if (here.displaced.size === 0) return false
  for (let at = replica.base(state.id); at !== undefined; at = replica.base(at.parent)) {
    if (here.displaced.has(at.id)) return true
  }
  for (let at: EntryId = state.parent, steps = 0; at !== ROOT_ID && steps <= LIMITS.depth; steps++) {
    if (here.displaced.has(at)) return true
    const above = replica.pendingOf(at) ?? replica.base(at)
    if (above === undefined) return false
    at = above.parent
  }
  return false
}

/** Where a pending state will be, by the base and what else is pending. */
export function pathOf({ state: replica }: Pick<CycleContext, 'state'>, state: EntryState): RelativePath | undefined {
  const names = [state.name]
  for (let parent = state.parent; parent !== ROOT_ID;) {
    const base = basePath(replica, parent)
    if (base !== undefined) return joinPath(base, names.join('/'))
    const above = replica.pendingOf(parent)
    if (above === undefined || names.length > LIMITS.depth) return undefined
    names.unshift(above.name)
    parent = above.parent
  }
  return names.join('/')
}
