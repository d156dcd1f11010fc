import { placeKey, type Needs, type SnapshotRows } from '@causeway/engine'
import type { EntryId, EntryState, FolderId, ContentHash, NodeId } from '@causeway/protocol'
import type { CommitNeeds, CommitRows, HeldContents, MetadataReader } from '../metadata-store.ts'
import type { Connection } from './connection.ts'
import { bytes, flag, hashCell, textOrNull } from './values.ts'

/** All that a commit is decided on, by calls that cost next to nothing: the database is in this process. */
export async function loadForCommit({ tx, db }: Handles, folder: FolderId, needs: CommitNeeds): Promise<CommitRows> {
  const { node, counters, deletesFrom, sentFrom } = needs
  const committer = await tx.node(node)
  const isLimited = committer !== undefined && committer.dailyBytes !== null
  return {
    folder: await tx.folder(folder),
    node: committer,
    membership: (await tx.memberships({ folder, node }))[0],
    outcomes: await tx.outcomesByDots(folder, node, counters),
    held: await heldAmong({ tx, db }, folder, needs),
    rows: await rowsOf(tx, folder, needs.rows),
    counts: await tx.counts(folder),
    recentDeletes: deletesFrom === null ? 0 : await recentDeletes(tx, folder, { node, from: deletesFrom }),
    sent: isLimited && sentFrom !== null ? await tx.sentSince(node, sentFrom) : [],
  }
}

interface Handles {
  readonly tx: MetadataReader
  readonly db: Connection
}

async function heldAmong(
  { tx, db }: Handles,
  folder: FolderId,
  { node, reads, chunks, manifests }: CommitNeeds,
): Promise<HeldContents> {
  const lists = new Map<ContentHash, Uint8Array>()
  const unproven = new Map<ContentHash, NodeId | null>()
  for (const content of manifests) {
    const row = db.get('SELECT chunks, told_by, proven FROM manifests WHERE content = ?', hashCell(content))
    if (row === undefined) continue
    lists.set(content, bytes(row['chunks']))
    if (!flag(row['proven'])) unproven.set(content, textOrNull(row['told_by']))
  }
  const chunkSizes = new Map((await tx.chunks(chunks)).map(({ hash, size }) => [hash, size]))
  const held = [...new Set([...chunkSizes.keys(), ...lists.keys()])]
  const own = await tx.contentsFor({ folder, reads: [] }, held)
  const others = held.filter((hash) => !own.has(hash))
  return {
    removals: await tx.removals(),
    isIntact: (await tx.lostCount()) === 0,
    chunkSizes,
    manifests: lists,
    unproven,
    own,
    readable: others.length === 0 ? new Set() : await tx.contentsFor({ folder, node, reads }, others),
  }
}

/** What a person let through counts no more. */
async function recentDeletes(
  tx: MetadataReader,
  folder: FolderId,
  { node, from }: { readonly node: CommitNeeds['node']; readonly from: string },
): Promise<number> {
  const [resumed] = await tx.eventsBefore(undefined, { folder, kinds: ['resume'] }, 1)
  const since = Math.max(Date.parse(from), resumed === undefined ? 0 : Date.parse(resumed.at) + 1)
  return tx.deletesSince(folder, node, new Date(since).toISOString())
}

async function rowsOf(tx: MetadataReader, folder: FolderId, needs: Needs): Promise<SnapshotRows> {
  const entries = new Map<EntryId, EntryState | null>()
  const places = new Map<string, EntryState | null>()
  const aliases = new Map<EntryId, EntryId>()
  function add(states: readonly EntryState[]): readonly EntryState[] {
    for (const state of states) entries.set(state.id, state)
    return states
  }
  async function below(
    ids: readonly EntryId[],
    load: (id: EntryId) => Promise<readonly EntryState[]>,
  ): Promise<ReadonlyMap<EntryId, readonly EntryState[]>> {
    const found = new Map<EntryId, readonly EntryState[]>()
    for (const id of ids) found.set(id, add(await load(id)))
    return found
  }

  if (needs.entries.length > 0) {
    const ids = [...needs.entries]
    for (let unfollowed: readonly EntryId[] = needs.entries; unfollowed.length > 0;) {
      const found = [...(await tx.aliases(folder, unfollowed))].filter(([alias]) => !aliases.has(alias))
      for (const [alias, entry] of found) aliases.set(alias, entry)
      unfollowed = found.map(([, entry]) => entry)
      ids.push(...unfollowed)
    }
    for (const id of ids) entries.set(id, null)
    add(await tx.entries(folder, ids))
    add(await tx.ancestors(folder, ids))
  }
  if (needs.places.length > 0) {
    for (const place of needs.places) places.set(placeKey(place), null)
    const found = add(await tx.entriesAt(folder, needs.places))
    for (const state of found) places.set(placeKey(state), state)
    const ids = found.map(({ id }) => id)
    add(await tx.ancestors(folder, ids))
  }
  const subtrees = await below(needs.subtrees, (id) => tx.descendants(folder, id))
  const buried = await below(needs.buried, (id) => tx.buriedBelow(folder, id))
  const copies = await below(needs.copies, (id) => tx.copiesOf(folder, id))
  const levels = new Map<EntryId, number>()
  for (const id of needs.levels) levels.set(id, await tx.levelsBelow(folder, id))
  return { entries, places, subtrees, buried, copies, aliases, levels }
}
