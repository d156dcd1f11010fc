import type { DigestSums, ListingOrder, Needs, NewEvent, SentLately, SnapshotRows } from '@causeway/engine'
import type {
  Access,
  Direction,
  EntryId,
  EntryState,
  EventKind,
  FolderId,
  ChunkId,
  ContentHash,
  Hash,
  HistoryEvent,
  HourSavings,
  Savings,
  NodeId,
  Place,
  Transfer,
  TransferOrder,
  VersionVector,
} from '@causeway/protocol'
import type { DumpReader, DumpWriter } from './dump/dump-port.ts'
import type { AuditReader, AuditWriter } from './audit-rows.ts'
import type { PeopleReader, PeopleWriter } from './people.ts'
import type { SignInReader, SignInWriter } from './sign-ins.ts'

/**
 * Where the coordinator keeps everything but the chunks' bytes.
 *
 * Contract, held by `metadataStoreConformance`:
 * - A write is serialisable with every other write, of this handle and of any
 *   other on the same database; those of one handle and one scope run in call
 *   order. Nothing of one is seen by `read` before it is committed, and nothing is
 *   kept if `work` throws.
 * - Every write to a folder moves its `revision` on. What was decided on an
 *   earlier one is refused (\`outdated\`), wherever the folder was read.
 * - When `write` resolves, its changes survive kill and power loss. Writes that
 *   wait while another is being made durable may share one sync (group commit).
 * - `read` sees one committed snapshot for its whole run.
 * - `work` must do nothing but call its transaction: it may be run again, after
 *   a lost connection or where another write came between.
 */
export interface MetadataStore {
  read<T>(work: (tx: MetadataReader) => Promise<T>): Promise<T>
  /**
   * `scope` is the folder whose log alone the work reads and writes, with what `FolderWrites` names besides: then it
   * need not wait for writes of other folders, nor they for it.
   */
  write<T>(work: (tx: MetadataWriter) => Promise<T>, scope?: FolderId): Promise<T>
  /**
   * Gives space that nothing uses any more back to the disk, in short steps
   * between which others get their turn. Resolves to the bytes given back.
   */
  giveBackSpace(signal?: AbortSignal): Promise<number>
  close(): Promise<void>
}

/** Settings of a folder that a person may change. */
export interface FolderSettings {
  /** Share of a folder's live entries whose removal waits for a person, 0 to 1. */
  readonly deleteBrakeShare: number
  /** Removals of fewer entries than this never wait. */
  readonly deleteBrakeMin: number
  /** Every version is kept this long; later they are thinned. */
  readonly keepAllDays: number
  /** Thinned versions go after this; null keeps them. The newest always stays. */
  readonly keepThinnedDays: number | null
  /** What the live files may be together, in bytes; null for no limit. What is kept from before limits has none. */
  readonly quotaBytes: number | null
}

export interface FolderRow {
  readonly id: FolderId
  readonly name: string
  readonly epoch: string
  /** Last position of the change log; 0 while it is empty. */
  readonly head: number
  /** Written beside `head` by the commit that moved it. */
  readonly tag: string
  /** All dots the folder's log holds. */
  readonly clock: VersionVector
  readonly settings: FolderSettings
  /** Why the folder waits for a person, or null. */
  readonly halted: string | null
  readonly createdAt: string
  /** Grows with each write to the folder: its log, its settings, its halts. */
  readonly revision: number
  /** What is known of a database that was an older copy; absent for a log that was never set back. */
  readonly setBack?: FolderSetBack
  /** Absent for a folder in use. */
  readonly removed?: FolderRemoval
}

/** A folder that a person removed. All that it holds is kept and counts as used until it is dropped. */
export interface FolderRemoval {
  /** When (ISO 8601). */
  readonly at: string
  /** True once a person had it deleted for good: it does not come back. */
  readonly forGood: boolean
}

/** How a folder's log was found to have been set back to an older copy, the last time and before. */
export interface FolderSetBack {
  /** What positions of the log have carried since: tells them from those that were lost. */
  readonly era: string
  /** Eras that this log has left behind, of which it is known that something was lost. */
  readonly past: readonly string[]
  /** When it was found out (ISO 8601). */
  readonly since: string
  /** The folder's clock then. */
  readonly from: VersionVector
}

