import { sameBytesAndMode } from '@causeway/engine'
import {
  LIMITS,
  SyncError,
  type EntryId,
  type EntryState,
  type EntryView,
  type FolderId,
  type Operation,
} from '@causeway/protocol'
import type { MetadataReader, VersionRow } from '@causeway/store'
import { type Commits, entryMeant, type OwnBuild } from '@causeway/log'
import type { Acting } from '../ports/acting.ts'
import type { Context } from '../ports/context.ts'
import { entryViews } from './browse.ts'
import { canonical, standingAt, type Target } from './history.ts'
import { editing, refuseRefused, moving, numbered, ownRequest } from './own-request.ts'

export interface Restores {
  /**
   * Brings back what stood: a version, a moment, or (with neither) the last
   * state before a delete. A directory comes back with all that was in it.
   * What was made since stays. The result is new versions; history only grows.
   */
  restore(acting: Acting, target: Target & When): Promise<readonly EntryView[]>
  /** Brings several deleted entries back, directories with what fell with them; those that stand stay as they are. */
  bringBack(acting: Acting, entries: readonly EntryId[]): Promise<void>
  /** Brings back everything that one event deleted. */
  undo(acting: Acting, position: number): Promise<readonly EntryView[]>
}

interface When {
  readonly version?: number | undefined
  readonly at?: string | undefined
}

/** How a person wants an entry to stand again. */
interface Wanted {
  readonly current: EntryState
  readonly goal: EntryState
}

export function createRestores({ metadata }: Context, commits: Commits): Restores {
  /** Runs in rounds of one commit each; entries that already stand as wanted fall out by themselves. */
  async function bringBack(
    { folder, by }: Acting,
    reason: string,
    find: (tx: MetadataReader) => Promise<readonly Wanted[]>,
  ): Promise<readonly EntryView[]> {
    const touched = new Set<EntryId>()
    for (;;) {
      let round: readonly Wanted[] = []
      const build: OwnBuild = async (tx, row, counter) => {
        const wanted = (await find(tx)).filter(({ current }) => !touched.has(current.id))
        round = wanted.slice(0, LIMITS.operationsPerCommit / 4)
        const operations = numbered(round.flatMap(operationsFor), counter)
        return { request: ownRequest(row, operations), note: { kind: 'restore', reason, actor: by } }
      }
      const done = await commits.author(folder, build)
      if (round.length === 0) break
      refuseRefused(done, "it can't be brought back", 'chunk-missing')
      for (const { current } of round) touched.add(current.id)
    }
    return metadata.read(async (tx) => entryViews(tx, folder, await tx.entries(folder, [...touched])))
  }

  return {
    restore(acting, target) {
      const { folder } = acting
      const reason = reasonOf(target)
      return bringBack(acting, reason, async (tx) => {
        const current = await entryMeant(tx, folder, target)
        const { version, at } = target
        if (version !== undefined)
          return [{ current, goal: await versionOfEntry(tx, folder, version, current) }].filter(differs)
        if (at !== undefined) return standingBelow(tx, folder, current, await tx.seqAtTime(folder, canonical(at)))
        if (!current.deleted) return []
        return fallenWith(tx, folder, current)
      })
    },
    async bringBack(acting, entries) {
      const { folder } = acting
      await bringBack(acting, 'A person brought it back.', async (tx) => {
        const fallen = (await tx.entries(folder, entries)).filter(({ deleted }) => deleted)
        const wanted: Wanted[] = []
        for (const current of fallen) wanted.push(...(await fallenWith(tx, folder, current)))
        return wanted
      })
    },
    async undo(acting, position) {
      const { folder } = acting
      const event = await metadata.read((tx) => tx.event(position))
      if (event === undefined || event.folder !== folder)
        throw new SyncError('not-found', `${folder} has no event ${position}`)
      if (event.kind !== 'delete') throw new SyncError('bad-request', `event ${position} is no delete`)
      return bringBack(acting, `A person undid the delete of ${event.at}.`, (tx) => deletedBy(tx, folder, event))
    },
  }
}

