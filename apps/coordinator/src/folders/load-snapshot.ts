import { NO_NEEDS, NO_ROWS, placeKey, type FolderSnapshot, type Needs, type SnapshotRows } from '@causeway/engine'
import {
  ROOT_ID,
  type CommitRequest,
  type EntryId,
  type EntryState,
  type FolderId,
  type Hash,
  type NodeId,
  type Place,
} from '@causeway/protocol'
import { openSetBack } from './set-back.ts'
import type { FolderRow, MetadataReader } from '@causeway/store'

/** The author of a commit as the decision sees it. */
export type Committer = FolderSnapshot['node']

export interface SnapshotRequest {
  readonly folder: FolderRow
  readonly node: Committer
  readonly at: string
  readonly unavailable: ReadonlyMap<Hash, readonly Hash[]>
}

/** Deletes of one node within this time are counted together by the brake. */
const BRAKE_WINDOW_MS = 10 * 60_000

/** A snapshot with the rows that the decision is sure to ask for; `withRows` adds the others. */
export async function openSnapshot(
  tx: MetadataReader,
  { folder, node, at, unavailable }: SnapshotRequest,
  request: CommitRequest,
): Promise<FolderSnapshot> {
  // Counting is only worth its reads where the brake may have to look at them.
  const deletes = request.operations.some(
    (operation) => operation.kind === 'delete' || (operation.kind === 'offer' && operation.state.deleted),
  )
  const { id, head, clock, settings } = folder
  const bare: FolderSnapshot = {
    folder: {
      id,
      head,
      clock,
      deleteBrakeShare: settings.deleteBrakeShare,
      deleteBrakeMin: settings.deleteBrakeMin,
      setBack: openSetBack(folder, at),
    },
    node,
    at,
    liveCount: deletes ? await liveCount(tx, id) : 0,
    recentDeletes: deletes ? await tx.deletesSince(id, node.id, await windowStart(tx, id, at)) : 0,
    unavailable,
    rows: NO_ROWS,
  }
  return withRows(tx, bare, certainNeeds(request))
}

/** What a look at the operations tells: a second decision of thousands of them would cost more than all else. */
function certainNeeds({ operations }: CommitRequest): Needs {
  const entries = new Set<EntryId>()
  const places: Place[] = []
  const created = new Set<EntryId>()
  for (const operation of operations) {
    if (operation.kind === 'offer') continue
    if (operation.kind !== 'create') entries.add(operation.entry)
    if (operation.kind === 'create' || operation.kind === 'move') {
      const { place } = operation
      if (!created.has(place.parent)) {
        entries.add(place.parent)
        places.push(place)
      }
    }
    if (operation.kind === 'create') created.add(operation.entry)
  }
  entries.delete(ROOT_ID)
  return { ...NO_NEEDS, entries: [...entries], places }
}

/** The snapshot with what the decision lacked: entries through their aliases, and all directories above them. */
export async function withRows(tx: MetadataReader, snapshot: FolderSnapshot, needs: Needs): Promise<FolderSnapshot> {
  const folder = snapshot.folder.id
  const entries = new Map(snapshot.rows.entries)
  const places = new Map(snapshot.rows.places)
  const subtrees = new Map(snapshot.rows.subtrees)
  const buried = new Map(snapshot.rows.buried)
  const copies = new Map(snapshot.rows.copies)
  const aliases = new Map(snapshot.rows.aliases)

  if (needs.entries.length > 0) {
    const ids = [...needs.entries]
    for (let unfollowed: readonly EntryId[] = needs.entries; unfollowed.length > 0;) {
      const found = [...(await tx.aliases(folder, unfollowed))].filter(([alias]) => !aliases.has(alias))
      for (const [alias, entry] of found) aliases.set(alias, entry)
      unfollowed = found.map(([, entry]) => entry)
      ids.push(...unfollowed)
    }
    for (const id of ids) entries.set(id, null)
    add(entries, await tx.entries(folder, ids))
    add(entries, await tx.ancestors(folder, ids))
  }
  if (needs.places.length > 0) {
    for (const place of needs.places) places.set(placeKey(place), null)
    const found = await tx.entriesAt(folder, needs.places)
    for (const state of found) places.set(placeKey(state), state)
    add(entries, found)
    add(
      entries,
      await tx.ancestors(
        folder,
        found.map(({ id }) => id),
      ),
    )
  }
  for (const id of needs.subtrees) {
    const below = await tx.descendants(folder, id)
    subtrees.set(id, below)
    add(entries, below)
  }
  for (const id of needs.buried) {
    const below = await tx.buriedBelow(folder, id)
    buried.set(id, below)
    add(entries, below)
  }
  for (const id of needs.copies) {
    const standing = await tx.copiesOf(folder, id)
    copies.set(id, standing)
    add(entries, standing)
  }
  const levels = new Map(snapshot.rows.levels)
  for (const id of needs.levels) levels.set(id, await tx.levelsBelow(folder, id))
  const rows: SnapshotRows = { entries, places, subtrees, buried, copies, aliases, levels }
  return { ...snapshot, rows }
}

function add(entries: Map<EntryId, EntryState | null>, states: readonly EntryState[]): void {
  for (const state of states) entries.set(state.id, state)
}

async function liveCount(tx: MetadataReader, folder: FolderId): Promise<number> {
  const { files, directories, symlinks } = await tx.counts(folder)
  return files + directories + symlinks
}

/** What a person let through counts no more. */
async function windowStart(tx: MetadataReader, folder: FolderId, at: string): Promise<string> {
  const [resumed] = await tx.eventsBefore(undefined, { folder, kinds: ['resume'] }, 1)
  const window = Date.parse(at) - BRAKE_WINDOW_MS
  return new Date(Math.max(window, resumed === undefined ? 0 : Date.parse(resumed.at) + 1)).toISOString()
}

/** The committer of a node's own commit, from what the coordinator knows of it. */
export async function committerOf(tx: MetadataReader, folder: FolderId, node: NodeId): Promise<Committer | undefined> {
  const [row, memberships] = await Promise.all([tx.node(node), tx.memberships({ folder, node })])
  const membership = memberships[0]
  if (row === undefined || row.revoked || membership === undefined) return undefined
  return { id: node, name: row.name, access: membership.access }
}