export interface NodeRow {
  readonly id: NodeId
  readonly name: string
  readonly address: string
  readonly port: number
  /** Raw 32-byte Ed25519 public key as base64, or null for a node registered through the original interface. */
  readonly publicKey: string | null
  readonly capabilities: readonly string[]
  readonly watchDirectories: readonly string[]
  readonly version: string
  readonly registeredAt: string
  readonly lastSeenAt: string
  readonly revoked: boolean
}

/** A node as it is kept. */
export interface KeptNode extends NodeRow {
  /** Its place in the order in which nodes were first put, from 0: given once and never to another. */
  readonly ordinal: number
  /** What it may bring within a day over all folders, in bytes; null for no limit. A person's word, not its own. */
  readonly dailyBytes: number | null
}

export type NodeChange = Partial<Pick<KeptNode, 'name' | 'watchDirectories' | 'dailyBytes'>>

export interface MembershipRow {
  readonly folder: FolderId
  readonly node: NodeId
  readonly access: Access
  /** The last position the node said it has applied. */
  readonly applied: number
  /** The folder's clock at that position: what the node has seen. */
  readonly clock: VersionVector
  readonly paused: boolean
}

/**
 * What a person decided about a folder on a node, of which the node is still to hear; it outlives the folder.
 *
 * - `offered`: the node may carry it, once it says where.
 * - `taken-away`: the node is to carry it no longer.
 * - `folder-removed`: the same, because the folder is gone everywhere.
 */
export interface AssignmentRow {
  readonly folder: FolderId
  readonly node: NodeId
  readonly kind: 'offered' | 'declined' | 'taken-away' | 'folder-removed'
  /** What the node may do in it; for what it lost, what it might. */
  readonly access: Access
  /** When (ISO 8601). */
  readonly at: string
}

export interface InviteRow {
  /** SHA-256 of the secret: the secret itself is never stored. */
  readonly secretHash: string
  /** At least one. */
  readonly folders: readonly FolderId[]
  readonly access: Access
  readonly expiresAt: string
  readonly usedBy: NodeId | null
}

export type Register = 'content' | 'place' | 'existence'

/** One accepted state of an entry; `seq` names it in its folder. Never changed afterwards. */
export interface VersionRow {
  readonly folder: FolderId
  readonly seq: number
  readonly entry: EntryId
  /** The registers this version changed. */
  readonly registers: readonly Register[]
  readonly state: EntryState
  /** The event that made it. */
  readonly node: NodeId
  readonly counter: number
  readonly at: string
}

/** Where a chunk's stored form lies. */
export interface ChunkRow {
  readonly hash: ChunkId
  readonly pack: string
  readonly offset: number
  /** Bytes in the pack. */
  readonly storedSize: number
  /** Plain bytes. */
  readonly size: number
  /** True if the stored form is a zstd frame, false if it is the plain bytes. */
  readonly compressed: boolean
}

/** A pack that chunks were ever noted in. */
export interface PackRow {
  readonly pack: string
  /** The furthest end (offset and stored size) of a chunk that was noted in it. */
  readonly knownTo: number
  /**
   * `open`: somebody appends to it. `sealed`: nobody does any more. `retired`: it held nothing any more and is removed
   * on purpose. `lost`: it was not there, and is read anew should it come back.
   */
  readonly state: 'open' | 'sealed' | 'retired' | 'lost'
  /** The process that appends to an open pack; null where none said so. */
  readonly owner: string | null
  /** How large it was when it was sealed, and when that was (ISO 8601). */
  readonly sealed: { readonly bytes: number; readonly at: string } | null
}

/** Some bytes of a pack, and where in it they belong. */
export interface PackTail {
  readonly offset: number
  readonly bytes: Uint8Array
}

/** A lease as it is kept (see `Leases`). */
export interface LeaseRow {
  readonly name: string
  /** Null once it was released. */
  readonly holder: string | null
  /** Grows with each that takes it. */
  readonly token: number
  /** Grows each time the holder says that it is still there. */
  readonly beat: number
  readonly ttlMs: number
}

