import type {
  ChangeBatch,
  ChangesRequest,
  CommitRequest,
  CommitResponse,
  FileContent,
  FolderId,
  Hash,
  Manifest,
  NamedBytes,
} from '@causeway/protocol'
import type { RelativePath, StagedFile, Stat } from '@causeway/replica'

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
  /** Which of these chunks the coordinator does not hold. */
  missing(folder: FolderId, hashes: readonly Hash[]): Promise<readonly Hash[]>
  /** Sends plain chunks; they are durable when this resolves. */
  upload(folder: FolderId, chunks: readonly NamedBytes[]): Promise<void>
  /** Plain chunks in the order asked for, each checked against its hash. */
  fetch(folder: FolderId, hashes: readonly Hash[]): AsyncIterable<NamedBytes>
  manifest(folder: FolderId, content: Hash): Promise<Manifest>
}

/** What reading a file for sending gave. */
export type UploadResult =
  | { readonly kind: 'uploaded'; readonly hash: Hash; readonly size: number; readonly manifest: Manifest }
  /** The file changed while it was read (or was replaced, or has an open writer): nothing is to be committed. */
  | { readonly kind: 'unstable'; readonly detail: string }

/** Moves the bytes of files above `LIMITS.inlineBytes`. Memory is bounded whatever the file's size. */
export interface Transfer {
  /** Chunks and hashes the file at `path`, and sends the chunks that the coordinator lacks. */
  upload(path: RelativePath, stat: Stat, signal: AbortSignal): Promise<UploadResult>
  /**
   * Fetches a content into a staged file, taking what a local file already
   * holds from there; every chunk and the whole file are rehashed.
   */
  download(content: FileContent, options: { replaces: RelativePath | null }, signal: AbortSignal): Promise<StagedFile>
}

/** Bytes of transfers as they move, for the status line and the dashboard. */
export interface ProgressListener {
  /** More work became known. */
  planned(files: number, bytes: number): void
  /** A slice of a file moved. */
  moved(bytes: number): void
  finished(files: number): void
}
