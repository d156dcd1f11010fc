import type {
  ChangeBatch,
  ChangesRequest,
  CommitRequest,
  CommitResponse,
  Coming,
  Delta,
  DigestEntriesRequest,
  DigestEntriesResponse,
  DigestRequest,
  DigestResponse,
  EntryId,
  EntryState,
  FileContent,
  FolderId,
  ChunkId,
  ContentHash,
  Manifest,
  NamedBytes,
  NodeId,
  Patch,
  PatchItem,
  PatchRequest,
  SignaturesRequest,
} from '@causeway/protocol'
import type { LocalChange } from '@causeway/engine'
import type { BaseEntry, RelativePath, StagedFile, Stat, WatchHint } from '@causeway/replica'

/**
 * The coordinator as a node sees it. Every call may be repeated: after a lost
 * answer the same request gives the same result. A coordinator that can't be
 * reached throws `offline`; any other answer than the expected one (an error
 * page, a proxy's, a truncated body) throws as well and is never read as
 * "nothing there".
 */
export interface CoordinatorLink {
  commit(folder: FolderId, request: CommitRequest): Promise<CommitResponse>
  changes(folder: FolderId, request: ChangesRequest): Promise<ChangeBatch>
  /** Says whether the node believes what the coordinator holds. */
  compareDigest(folder: FolderId, request: DigestRequest): Promise<DigestResponse>
  /** The coordinator's live entries in some buckets, with a digest of each. */
  digestEntries(folder: FolderId, request: DigestEntriesRequest): Promise<DigestEntriesResponse>
  /** Entries as the coordinator holds them, tombstones included; what it does not know is left out. */
  entries(folder: FolderId, ids: readonly EntryId[]): Promise<readonly EntryState[]>
  /** Which of these chunks the coordinator does not hold. */
  missing(folder: FolderId, hashes: readonly ChunkId[]): Promise<readonly ChunkId[]>
  /** Sends plain chunks; they are durable when this resolves. */
  upload(folder: FolderId, chunks: readonly NamedBytes[]): Promise<void>
  /** Plain chunks in the order asked for, each checked against its hash and in memory that is the caller's. */
  fetch(folder: FolderId, hashes: readonly ChunkId[]): AsyncIterable<NamedBytes>
  manifest(folder: FolderId, content: ContentHash): Promise<Manifest>
  /** Sends chunks as deltas. Resolves to those that could not be rebuilt; the others are durable then. */
  sendDeltas(folder: FolderId, deltas: readonly Delta[]): Promise<readonly ChunkId[]>
  /** Checksums of a content's stretches, one a region. Throws `not-found` or `chunk-missing` where it is not held. */
  signatures(folder: FolderId, request: SignaturesRequest): Promise<readonly Uint8Array[]>
  /** How a content follows from one that this node holds; see `PatchItemSchema` for the order. */
  patch(folder: FolderId, request: PatchRequest): AsyncIterable<PatchItem>
  /** Tells the others of chunks that are durable already. Nobody answers, and it may be lost. */
  announce(folder: FolderId, coming: Coming): void
}

/**
 * Somewhere that chunks can be had from: files of this node, or the
 * coordinator. Sources are tried by cost. Held by `chunkSourceConformance`.
 */
export interface ChunkSource {
  /** What a byte from here costs, compared with other sources: see `COSTS`. */
  readonly cost: number
  /** Which of these chunks it most likely gives. No bytes are moved for it. */
  has(hashes: readonly ChunkId[]): Promise<ReadonlySet<ChunkId>>
  /**
   * Plain chunks, each as often as it is asked for, in any order; checked
   * against their hashes and in memory that is the caller's. A chunk that can't
   * be given is left out, or ends it with an error: what was given before counts.
   */
  fetch(hashes: readonly ChunkId[]): AsyncIterable<NamedBytes>
}

/** What is nearer costs less. */
export const COSTS = { disk: 0, peers: 10, coordinator: 100 } as const

/** The chunks that a content is made of, in order. */
export interface ChunkList {
  readonly count: number
  size(index: number): number
  offset(index: number): number
  /** Where a chunk first is; -1 if it is none of them. */
  findHash(hash: ChunkId): number
  /** The encoded list; not to be changed. */
  readonly bytes: Uint8Array
}

/** A content that is being fetched, as far as others may have it from here meanwhile. */
export interface SharedDownload {
  readonly content: ContentHash
  readonly list: ChunkList
  /** How many of its chunks are written, from the first on. */
  done(): number
  /** Bytes that were written. What is read must be hashed. */
  read(offset: number, length: number): Promise<Uint8Array>
}