export interface ManifestRow {
  readonly order: number
  readonly content: ContentHash
  readonly chunks: Uint8Array
}

/** A chunk list that a write brings. */
export interface NewManifest {
  readonly content: ContentHash
  readonly chunks: Uint8Array
  readonly size: number
  /** Who named it; null where the coordinator has made it of the bytes, and so knows it to be right. */
  readonly by?: NodeId | null
}

export type GarbageKind = 'chunk' | 'manifest' | 'pack'

/** What a write holds of contents: what it brings, and what it found and counts on. */
export interface ContentWrites {
  /** `removals()` when it was found what is held. */
  readonly decidedOn: number
  /** New chunks, as for `addChunks`. */
  readonly chunks: readonly ChunkRow[]
  readonly manifests: readonly NewManifest[]
  /** Chunks, and contents by their manifests, that were found to be held. */
  readonly claimed: readonly Hash[]
}

export interface ConflictRow {
  readonly folder: FolderId
  readonly copy: EntryId
  readonly rival: EntryId
  readonly at: string
  /** How it was settled, or null while it is open. */
  readonly settled: string | null
}

export interface FolderCounts {
  readonly files: number
  readonly directories: number
  readonly symlinks: number
  readonly bytes: number
}

export interface EventFilter {
  readonly folder?: FolderId
  /** Only those of these: what somebody may see who may not see all. */
  readonly folders?: readonly FolderId[]
  readonly node?: NodeId
  readonly entry?: EntryId
  readonly kinds?: readonly EventKind[]
}

export interface ChildrenPage {
  readonly after?: string
  readonly limit: number
}

/** All that lies in a directory, however deep, without the directory itself. */
export interface DirectorySums {
  readonly files: number
  readonly directories: number
  readonly symlinks: number
  /** Of its files. */
  readonly bytes: number
  /** When something last came, went or changed in it, milliseconds since 1970; null where nothing ever did. */
  readonly newestMs: number | null
}

/** A child of a directory, with what is in it where it is a directory itself. */
export interface ListedRow {
  readonly state: EntryState
  readonly within: DirectorySums | null
}

/** Where a listing goes on: behind the entry that has these. */
export interface ListingPosition {
  readonly isDirectory: boolean
  /** Bytes or milliseconds since 1970, as the order has it; 0 for the order by name. */
  readonly value: number
  readonly name: string
}

/** Directories first, whichever way round; as `compareListed` has it. */
export interface ListingPage {
  readonly order: ListingOrder
  readonly isDescending: boolean
  readonly after?: ListingPosition
  readonly limit: number
  /** Leaves out everything but directories. */
  readonly kind?: 'directory'
}

/** What is wanted to know for a commit to be decided. */
export interface CommitNeeds {
  /** Who commits. */
  readonly node: NodeId
  /** Of its events: which of them have an outcome already. */
  readonly counters: readonly number[]
  readonly chunks: readonly ChunkId[]
  readonly manifests: readonly ContentHash[]
  readonly rows: Needs
  /** The kinds of membership by which it may read what other folders hold. */
  readonly reads: readonly Access[]
  /** From when on its deletes count (ISO 8601), or null where nobody asks. */
  readonly deletesFrom: string | null
  /** From when on what it brought counts (ISO 8601), or null where nobody asks. */
  readonly sentFrom: string | null
}

export interface CommitRows {
  readonly folder: FolderRow | undefined
  /** The committer's own rows, if it is a node that carries the folder. */
  readonly node: KeptNode | undefined
  readonly membership: MembershipRow | undefined
  readonly outcomes: ReadonlyMap<number, Uint8Array>
  readonly held: HeldContents
  readonly rows: SnapshotRows
  readonly counts: FolderCounts
  /** Its deletes since then, and since a person last let the folder go on; 0 where nobody asks. */
  readonly recentDeletes: number
  /** What it brought since then, as `sentSince`; nothing where nobody asks, or it has no daily limit. */
  readonly sent: readonly SentLately[]
}

