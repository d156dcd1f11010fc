import { DAY_MS, NO_NEEDS, type FolderSnapshot, type Needs } from '@causeway/engine'
import {
  READING,
  ROOT_ID,
  type CommitRequest,
  type EntryId,
  type ChunkId,
  type ContentHash,
  type NodeId,
  type Place,
} from '@causeway/protocol'
import { openSetBack } from './set-back.ts'
import type { CommitNeeds, CommitRows, FolderRow, HeldContents, MetadataReader } from '@causeway/store'

/** The author of a commit as the decision sees it. */
export type Committer = FolderSnapshot['node']

export interface SnapshotRequest {
  readonly folder: FolderRow
  readonly node: Committer
  readonly at: string
  readonly unavailable: ReadonlyMap<ContentHash, readonly ChunkId[]>
  readonly noRoom: string | null
}

/** Deletes of one node within this time are counted together by the brake. */
const BRAKE_WINDOW_MS = 10 * 60_000

const NOTHING_HELD = { counters: [], chunks: [], manifests: [], reads: READING, deletesFrom: null, sentFrom: null }

/** What the first decision of a commit is sure to ask for. */
export function firstNeeds(
  request: CommitRequest,
  about: { readonly node: NodeId; readonly at: string } & Pick<CommitNeeds, 'chunks' | 'manifests'>,
): CommitNeeds {
  const { at, ...wanted } = about
  // Counting is only worth its reads where the brake may have to look at them.
  const deletes = request.operations.some(
    (operation) => operation.kind === 'delete' || (operation.kind === 'offer' && operation.state.deleted),
  )
  const brings = request.operations.some(
    (operation) => (operation.kind === 'create' || operation.kind === 'edit') && operation.content.kind === 'file',
  )
  return {
    ...wanted,
    counters: request.operations.map(({ counter }) => counter),
    rows: certainNeeds(request),
    reads: READING,
    deletesFrom: deletes ? new Date(Date.parse(at) - BRAKE_WINDOW_MS).toISOString() : null,
    sentFrom: brings ? dayBefore(at) : null,
  }
}

/** From when on what a node sent counts for its daily limit, at that time. */
export function dayBefore(at: string): string {
  return new Date(Date.parse(at) - DAY_MS + 1).toISOString()
}

/** A snapshot with the rows that the decision is sure to ask for; `withRows` adds the others. */
export function openSnapshot(
  { folder, node, at, unavailable, noRoom }: SnapshotRequest,
  loaded: CommitRows,
): FolderSnapshot {
  const { id, head, clock, settings } = folder
  const { files, directories, symlinks, bytes } = loaded.counts
  return {
    folder: {
      id,
      head,
      clock,
      deleteBrakeShare: settings.deleteBrakeShare,
      deleteBrakeMin: settings.deleteBrakeMin,
      quotaBytes: settings.quotaBytes,
      isHalted: folder.halted !== null,
      setBack: openSetBack(folder, at),
    },
    node,
    at,
    liveCount: files + directories + symlinks,
    liveBytes: bytes,
    recentDeletes: loaded.recentDeletes,
    unavailable,
    noRoom,
    rows: loaded.rows,
  }
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
  const { folder, node, rows } = snapshot
  const more = await tx.loadForCommit(folder.id, { ...NOTHING_HELD, node: node.id, rows: needs })
  return {
    ...snapshot,
    rows: {
      entries: both(rows.entries, more.rows.entries),
      places: both(rows.places, more.rows.places),
      subtrees: both(rows.subtrees, more.rows.subtrees),
      buried: both(rows.buried, more.rows.buried),
      copies: both(rows.copies, more.rows.copies),
      aliases: both(rows.aliases, more.rows.aliases),
      levels: both(rows.levels, more.rows.levels),
    },
  }
}

/** Of some chunks and chunk lists, those that are held. */
export async function loadHeld(
  tx: MetadataReader,
  { folder, node }: FolderSnapshot,
  wanted: Pick<CommitNeeds, 'chunks' | 'manifests'>,
): Promise<HeldContents> {
  const loaded = await tx.loadForCommit(folder.id, { ...NOTHING_HELD, ...wanted, node: node.id, rows: NO_NEEDS })
  return loaded.held
}

function both<Key, Value>(a: ReadonlyMap<Key, Value>, b: ReadonlyMap<Key, Value>): ReadonlyMap<Key, Value> {
  return b.size === 0 ? a : new Map([...a, ...b])
}

/** The committer of a node's own commit, from what the coordinator knows of it. */
export function committerOf({ node, membership, sent }: CommitRows): Committer | undefined {
  if (node === undefined || node.revoked || membership === undefined) return undefined
  const { id, name, dailyBytes } = node
  const { access } = membership
  return { id, name, access, ...(dailyBytes !== null && { daily: { limitBytes: dailyBytes, sent } }) }
}