function operationsFor({ current, goal }: Wanted): readonly Operation[] {
  const operations: Operation[] = []
  if (current.deleted || !sameBytesAndMode(current.content, goal.content)) {
    operations.push(editing(current, goal.content))
  }
  if (!current.deleted && (current.parent !== goal.parent || current.name !== goal.name)) {
    operations.push(moving(current, { parent: goal.parent, name: goal.name }))
  }
  return operations
}

function differs({ current, goal }: Wanted): boolean {
  return (
    current.deleted ||
    !sameBytesAndMode(current.content, goal.content) ||
    current.parent !== goal.parent ||
    current.name !== goal.name
  )
}

async function versionOfEntry(
  tx: MetadataReader,
  folder: FolderId,
  seq: number,
  current: EntryState,
): Promise<EntryState> {
  const row = await tx.version(folder, seq)
  if (row?.entry !== current.id)
    throw new SyncError('not-found', `${current.name} has no version ${seq}, or keeps it no longer`)
  // A version's content is what is asked for: where the entry stands today, it stays.
  return current.deleted ? row.state : { ...row.state, parent: current.parent, name: current.name }
}

/** All that stood at or below an entry at a log position and does not stand like that now; parents first. */
async function standingBelow(
  tx: MetadataReader,
  folder: FolderId,
  { id, name }: Pick<EntryState, 'id' | 'name'>,
  seq: number,
): Promise<readonly Wanted[]> {
  const then = await standingAt(tx, folder, seq)
  const live = [...then.values()].filter(({ state }) => !state.deleted)
  if (then.get(id)?.state.deleted !== false)
    throw new SyncError('not-found', `${name || 'the folder'} did not exist then`)
  return pairs(tx, folder, parentsFirst(live, id))
}

/** A deleted entry, and all below it that the same event deleted. */
async function fallenWith(tx: MetadataReader, folder: FolderId, current: EntryState): Promise<readonly Wanted[]> {
  const tombstone = await tx.version(folder, current.seq)
  if (tombstone === undefined || current.content.kind !== 'directory') return [{ current, goal: current }]
  const fallen = await tombstonesOf(tx, folder, tombstone)
  return pairs(tx, folder, parentsFirst(fallen, current.id))
}

async function deletedBy(
  tx: MetadataReader,
  folder: FolderId,
  event: { node: string; counter: number },
): Promise<readonly Wanted[]> {
  const fallen = await tombstonesOf(tx, folder, event)
  const ids = new Set(fallen.map(({ entry }) => entry))
  const roots = fallen.filter(({ state }) => !ids.has(state.parent))
  return pairs(
    tx,
    folder,
    roots.flatMap(({ entry }) => parentsFirst(fallen, entry)),
  )
}

async function tombstonesOf(
  tx: MetadataReader,
  folder: FolderId,
  dot: { node: string; counter: number },
): Promise<VersionRow[]> {
  const now = await standingAt(tx, folder, Number.MAX_SAFE_INTEGER)
  return [...now.values()].filter(
    ({ state, node, counter }) => state.deleted && node === dot.node && counter === dot.counter,
  )
}

function parentsFirst(rows: readonly VersionRow[], root: EntryId): readonly VersionRow[] {
  const children = Map.groupBy(rows, ({ state }) => state.parent)
  const found = rows.filter(({ entry }) => entry === root)
  for (let at = 0; at < found.length; at++) {
    const row = found[at]
    if (row !== undefined) found.push(...(children.get(row.entry) ?? []))
  }
  return found
}

async function pairs(tx: MetadataReader, folder: FolderId, rows: readonly VersionRow[]): Promise<readonly Wanted[]> {
  const current = new Map(
    (
      await tx.entries(
        folder,
        rows.map(({ entry }) => entry),
      )
    ).map((state) => [state.id, state]),
  )
  return rows
    .flatMap(({ entry, state }) => {
      const now = current.get(entry)
      return now === undefined ? [] : [{ current: now, goal: state }]
    })
    .filter(differs)
}

function reasonOf({ version, at }: When): string {
  if (version !== undefined) return `A person brought back version ${version}.`
  if (at !== undefined) return `A person brought back what stood at ${canonical(at)}.`
  return 'A person brought it back.'
}
