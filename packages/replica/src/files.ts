import { isSame, type Stat } from '@causeway/engine'

export { isSame, type Stat }

/** A path from the folder's root, `/`-separated, never starting with one; the root itself is ''. */
export type RelativePath = string

export interface ListedEntry {
  readonly name: string
  readonly stat: Stat
}

/** A name that could not be listed as an entry, and why. */
export interface ListedProblem {
  readonly name: string
  readonly reason: 'not-unicode' | 'unsupported-kind' | 'unreadable' | 'too-long'
}

/** A verified new file in the staging area, durable once `Files.syncStaged` has returned. */
export interface StagedFile {
  readonly id: string
  readonly size: number
}

export interface StagingFile {
  /** Appends bytes. */
  write(bytes: Uint8Array): Promise<void>
  /** Appends this many zeros. Where the file system has holes they take neither room nor time. */
  skip(sizeBytes: number): Promise<void>
  /** Bytes as they were written; fewer at the end of what was, and none once it is finished or discarded. */
  read(offset: number, length: number): Promise<Uint8Array>
  /** Sets mode and mtime and closes the file. */
  finish(metadata: { mode: number; mtimeNs: bigint }): Promise<StagedFile>
  /** Removes it. Safe to call at any time, more than once. */
  discard(): Promise<void>
}

/** A file that an earlier run left in the staging area. Nothing vouches for its bytes. */
export interface Leftover {
  readonly id: string
  readonly sizeBytes: number
  /** When it was last written to; milliseconds since 1970. */
  readonly changedAtMs: number
  /** `undefined` if it is gone, or no regular file. */
  open(): Promise<OpenFile | undefined>
  /** Removes it. Safe to call more than once. */
  discard(): Promise<void>
}

/** What a placing call found. Nothing is overwritten or removed unless it is as `expected`. */
export type PlaceResult =
  | { readonly kind: 'placed'; readonly stat: Stat }
  /** Something else is there, or the parent is gone: nothing was changed. */
  | { readonly kind: 'changed'; readonly detail: string }

/** Another program has the file open for writing: nothing was changed, so that what it saves next is not lost. */
export interface InUse {
  readonly kind: 'in-use'
  readonly detail: string
}

export type ReplaceResult = PlaceResult | InUse

export type RemoveResult =
  | { readonly kind: 'removed' | 'gone' }
  | { readonly kind: 'changed'; readonly detail: string }
  | InUse

export interface OpenFile {
  readonly stat: Stat
  /** Reads up to `length` bytes at `offset`; shorter only at the end of the file. */
  read(offset: number, length: number): Promise<Uint8Array>
  /** Fills a buffer with what lies at `offset`. Resolves to how many bytes that were: fewer only at the end of the file. */
  readInto(buffer: Uint8Array, offset: number): Promise<number>
  /** Where bytes other than zeros may begin, at or behind `offset`: what lies before is a hole, and need not be read. */
  dataFrom(offset: number): number
  /** False if the file, or what its path names, changed since it was opened. */
  isUnchanged(): Promise<boolean>
  close(): Promise<void>
}

/**
 * One folder's tree on a disk. Nothing outside the root is ever touched: no
 * call follows a symlink in any component of a path, not even one that is
 * swapped in during the call (see each implementation for where that is
 * enforced and where it is only checked).
 *
 * Expected outcomes are values; a disk that refuses throws `SyncError` with
 * `io-error` or `disk-full`, a missing or foreign root `root-missing` or
 * `root-foreign`. Calls may overlap. Held by `filesConformance`.
 */
export interface Files {
  /** Throws `root-missing`/`root-foreign` unless the root carries the marker this folder was bound with. */
  checkRoot(): Promise<void>
  /** The entries of a directory, unsorted, without the marker directory; `undefined` if it is no directory now. */
  list(path: RelativePath): Promise<{ entries: readonly ListedEntry[]; problems: readonly ListedProblem[] } | undefined>
  stat(path: RelativePath): Promise<Stat | undefined>
  /** Opens a regular file for reading; `undefined` if there is none at the path. */
  open(path: RelativePath): Promise<OpenFile | undefined>
  /**
   * The bytes of a small regular file that is as `expected` before and after
   * they are read; `undefined` if it is not so before, `changing` if after.
   */
  readWhole(path: RelativePath, expected: Stat): Promise<Uint8Array | 'changing' | undefined>
  readLink(path: RelativePath): Promise<string | undefined>
  /** Whether another process may be writing the file; `undefined` where that can't be known. */
  hasWriter(path: RelativePath): Promise<boolean | undefined>

  /** Begins a new file in the staging area (same file system as the root). `sizeBytes` is checked against free space. */
  stage(sizeBytes: number): Promise<StagingFile>
  /** Stages a small file in one go. What is not placed before this process ends leaves nothing behind, as a rule. */
  stageWhole(bytes: Uint8Array, metadata: { mode: number; mtimeNs: bigint }): Promise<StagedFile>
  /** Makes staged files' bytes durable: once a batch, before any is placed. */
  syncStaged(files: readonly StagedFile[]): Promise<void>
  /** Puts a staged file where nothing is. Atomic, never overwrites. */
  placeNew(file: StagedFile, path: RelativePath): Promise<PlaceResult>
  /**
   * Puts a staged file in the place of the file that is as `expected`. Atomic.
   * If another version arrived meanwhile it is left (or put back) in place.
   * `in-use` if a program is known to have the old file open for writing.
   */
  replace(file: StagedFile, path: RelativePath, expected: Stat): Promise<ReplaceResult>
  /** Drops staged files that were not placed. */
  discardStaged(files: readonly StagedFile[]): Promise<void>
  makeDirectory(path: RelativePath, mode: number): Promise<PlaceResult>
  makeSymlink(path: RelativePath, target: string): Promise<PlaceResult>
  /** Renames; never overwrites. `to` may differ from `from` in case only. */
  move(from: RelativePath, to: RelativePath, expected: Stat): Promise<PlaceResult>
  /** Sets mode, and mtime where given, of an entry that is as `expected`. */
  setMetadata(path: RelativePath, metadata: { mode: number; mtimeNs?: bigint }, expected: Stat): Promise<PlaceResult>
  /**
   * Removes a file or symlink that is as `expected`. `gone` if nothing is
   * there, `in-use` if a program is known to have it open for writing.
   */
  removeFile(path: RelativePath, expected: Stat): Promise<RemoveResult>
  /**
   * Looks at the files that `replace` and `removeFile` took out of the tree,
   * of this run and of earlier ones. A program may have opened one just before,
   * and saved to it since: such a file comes back once it is closed, under its
   * old name if that is free and as a conflict copy beside it otherwise. The
   * others are let go. Resolves to the paths that came back.
   */
  returnLateSaves(): Promise<readonly RelativePath[]>
  /** Removes an empty directory. */
  removeDirectory(path: RelativePath): Promise<{ kind: 'removed' | 'gone' | 'not-empty' }>
  /** Makes what was placed, moved and removed in these directories durable: before the base is advanced. */
  syncDirectories(paths: readonly RelativePath[]): Promise<void>
  /** The files that an earlier run left in the staging area, in no set order. */
  leftovers(): Promise<readonly Leftover[]>
  /** Removes what an earlier run left in the staging area, but for `kept`. */
  clearStaging(kept?: readonly Leftover[]): Promise<void>
}