/** Nodes that carry one folder and give one another chunks of it. */
export interface FolderPeers {
  /** Whether there is anybody to ask. */
  areThere(): Promise<boolean>
  /**
   * The chunks of a content, from other nodes and, as the last resort, from `last`. Until it is left, others are
   * given what has come.
   */
  join(download: SharedDownload, last: ChunkSource): { readonly chunks: ChunkSource; leave(): void }
  /** The chunk list of a content, as some other node has it: nothing vouches for it. For when the coordinator is away. */
  chunkList(content: ContentHash): Promise<Uint8Array | undefined>
}

/** What reading a file for sending gave. */
export type UploadResult =
  | {
      readonly kind: 'uploaded'
      readonly hash: ContentHash
      readonly size: number
      /** What the commit must say of the content so that the coordinator knows its chunks. */
      readonly told:
        | { readonly kind: 'manifest'; readonly manifest: Manifest }
        | { readonly kind: 'patch'; readonly patch: Patch }
        /** The coordinator has held this content before: its hash says it all. */
        | { readonly kind: 'known' }
      /** What the node is to keep of the content once the coordinator has it (`ReplicaState.putChunkList`). */
      readonly chunks: Uint8Array
    }
  /** The file changed while it was read (or was replaced, or has an open writer): nothing is to be committed. */
  | { readonly kind: 'unstable'; readonly detail: string }

/** Moves the bytes of files above `LIMITS.inlineBytes`. Memory is bounded whatever the file's size. */
export interface Transfer {
  /** Single chunks, such as small contents, from wherever they cost least. */
  readonly chunks: ChunkSource
  /**
   * Chunks and hashes the file at `path`, and sends the chunks that the
   * coordinator lacks: as deltas against `replaces`, the content that the file
   * held when both sides last agreed, where that is less.
   */
  upload(path: RelativePath, stat: Stat, replaces: FileContent | null, signal: AbortSignal): Promise<UploadResult>
  /**
   * The same where the coordinator could not do with what was told: asks for
   * every chunk, sends those that lack as they are, and tells the manifest.
   */
  uploadWhole(path: RelativePath, stat: Stat, signal: AbortSignal): Promise<UploadResult>
  /**
   * Fetches a content into a staged file, taking what a local file already
   * holds from there, and deltas against that; every chunk and the whole file
   * are rehashed.
   */
  download(
    content: FileContent,
    options: {
      /** The file that the content replaces, and what it holds as far as the base knows. */
      readonly replaces: { readonly path: RelativePath; readonly base: BaseEntry } | null
      /** What came along with the change. */
      readonly patch: Patch | null
    },
    signal: AbortSignal,
  ): Promise<StagedFile>
  /** Begins to fetch what another node is still sending. */
  prefetch(coming: Coming, from: NodeId): void
  /** Drops what was prefetched and not asked for yet: none of it stays on the disk. */
  dropPrefetched(): Promise<void>
}

/** Bytes of transfers as they move, for the status line and the dashboard. */
export interface ProgressListener {
  /** More work became known. */
  planned(files: number, bytes: number): void
  /** A slice of a file moved. */
  moved(bytes: number): void
  finished(files: number): void
}

/** A local change, as far as it tells a save from anything else. */
export interface FoundChange extends Pick<LocalChange, 'kind' | 'path'> {
  readonly stat?: Pick<Stat, 'kind'>
}

/**
 * Times saves: from the watcher's first notice of a file to the coordinator's
 * answer that the commit with it stands. What a scan alone finds has no such
 * moment and is not timed.
 */
export interface SaveStopwatch {
  /** The watcher saw something of what lies there. */
  noticed(path: RelativePath): void
  /** A scan begins: it may miss what is noticed from now on. */
  scanBegins(): void
  /** That scan has looked at these: what is none of its changed files was no save. */
  scanned(scope: readonly WatchHint[], changes: readonly FoundChange[]): void
  /** The file is still being written: it is not saved before the last notice of it. */
  unfinished(path: RelativePath): void
  /** The file turned out to be as both sides know it. */
  unchanged(path: RelativePath): void
  /** The coordinator holds the file as it was read after the scan. */
  accepted(path: RelativePath): void
  /** Times nothing that was noticed before: it waited for a person, not for this node. */
  forget(): void
}
