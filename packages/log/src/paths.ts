import { ROOT_ID, SyncError, type EntryId, type EntryState, type FolderId } from '@causeway/protocol'
import type { MetadataReader, VersionRow } from '@causeway/store'

/** The live entry at a path, `null` for the root itself, `undefined` for nothing. */
export async function liveEntryAt(
  tx: MetadataReader,
  folder: FolderId,
  path: string,
): Promise<EntryState | null | undefined> {
  let state: EntryState | null = null
  for (const name of segmentsOf(path)) {
    const parent: EntryId = state?.id ?? ROOT_ID
    state = (await tx.entriesAt(folder, [{ parent, name }]))[0] ?? null
    if (state === null) return undefined
  }
  return state
}

/**
 * The entry that a person means: by id, or by a path it has now or, if nothing
 * is there any more, had when it was deleted (the newest, if there were
 * several). Throws `not-found`.
 */
export async function entryMeant(
  tx: MetadataReader,
  folder: FolderId,
  target: { readonly entry?: EntryId | undefined; readonly path?: string | undefined },
): Promise<EntryState> {
  if (target.entry !== undefined) {
    const id = (await tx.aliases(folder, [target.entry])).get(target.entry) ?? target.entry
    const state = (await tx.entries(folder, [id]))[0]
    if (state === undefined) throw new SyncError('not-found', `${folder} has no entry ${target.entry}`)
    return state
  }
  if (target.path === undefined || target.path === '') throw new SyncError('bad-request', 'name a path or an entry')
  const state = (await liveEntryAt(tx, folder, target.path)) ?? (await deletedEntryAt(tx, folder, target.path))
  if (state === undefined) throw new SyncError('not-found', `${folder} has nothing at ${target.path}, and never had`)
  return state
}

/** The paths of some entries, live or deleted, by id. */
export async function pathsOf(
  tx: MetadataReader,
  folder: FolderId,
  states: readonly EntryState[],
): Promise<ReadonlyMap<EntryId, string>> {
  if (states.length === 0) return new Map()
  const above = await tx.ancestors(
    folder,
    states.map(({ id }) => id),
  )
  const known = new Map([...above, ...states].map((state) => [state.id, state]))
  return new Map(states.map((state) => [state.id, pathIn(known, state)]))
}

/** A path put together from entries at hand; it begins at the first directory that is not among them. */
export function pathIn(
  known: ReadonlyMap<EntryId, EntryState>,
  { parent, name }: Pick<EntryState, 'parent' | 'name'>,
): string {
  const names = [name]
  const passed = new Set<EntryId>()
  for (let at = parent; at !== ROOT_ID && !passed.has(at);) {
    passed.add(at)
    const directory = known.get(at)
    if (directory === undefined) break
    names.unshift(directory.name)
    at = directory.parent
  }
  return names.join('/')
}

export function segmentsOf(path: string): readonly string[] {
  return path === '' ? [] : path.split('/')
}

/** Deleted entries have no index by place: this reads the folder once, and keeps only what carries one of the names. */
async function deletedEntryAt(tx: MetadataReader, folder: FolderId, path: string): Promise<EntryState | undefined> {
  const segments = segmentsOf(path)
  const names = new Set(segments)
  const byParent = new Map<EntryId, VersionRow[]>()
  for await (const version of tx.versionsAsOf(folder, Number.MAX_SAFE_INTEGER)) {
    const { name, parent } = version.state
    if (names.has(name)) byParent.set(parent, [...(byParent.get(parent) ?? []), version])
  }
  let level: readonly EntryState[] = (byParent.get(ROOT_ID) ?? []).map(({ state }) => state)
  for (const [depth, name] of segments.entries()) {
    level = level.filter((state) => state.name === name)
    if (depth < segments.length - 1)
      level = level.flatMap(({ id }) => (byParent.get(id) ?? []).map(({ state }) => state))
  }
  return level.toSorted((a, b) => b.seq - a.seq)[0]
}