/** Of some chunks and manifests, those that are held. */
export interface HeldContents {
  readonly removals: number
  /** True if no chunk is lost: then every manifest that is held has all its chunks. */
  readonly isIntact: boolean
  readonly chunkSizes: ReadonlyMap<ChunkId, number>
  readonly manifests: ReadonlyMap<ContentHash, Uint8Array>
  /** Of those, the ones that nobody has hashed yet, and who named them, if that is known. */
  readonly unproven: ReadonlyMap<ContentHash, NodeId | null>
  /** Of these, those that are the folder's own. */
  readonly own: ReadonlySet<Hash>
  /** Of the others, those of other folders that the committer may read. */
  readonly readable: ReadonlySet<Hash>
}

/** Who asks for bytes in a folder. */
export interface Asker {
  readonly folder: FolderId
  /** A node may also have what other folders hold that it carries with one of the accesses in `reads`. */
  readonly node?: NodeId
  readonly reads: readonly Access[]
}

export interface LogMark {
  readonly seq: number
  readonly tag: string
  readonly clock: VersionVector
}

export interface MetadataReader extends DumpReader {
  readonly people: PeopleReader
  readonly signIns: SignInReader
  readonly audit: AuditReader
  /** All folders, removed ones included: what they hold is in use. */
  folders(): Promise<readonly FolderRow[]>
  folder(id: FolderId): Promise<FolderRow | undefined>
  counts(folder: FolderId): Promise<FolderCounts>

  /** Entries, live or deleted, in no set order; unknown ids are left out. */
  entries(folder: FolderId, ids: readonly EntryId[]): Promise<readonly EntryState[]>
  /** The live entries at these places. */
  entriesAt(folder: FolderId, places: readonly Place[]): Promise<readonly EntryState[]>
  /** Live children by the bytes of their names, after a name if one is given. */
  children(folder: FolderId, parent: EntryId, page: ChildrenPage): Promise<readonly EntryState[]>
  /** Live children as a person wants to see them. */
  listing(folder: FolderId, parent: EntryId, page: ListingPage): Promise<readonly ListedRow[]>
  /** How many live children a directory has. */
  childCount(folder: FolderId, parent: EntryId): Promise<number>
  /** What lies in a directory, as every commit keeps it up. */
  directorySums(folder: FolderId, id: EntryId): Promise<DirectorySums>
  /** The directories that hold live entries, by id, after one. */
  directoriesAfter(folder: FolderId, after: string, limit: number): Promise<readonly EntryId[]>
  /** The sums over all live entries, as of this moment; undefined until `countDigest` has been through all of them. */
  digest(folder: FolderId): Promise<DigestSums | undefined>
  /** Every live entry below a directory, parents first. */
  descendants(folder: FolderId, id: EntryId): Promise<readonly EntryState[]>
  /**
   * What lies below an entry, live or deleted, as far as deletes that are remembered (`reachedBy`) lead there; parents
   * first. Tombstones that remember none are left out, with what lies below them.
   */
  buriedBelow(folder: FolderId, id: EntryId): Promise<readonly EntryState[]>
  /** Live conflict copies against an entry, of conflicts that are open, and deleted ones with a `bytesVector`. */
  copiesOf(folder: FolderId, rival: EntryId): Promise<readonly EntryState[]>
  /** The directories above these entries up to the root, live or deleted, without the entries themselves. */
  ancestors(folder: FolderId, ids: readonly EntryId[]): Promise<readonly EntryState[]>
  /** How many live directories lie below a directory, one in another. */
  levelsBelow(folder: FolderId, id: EntryId): Promise<number>
  /** States with `seq` above the given one, by rising seq. */
  changesAfter(folder: FolderId, seq: number, limit: number): Promise<readonly EntryState[]>
  /** How many entries have a `seq` above the given one; no more than `most` are counted. */
  countChangesAfter(folder: FolderId, seq: number, most: number): Promise<number>
  /** Live entries whose name contains `text` (case-insensitive), by name. */
  searchEntries(folder: FolderId, text: string, limit: number): Promise<readonly EntryState[]>
  /** The id that an id was folded into when its create was joined, if it was. */
  aliases(folder: FolderId, ids: readonly EntryId[]): Promise<ReadonlyMap<EntryId, EntryId>>
  /**
   * Of some chunks and contents, those that the asker's folder has, or others that it may read: what a version there
   * is made of, or was, and what was sent there.
   */
  contentsFor(asker: Asker, hashes: readonly Hash[]): Promise<ReadonlySet<Hash>>
  /** The newest log mark at or below `seq`: its tag and the folder's clock there. */
  logMark(folder: FolderId, seq: number): Promise<LogMark | undefined>
  /** The first log mark at or above `seq`: the end of the commit that this position belongs to. */
  markAtOrAbove(folder: FolderId, seq: number): Promise<LogMark | undefined>
  /**
   * All that a commit is decided on, in one round trip: a store across a network asks its database once. Entries come
   * through their aliases, with the directories above them.
   */
  loadForCommit(folder: FolderId, needs: CommitNeeds): Promise<CommitRows>

