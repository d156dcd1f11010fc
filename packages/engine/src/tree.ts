import type { Content, EntryId, EntryKind, EntryState, VersionVector } from '@causeway/protocol'

/** What `lstat` says, as far as a later change would show in it. */
export interface Stat {
  readonly kind: EntryKind | 'other'
  readonly size: number
  /** Permission bits only. */
  readonly mode: number
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
  /** Names the inode; with `birthtimeNs` it is never used twice while both stand. */
  readonly inode: bigint
  /** 0n where the file system keeps none. */
  readonly birthtimeNs: bigint
  readonly device: bigint
}

/** True if the two describe the same untouched file (directories: the same directory). */
export function isSame(a: Stat, b: Stat): boolean {
  if (a.kind !== b.kind || a.inode !== b.inode || a.device !== b.device) return false
  if (a.kind === 'directory') return true
  return a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs
}

/** One entry of the base tree: what node and coordinator last agreed on, and how it then lay on disk. */
export interface BaseEntry {
  readonly id: EntryId
  readonly parent: EntryId
  readonly name: string
  readonly placeVector: VersionVector
  readonly content: Content
  readonly contentVector: VersionVector
  readonly existenceVector: VersionVector
  /** A position of the log at which the coordinator held this version; 0 where none is known. */
  readonly seq: number
  /** What `lstat` said when the disk last held exactly this content; a scan that finds the same reads nothing. */
  readonly stat: Stat
  /**
   * True if the file may have changed within the clock's grain after `stat`:
   * the next scan reads it once more.
   */
  readonly racy: boolean
}

/** The base tree as decisions read it. */
export interface BaseView {
  base(id: EntryId): BaseEntry | undefined
  baseAt(parent: EntryId, name: string): BaseEntry | undefined
  baseChildren(parent: EntryId): readonly BaseEntry[]
  baseByInode(device: bigint, inode: bigint, birthtimeNs: bigint): readonly BaseEntry[]
}

/** What the coordinator holds and the disk does not yet. */
export interface PendingView {
  pendingOf(id: EntryId): EntryState | undefined
  pendingChildren(parent: EntryId): readonly EntryState[]
}
