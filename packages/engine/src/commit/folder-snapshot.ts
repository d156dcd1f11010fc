import type {
  Access,
  ContentHash,
  EntryId,
  EntryState,
  FolderId,
  ChunkId,
  NodeId,
  Place,
  VersionVector,
} from '@causeway/protocol'
import type { SetBack } from './set-back.ts'

/**
 * What a commit is decided on: plain values, read as of one moment. What comes
 * of it is written only if nothing it depends on has changed since.
 *
 * `rows` may be empty at first. The decision says which rows it lacked
 * (`Needs`); the caller loads them, adds them, and asks again.
 */
export interface FolderSnapshot {
  readonly folder: {
    readonly id: FolderId
    readonly head: number
    readonly clock: VersionVector
    readonly deleteBrakeShare: number
    readonly deleteBrakeMin: number
    /** What its live files may be together, in bytes; null for no limit. */
    readonly quotaBytes: number | null
    /** True while the folder waits for a person. */
    readonly isHalted: boolean
    /** While offers are taken; else null. */
    readonly setBack: SetBack | null
  }
  readonly node: {
    readonly id: NodeId
    readonly name: string
    readonly access: Access
    /** Left out for a node that may bring as much as it likes. */
    readonly daily?: DailyLimit
  }
  /** The coordinator's wall clock, ISO 8601: for names and notes, never for a decision. */
  readonly at: string
  /** Live entries of the folder before this commit. */
  readonly liveCount: number
  /** What its live files are together before this commit. */
  readonly liveBytes: number
  /** Entries this node deleted lately without a person's word (the coordinator's brake adds them up). */
  readonly recentDeletes: number
  /** Contents that are not wholly held, with the chunks that lack. */
  readonly unavailable: ReadonlyMap<ContentHash, readonly ChunkId[]>
  /** Why no new bytes are taken at the moment, in words for the sender; null while they are. */
  readonly noRoom: string | null
  readonly rows: SnapshotRows
}

/** Rows as loaded; `null` says that there is none, absence that nobody looked. */
export interface SnapshotRows {
  readonly entries: ReadonlyMap<EntryId, EntryState | null>
  /** Live entries by `placeKey`. */
  readonly places: ReadonlyMap<string, EntryState | null>
  /** Live entries below a directory, parents first. */
  readonly subtrees: ReadonlyMap<EntryId, readonly EntryState[]>
  /** Tombstones below an entry that the deletes which reached the entry had reached too, and what lives between them. */
  readonly buried: ReadonlyMap<EntryId, readonly EntryState[]>
  /**
   * Live conflict copies that stand against an entry, in a conflict that is open; and deleted ones that were other
   * versions of it.
   */
  readonly copies: ReadonlyMap<EntryId, readonly EntryState[]>
  readonly aliases: ReadonlyMap<EntryId, EntryId>
  /** How many live directories lie below a directory, one in another. */
  readonly levels: ReadonlyMap<EntryId, number>
}

export const NO_ROWS: SnapshotRows = {
  entries: new Map(),
  places: new Map(),
  subtrees: new Map(),
  buried: new Map(),
  copies: new Map(),
  aliases: new Map(),
  levels: new Map(),
}

/**
 * The rows a decision still lacks. Loading an entry means: follow its aliases
 * to the end, and load its ancestors up to the root with it.
 */
export interface Needs {
  readonly entries: readonly EntryId[]
  readonly places: readonly Place[]
  readonly subtrees: readonly EntryId[]
  readonly buried: readonly EntryId[]
  readonly copies: readonly EntryId[]
  readonly levels: readonly EntryId[]
}

export const NO_NEEDS: Needs = { entries: [], places: [], subtrees: [], buried: [], copies: [], levels: [] }

/** Over all folders: what one node brought lately. */
export interface SentLately {
  /** When the last of it came (ISO 8601). */
  readonly lastAt: string
  readonly bytes: number
}

/** How much new a node may bring within a day, and what it brought in the day before this commit, oldest first. */
export interface DailyLimit {
  readonly limitBytes: number
  readonly sent: readonly SentLately[]
}

/** The key of a place in a map; the parent's id holds no slash. */
export function placeKey(place: Place): string {
  return `${place.parent}/${place.name}`
}