  /** An entry's versions, newest first, below a seq if one is given. */
  versions(folder: FolderId, entry: EntryId, page: { before?: number; limit: number }): Promise<readonly VersionRow[]>
  version(folder: FolderId, seq: number): Promise<VersionRow | undefined>
  /** The last version of each entry at or below `seq`: the folder as it was. Deleted ones included. */
  versionsAsOf(folder: FolderId, seq: number): AsyncIterable<VersionRow>
  /** The last log position written at or before a time (ISO 8601); 0 if none. */
  seqAtTime(folder: FolderId, at: string): Promise<number>

  /** A content's chunk list as bytes (see `encodeManifest`); absent for single-chunk and empty contents. */
  manifest(content: ContentHash): Promise<Uint8Array | undefined>
  /** The chunks among these that the store holds. */
  chunks(hashes: readonly ChunkId[]): Promise<readonly ChunkRow[]>

  /** How often chunks or manifests were removed or lost, ever: while it stays, all that was held is held. */
  removals(): Promise<number>
  /** What collection starts from: contents of live entries and of kept versions. One may come repeatedly. */
  referencedContents(folder: FolderId): AsyncIterable<ContentHash>
  /** Manifests by rising `order`, which grows with each that is added. */
  manifestsAfter(order: number, limit: number): Promise<readonly ManifestRow[]>
  /** Chunks by hash, after one if it is given. */
  chunksAfter(hash: ChunkId | undefined, limit: number): Promise<readonly ChunkRow[]>
  /** Every pack that a chunk was ever noted in. */
  packs(): Promise<readonly PackRow[]>
  /** What `addPackTail` keeps of a pack, in order; or of it the pieces alone that reach into a stretch. */
  packTail(pack: string, within?: { readonly offset: number; readonly length: number }): Promise<readonly PackTail[]>
  /** The packs of which it keeps something, and how much. */
  packTails(): Promise<readonly { readonly pack: string; readonly bytes: number }[]>
  /** How many chunks are lost: noted as such, and not added again since. */
  lostCount(): Promise<number>
  /** The lost among these. */
  lostAmong(hashes: readonly ChunkId[]): Promise<readonly ChunkId[]>
  /** Lost chunks by hash, after one if it is given. */
  lostAfter(hash: ChunkId | undefined, limit: number): Promise<readonly ChunkId[]>
  /** What a collection found unused (hashes or pack names), and when it first did (ISO 8601). */
  garbageMarks(kind: GarbageKind): Promise<ReadonlyMap<string, string>>

  /** Events after a position, oldest first. */
  eventsAfter(position: number, filter: EventFilter, limit: number): Promise<readonly HistoryEvent[]>
  /** Events below a position (or the newest), newest first. */
  eventsBefore(position: number | undefined, filter: EventFilter, limit: number): Promise<readonly HistoryEvent[]>
  event(position: number): Promise<HistoryEvent | undefined>
  /** The outcome stored for a dot, as it was sent: how a repeated operation is known. */
  outcomesByDots(folder: FolderId, node: NodeId, counters: readonly number[]): Promise<ReadonlyMap<number, Uint8Array>>

