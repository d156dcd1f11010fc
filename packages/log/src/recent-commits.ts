import type { Cursor, EntryState, FolderId, NodeId, Patch, SmallContent, VersionVector } from '@causeway/protocol'
import { createByteLimitedMap } from './byte-limited-map.ts'

/** One durable commit, as the nodes that follow the folder are told of it. */
export interface CommittedChange {
  readonly folder: FolderId
  /** Where the log stood before: the change leads from there to `cursor` without a gap. */
  readonly after: Cursor
  readonly cursor: Cursor
  readonly clock: VersionVector
  readonly states: readonly EntryState[]
  /** How many removals it holds, which the brake has counted. */
  readonly counted?: number
  /** The small contents that came with it. */
  readonly contents: readonly SmallContent[]
  /** How large contents follow from others, where that came with it and is right. */
  readonly patches: readonly Patch[]
  /** Who made it. */
  readonly node: NodeId
}

/**
 * The commits that were made here a moment ago. Followers that stand where one
 * begins are sent it without a read; for all others the log is read.
 */
export interface RecentCommits {
  put(change: CommittedChange): void
  /** The commit that goes on from just this position of this log. */
  after(folder: FolderId, cursor: Cursor): CommittedChange | undefined
}

/** Followers are sent a commit as soon as it is made: later, only those who were catching up ask for it. */
const KEPT_BYTES = 16 * 1024 * 1024
/** Never more commits than this, however small. */
const KEPT = 256
/** What a state takes, roughly. */
const STATE_BYTES = 1000

export function createRecentCommits(): RecentCommits {
  const kept = createByteLimitedMap<CommittedChange>(KEPT_BYTES)
  return {
    put: (change) => kept.set(keyOf(change.folder, change.after), change, Math.max(bytesOf(change), KEPT_BYTES / KEPT)),
    after: (folder, cursor) => kept.get(keyOf(folder, cursor)),
  }
}

/** The tag too: no other log that once had the folder's name can pass for this one. */
function keyOf(folder: FolderId, { epoch, seq, tag }: Cursor): string {
  return `${folder} ${epoch} ${seq} ${tag}`
}

function bytesOf({ states, contents, patches }: CommittedChange): number {
  const deltas = patches.flatMap((patch) => patch.deltas)
  return (
    states.length * STATE_BYTES +
    contents.reduce((sum, { bytes }) => sum + bytes.length, 0) +
    deltas.reduce((sum, { bytes, chunks }) => sum + bytes.length + chunks.length, 0)
  )
}
