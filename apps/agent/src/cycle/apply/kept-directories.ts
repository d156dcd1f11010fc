import { baseDirectoryAt, basePath, joinPath, sameContent, type BaseEntry } from '@causeway/engine'
import type { EntryId, EntryState } from '@causeway/protocol'
import { isSame, type RelativePath } from '@causeway/replica'
import type { CycleContext } from '../cycle-context.ts'

/** What keeps a directory on the disk that was deleted elsewhere, and why nobody may remove it. */
export interface Keeper {
  readonly path: RelativePath
  readonly why: string
}

/** Directories that were deleted elsewhere and can't go. */
export type Kept = ReadonlyMap<EntryId, Keeper>

/**
 * What keeps a deleted directory here for good: something that stays out of
 * sync. `undefined` if it holds nothing, or anything else, which a scan will
 * find and send.
 */
export async function keeperOf(context: CycleContext, directory: RelativePath): Promise<Keeper | undefined> {
  const { files, memory, state } = context
  const listing = await files.list(directory)
  let keeper: Keeper | undefined
  for (const { name, reason } of listing?.problems ?? []) {
    keeper ??= { path: joinPath(directory, name), why: `can't be synced (${reason})` }
  }
  const parent = baseDirectoryAt(state, directory)
  for (const { name, stat } of listing?.entries ?? []) {
    const path = joinPath(directory, name)
    if (memory.scan.rules.isIgnored(path, stat.kind)) {
      keeper ??= { path, why: 'is ignored' }
      continue
    }
    const known = parent === undefined ? undefined : state.baseAt(parent, name)
    const isLeaving = known !== undefined && state.pendingOf(known.id)?.deleted === true
    if (!isLeaving || known.content.kind !== stat.kind) return undefined
    if (stat.kind !== 'directory') {
      if (!isSame(known.stat, stat)) return undefined
      continue
    }
    const below = await keeperOf(context, path)
    if (below === undefined && (await files.list(path))?.entries.length !== 0) return undefined
    keeper ??= below
  }
  return keeper
}

/**
 * A directory that stays although it was deleted elsewhere does not block its
 * name: a new directory of that name has it, and whatever of the old one is
 * still to go, goes from there. Anything else that is to have the name waits.
 * Returns what is pending then, and which of it waits.
 */
export async function makeWay(
  context: CycleContext,
  kept: Map<EntryId, Keeper>,
): Promise<{ readonly pending: readonly EntryState[]; readonly waiting: ReadonlySet<EntryId> }> {
  const waiting = new Set<EntryId>()
  for (;;) {
    const pending = context.state.pending()
    let movedIn = false
    // Most often no directory is to go, and nothing can be in the way.
    const isDue = pending.some(({ deleted, content }) => deleted && content.kind === 'directory')
    for (const state of isDue ? pending : []) {
      const occupant = waiting.has(state.id) ? undefined : occupantLeaving(context, state)
      const keeper = occupant === undefined ? undefined : (kept.get(occupant.id) ?? (await keeperAt(context, occupant)))
      if (occupant === undefined || keeper === undefined) continue
      kept.set(occupant.id, keeper)
      if (moveIn(context, state, occupant)) movedIn = true
      else waiting.add(state.id)
    }
    if (!movedIn) return { pending, waiting }
  }
}

/** The deleted directory that still has the name which a pending state is to have. */
function occupantLeaving({ state }: CycleContext, pending: EntryState): BaseEntry | undefined {
  const occupant = pending.deleted ? undefined : state.baseAt(pending.parent, pending.name)
  if (occupant === undefined || occupant.id === pending.id || occupant.content.kind !== 'directory') return undefined
  return state.pendingOf(occupant.id)?.deleted === true ? occupant : undefined
}

async function keeperAt(context: CycleContext, directory: BaseEntry): Promise<Keeper | undefined> {
  const path = basePath(context.state, directory.id)
  return path === undefined ? undefined : keeperOf(context, path)
}

/** False if the pending state is no new directory, or something right below the old one is not to go. */
function moveIn({ state }: CycleContext, heir: EntryState, gone: BaseEntry): boolean {
  const tombstone = state.pendingOf(gone.id)
  const below = state.baseChildren(gone.id)
  const isHeir = heir.content.kind === 'directory' && state.base(heir.id) === undefined
  if (!isHeir || tombstone === undefined || !below.every(({ id }) => state.pendingOf(id)?.deleted === true))
    return false
  state.transaction(() => {
    state.removeBase(gone.id)
    state.removePending(gone.id)
    state.putTombstone(tombstone)
    const { id, seq, parent, name, placeVector, contentVector, existenceVector } = heir
    const { content, stat, racy } = gone
    state.putBase({ id, seq, parent, name, placeVector, content, contentVector, existenceVector, stat, racy })
    for (const child of below) state.putBase({ ...child, parent: id })
    if (sameContent({ content }, heir)) state.removePending(id)
  })
  return true
}