  nodes(): Promise<readonly KeptNode[]>
  node(id: NodeId): Promise<KeptNode | undefined>
  memberships(filter: { folder?: FolderId; node?: NodeId }): Promise<readonly MembershipRow[]>
  /** By folder and node. */
  assignments(filter: { folder?: FolderId; node?: NodeId }): Promise<readonly AssignmentRow[]>
  invite(secretHash: string): Promise<InviteRow | undefined>
  /** Invites that nobody has used and that still hold at a time (ISO 8601), the first to expire first. */
  openInvites(at: string): Promise<readonly InviteRow[]>
  conflicts(folder: FolderId, filter: { open: boolean }): Promise<readonly ConflictRow[]>
  /** Deletes accepted from a node since a time: what the coordinator's brake counts. */
  deletesSince(folder: FolderId, node: NodeId, at: string): Promise<number>
  /** What a node brought to all folders from a time on (ISO 8601), while it had a daily limit; oldest first, some minutes together. */
  sentSince(node: NodeId, at: string): Promise<readonly SentLately[]>
  /** Entries that deletes took away, of those that lie between two log positions in whole or in part. */
  deletedBetween(folder: FolderId, after: number, last: number): Promise<number>
  /** What crossed, by the hour, from the hour that holds a moment on (or from the first), oldest first. */
  savings(filter: TransferFilter, since: string | undefined): Promise<readonly HourSavings[]>
  /** The sum of all hours. */
  savingsTotal(): Promise<Savings>
  /** Single transfers, of the newest `TRANSFERS_KEPT`; `most-saved` and `least-saved` by bytes against whole files. */
  transfers(
    filter: TransferFilter & { readonly entry?: EntryId },
    page: { readonly order: TransferOrder; readonly before?: number; readonly limit: number },
  ): Promise<readonly Transfer[]>
  /** What moved, by buckets that begin at a moment (ISO 8601) or later, oldest first; empty ones are left out. */
  throughput(bucket: Bucket, since: string, filter: ThroughputFilter): Promise<readonly ThroughputRow[]>
  /** When coordinators ran, as far as it goes on after a moment (ISO 8601), oldest first. */
  watches(since: string): Promise<readonly Watch[]>
  lease(name: string): Promise<LeaseRow | undefined>
  /** A small named value (coordinator identity, password hash, …). */
  setting(key: string): Promise<string | undefined>
}

/** One event to append; the store gives it the next position. */
export type { NewEvent }

/** One transfer to note; the store gives it the next position. */
export type NewTransfer = Omit<Transfer, 'position'>

export interface TransferFilter {
  readonly folder?: FolderId
  readonly node?: NodeId
  readonly direction?: Direction
}

/** Older transfers live on in the sums of their hours. */
export const TRANSFERS_KEPT = 20_000

/** How what moved is added up, and for how long that is kept. */
export const THROUGHPUT_BUCKETS = {
  minute: { bucketMs: 60_000, keptMs: 2 * 3_600_000 },
  tenMinutes: { bucketMs: 600_000, keptMs: 26 * 3_600_000 },
} as const
export type Bucket = keyof typeof THROUGHPUT_BUCKETS

/** What moved between the coordinator and one node for one folder. Bytes are those on the wire. */
export interface NewThroughput {
  /** ISO 8601. */
  readonly at: string
  readonly folder: FolderId
  readonly node: NodeId
  readonly changes: number
  readonly bytesUp: number
  readonly bytesDown: number
}

export interface ThroughputFilter {
  /** What each row is the sum of. */
  readonly by: 'node' | 'folder'
  readonly folder?: FolderId
  readonly node?: NodeId
}

/** The sums of one bucket and one node or folder. */
export interface ThroughputRow extends Omit<NewThroughput, 'folder' | 'node'> {
  readonly id: NodeId | FolderId
}

/** A coordinator's run, from its start until it was last heard of (ISO 8601). */
export interface Watch {
  readonly from: string
  readonly until: string
}

/** All that one decided commit changes in a folder. Applied whole or not at all. */
export interface FolderWrites {
  readonly folder: FolderId
  /** The folder's revision that this was decided on. */
  readonly decidedOn: number
  /** The rights that this was decided by, where a node commits. */
  readonly by?: Pick<MembershipRow, 'node' | 'access'>
  /** The log's new head, its tag, and the folder's clock there. */
  readonly head: number
  readonly tag: string
  readonly clock: VersionVector
  readonly at: string
  /** New states of entries: inserted or replaced. */
  readonly states: readonly EntryState[]
  readonly versions: readonly VersionRow[]
  readonly events: readonly NewEvent[]
  readonly aliases: readonly { alias: EntryId; entry: EntryId }[]
  readonly conflicts: readonly Omit<ConflictRow, 'settled'>[]
  /** Open conflicts that end, by copy or rival, and why. */
  readonly settled: readonly { entry: EntryId; how: string }[]
  /** Outcomes to repeat if the same dot comes again, encoded. */
  readonly outcomes: readonly { node: NodeId; counter: number; outcome: Uint8Array }[]
  /** The contents that the states are made of, as for `keepContents`. */
  readonly contents?: ContentWrites
  /** Why the folder waits for a person from now on, or null where it goes on; left as it is where absent. */
  readonly halted?: string | null
}

export interface MetadataWriter extends MetadataReader, DumpWriter {
  readonly people: PeopleWriter
  readonly signIns: SignInWriter
  readonly audit: AuditWriter
  createFolder(folder: Omit<FolderRow, 'revision'>): Promise<void>
  updateFolder(
    id: FolderId,
    change: Partial<Pick<FolderRow, 'name' | 'settings' | 'halted' | 'setBack'>> & {
      /** null for a folder that is in use again. */
      readonly removed?: FolderRemoval | null
    },
  ): Promise<void>
  /**
   * Forgets the next rows of a folder, at most `most` of each kind: entries, versions, events, memberships, invites and all else. True once
   * the folder itself is gone, or there was none. Its contents are garbage then, for those who collect it.
   */
  dropFolder(id: FolderId, most: number): Promise<boolean>
  /**
   * Returns the events with their positions. Throws `outdated`, and has changed nothing, where the folder was written to
   * since its revision was read, where the committer's rights are others, or for what `keepContents` refuses.
   */
  applyFolderWrites(writes: FolderWrites): Promise<readonly HistoryEvent[]>
  /** Sums up the next `most` entries of a folder. True once all are; from then on every commit keeps the sums up. */
  countDigest(folder: FolderId, most: number): Promise<boolean>
  /** Throws the sums away, to be counted anew. */
  forgetDigest(folder: FolderId): Promise<void>
  /**
   * Keeps what a write brings of contents, takes the garbage marks off what it claims, and notes that all of it is the
   * folder's. Throws `outdated` where anything was removed since it was found what is held: then what is claimed may be
   * gone; or where another list of one of the contents is held already.
   */
  keepContents(folder: FolderId, contents: ContentWrites): Promise<void>
  /** Notes that chunks or contents are a folder's: it has what they are made of. They stay so until they are removed. */
  addToFolder(folder: FolderId, hashes: readonly Hash[]): Promise<void>
  /**
   * A hash already known keeps its first row, and loses its garbage mark. None of them is lost any more. Throws
   * `chunk-missing` where a pack that they lie in was retired: they are to be stored again.
   */
  addChunks(chunks: readonly ChunkRow[]): Promise<void>
  /** Notes that a list, if it is still the one that is held, makes its content; or forgets it, and which folders have the content, where it does not and nobody has noted otherwise. */
  settleManifest(content: ContentHash, chunks: Uint8Array, isRight: boolean): Promise<void>
  /** Forgets where these chunks lie, and notes that they are lost; unknown ones are left out. */
  loseChunks(hashes: readonly ChunkId[]): Promise<void>
  /** Forgets that chunks were lost: nothing needs them any more. */
  forgetLost(hashes: readonly ChunkId[]): Promise<void>
  /** Notes of packs that are there that all their chunks are known up to an offset. Those that were gone are sealed. */
  notePacks(packs: readonly Pick<PackRow, 'pack' | 'knownTo'>[]): Promise<void>
  /** Notes that a process appends to a pack from now on, and who did so far no more. False where nobody may any more. */
  openPack(pack: string, owner: string): Promise<boolean>
  /** Names a new pack, open by a process. No name is given out twice. */
  beginPack(owner: string): Promise<string>
  /** Keeps bytes of an open pack that is not saved yet. False, and nothing was kept, where it is not open by `owner` any more. */
  addPackTail(pack: string, tail: PackTail & { readonly owner: string }): Promise<boolean>
  dropPackTail(pack: string): Promise<void>
  /** Notes that nobody appends to a pack any more, unless it is open by another than `owner`. Its tail goes. */
  sealPack(
    pack: string,
    what: { readonly owner: string | null; readonly bytes: number; readonly at: string },
  ): Promise<void>
  /**
   * Retires those sealed packs whose garbage mark is still the one that was seen, and returns them. From then on their
   * files may go: chunks are neither found nor noted in them any more.
   */
  retirePacks(marks: ReadonlyMap<string, string>): Promise<readonly string[]>
  /** Notes that packs are not there, unless they were removed on purpose. */
  losePacks(packs: readonly string[]): Promise<void>
  /** Gives known chunks a new location; unknown ones stay unknown. Throws as `addChunks` does. */
  relocateChunks(chunks: readonly ChunkRow[]): Promise<void>
  /**
   * Forgets those chunks or manifests whose garbage mark is still the one that was seen (`garbageMarks`), and returns
   * them: what was claimed meanwhile has none any more.
   */
  removeMarked(kind: 'chunk' | 'manifest', marks: ReadonlyMap<Hash, string>): Promise<readonly Hash[]>
  /** What is marked already keeps its first time. */
  markGarbage(kind: GarbageKind, names: readonly string[], at: string): Promise<void>
  unmarkGarbage(kind: GarbageKind, names: readonly string[]): Promise<void>
  /** Notes transfers and adds them to their hours; those of folders that are not there are left out. Returns the others with their positions. */
  addTransfers(transfers: readonly NewTransfer[]): Promise<readonly Transfer[]>
  /** Adds what moved to its buckets, notes that the run goes on, and forgets what is too old. */
  addThroughput(rows: readonly NewThroughput[], watch: Watch): Promise<void>
  putNode(node: NodeRow): Promise<void>
  /** Notes when a known node was there last; nothing else about it changes. */
  touchNode(id: NodeId, at: string): Promise<void>
  /** Gives a known node another name, other directories or another limit; nothing else about it changes. */
  changeNode(id: NodeId, change: NodeChange): Promise<void>
  /** Ends a known node's rights; nothing else about it changes. */
  revokeNode(id: NodeId): Promise<void>
  putMembership(membership: MembershipRow): Promise<void>
  /** Notes what a member has applied of the log; its rights stay as they are. False if it is no member. */
  setApplied(folder: FolderId, node: NodeId, applied: Pick<MembershipRow, 'applied' | 'clock'>): Promise<boolean>
  /** Changes a member's rights; what it has applied stays. False if it is no member. */
  setRights(folder: FolderId, node: NodeId, rights: Partial<Pick<MembershipRow, 'access' | 'paused'>>): Promise<boolean>
  removeMembership(folder: FolderId, node: NodeId): Promise<void>
  /** Takes the place of an earlier one about the same folder and node. */
  putAssignment(assignment: AssignmentRow): Promise<void>
  removeAssignment(folder: FolderId, node: NodeId): Promise<void>
  putInvite(invite: InviteRow): Promise<void>
  /** Marks an invite used; false if it was used already. */
  useInvite(secretHash: string, node: NodeId): Promise<boolean>
  /** Forgets an invite that nobody has used; false if there is none such. */
  removeInvite(secretHash: string): Promise<boolean>
  putLease(lease: LeaseRow): Promise<void>
  putSetting(key: string, value: string): Promise<void>
  /** Drops versions that the retention policy no longer keeps, by folder and seq. */
  removeVersions(folder: FolderId, seqs: readonly number[]): Promise<void>
}
