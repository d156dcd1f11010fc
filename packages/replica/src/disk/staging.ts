import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsync as fsyncCallback,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  unlinkSync,
  write as writeCallback,
  writeSync,
} from 'node:fs'
import { promisify } from 'node:util'
import { isSyncError, SyncError } from '@causeway/protocol'
import type { StagedFile, StagingFile, Stat } from '../files.ts'
import { stagingSpot, type DiskContext } from './disk-context.ts'
import { attempt, diskError, errnoOf, ifPresent, isAbsence } from './disk-error.ts'
import type { Spot } from './directories.ts'
import { toStat } from './disk-stat.ts'
import { errnoError, setOpenFileMtime } from './native.ts'

const writeAsync = promisify(writeCallback)
const fsyncAsync = promisify(fsyncCallback)

// Up to here a synchronous write costs less than the way through the thread pool.
const SYNCHRONOUS_BYTES = 128 * 1024

// Large enough for few calls, small enough for the disk to begin early.
const WRITE_BACK_BYTES = 8 * 1024 * 1024

// How many finished files may keep their handle until they are synced: an fsync through it needs no right to read.
const MAX_HANDLES = 64

/**
 * From how many files (or directories) on one sync of the whole file system is
 * used. On a quiet ext4 it is quicker from three on (8: 0.4 ms against 0.9;
 * 64: 1.3 against 6.3), but it also waits for what others have written: a few
 * small saves should not.
 */
export const SYNC_ALL_FROM = 8

/** The staging area: files that are written but have no place in the tree yet. */
export interface Staging {
  stage(sizeBytes: number): StagingFile
  /** A whole small file at once. */
  stageWhole(bytes: Uint8Array, metadata: FileMetadata): StagedFile
  sync(files: readonly StagedFile[]): Promise<void>
  discard(files: readonly StagedFile[]): void
  /** Removes what an earlier run left, but for these names. */
  clear(kept: ReadonlySet<string>): void
  /** True for a file of this run. */
  isOurs(name: string): boolean
  /** The file's stat as it was finished. Throws `internal` if it is not staged, or was not synced. */
  ready(file: StagedFile): Stat
  /** The handle of a file that has no name yet. */
  unnamed(file: StagedFile): number | undefined
  /** Puts the file under a name in another directory, from where it is to be placed. */
  giveName(file: StagedFile, at: Spot, name: string): void
  /** Back to the staging area, as it was not placed. */
  takeBack(file: StagedFile): void
  /** The file has left the staging area. */
  taken(file: StagedFile): void
}

export interface FileMetadata {
  readonly mode: number
  readonly mtimeNs: bigint
}

interface Staged {
  readonly stat: Stat
  fd: number | undefined
  isSynced: boolean
  /** False for one that exists by its handle alone. */
  isNamed: boolean
  /** Where it lies while it is being placed. */
  away: { readonly at: Spot; readonly name: string } | undefined
}

export function openStaging(context: DiskContext): Staging {
  // A process id comes again, and what an earlier run left may be kept: no name may meet one of those.
  const run = randomBytes(5).toString('hex')
  const staged = new Map<string, Staged>()
  const unfinished = new Set<string>()
  let lastName = 0
  let handles = 0
  let unnamedHandles = 0
  const mostUnnamed = context.native.linkUnnamed === undefined ? 0 : mostUnnamedHandles()
  /** False once the file system has said that it has no files without a name. */
  let hasUnnamed = true
  // Write errors are reported to handles that were open before them: this one is held while anything is staged.
  let syncHandle: number | undefined

  function freshName(): string {
    lastName += 1
    return `${run}-${lastName.toString(36)}`
  }

  function holdSyncHandle(): number {
    syncHandle ??= openSync(stagingSpot(context).prefix, constants.O_RDONLY | constants.O_DIRECTORY)
    return syncHandle
  }

  function create(): { name: string; fd: number } {
    holdSyncHandle()
    const spot = stagingSpot(context)
    for (;;) {
      const name = freshName()
      try {
        const fd = openSync(`${spot.prefix}/${name}`, NEW_FILE, 0o600)
        unfinished.add(name)
        return { name, fd }
      } catch (cause) {
        if (errnoOf(cause) !== 'EEXIST') throw cause
      }
    }
  }

  function stage(sizeBytes: number): StagingFile {
    const { name, fd } = attempt('cannot begin a file in the staging area', () => {
      refuseWithoutSpace(context, sizeBytes)
      return create()
    })
    let position = 0
    // Where the last bytes end: what was skipped behind them is not in the file's size yet.
    let written = 0
    let handedOver = 0
    let isOpen = true

    async function write(bytes: Uint8Array): Promise<void> {
      if (!isOpen) throw new SyncError('internal', `the staged file ${name} is closed`)
      let done = 0
      try {
        while (done < bytes.length) {
          const left = bytes.length - done
          done +=
            left <= SYNCHRONOUS_BYTES
              ? writeSync(fd, bytes, done, left, position + done)
              : (await writeAsync(fd, bytes, done, left, position + done)).bytesWritten
        }
      } catch (cause) {
        throw diskError(`cannot write ${bytes.length - done} bytes to a staged file in ${context.root.path}`, cause)
      }
      position += bytes.length
      written = position
      if (position - handedOver >= WRITE_BACK_BYTES) await handOver()
      await context.breathe()
    }

    /** So that the sync at the end finds little to do: the disk works while more bytes come. */
    async function handOver(): Promise<void> {
      const from = handedOver
      handedOver = position
      await context.native.beginWriteBack?.(fd, from, position - from)
    }

    async function skip(sizeBytes: number): Promise<void> {
      if (!isOpen) throw new SyncError('internal', `the staged file ${name} is closed`)
      position += sizeBytes
    }

    async function finish(metadata: { mode: number; mtimeNs: bigint }): Promise<StagedFile> {
      if (!isOpen) throw new SyncError('internal', `the staged file ${name} is closed`)
      const canSyncAll = context.native.syncFileSystem !== undefined
      try {
        if (written < position) ftruncateSync(fd, position)
        fchmodSync(fd, metadata.mode & 0o777)
        setOpenFileMtime(context.native, fd, metadata.mtimeNs)
        const stat = toStat(fstatSync(fd, { bigint: true }))
        const keepsHandle = handles < MAX_HANDLES
        if (!keepsHandle && !canSyncAll) await fsyncAsync(fd)
        isOpen = false
        if (keepsHandle) handles += 1
        else closeSync(fd)
        unfinished.delete(name)
        staged.set(name, {
          stat,
          fd: keepsHandle ? fd : undefined,
          isSynced: !keepsHandle && !canSyncAll,
          isNamed: true,
          away: undefined,
        })
        return { id: name, size: stat.size }
      } catch (cause) {
        throw diskError('cannot finish a staged file', cause)
      }
    }

    async function discardOpen(): Promise<void> {
      if (isOpen) closeSync(fd)
      isOpen = false
      discard([{ id: name, size: position }])
    }

    return { write, skip, finish, discard: discardOpen }
  }

  /**
   * A file without a name costs half of one that is renamed, and leaves
   * nothing behind however this process ends. It needs its handle until it is
   * placed, so there are only so many.
   */
  function stageWhole(bytes: Uint8Array, metadata: FileMetadata): StagedFile {
    return attempt(`cannot stage ${bytes.length} bytes in ${context.root.path}`, () => {
      const open = openWhole(metadata.mode)
      try {
        for (let done = 0; done < bytes.length;) done += writeSync(open.fd, bytes, done)
        setOpenFileMtime(context.native, open.fd, metadata.mtimeNs)
        let stat = toStat(fstatSync(open.fd, { bigint: true }))
        if (stat.mode !== (metadata.mode & 0o777)) {
          fchmodSync(open.fd, metadata.mode & 0o777)
          stat = toStat(fstatSync(open.fd, { bigint: true }))
        }
        return finishWhole(open, stat)
      } catch (cause) {
        closeSync(open.fd)
        discard([{ id: open.name, size: 0 }])
        throw cause
      }
    })
  }

  function openWhole(mode: number): { name: string; fd: number; isNamed: boolean } {
    if (hasUnnamed && unnamedHandles < mostUnnamed) {
      try {
        const fd = openSync(`/proc/self/fd/${holdSyncHandle()}`, UNNAMED_FILE, mode & 0o777)
        return { name: freshName(), fd, isNamed: false }
      } catch (cause) {
        if (!NO_UNNAMED.has(errnoOf(cause) ?? '')) throw cause
        hasUnnamed = false
      }
    }
    return { ...create(), isNamed: true }
  }

  function finishWhole({ name, fd, isNamed }: { name: string; fd: number; isNamed: boolean }, stat: Stat): StagedFile {
    const canSyncAll = context.native.syncFileSystem !== undefined
    const keepsHandle = !isNamed || handles < MAX_HANDLES
    if (!keepsHandle && !canSyncAll) fsyncSync(fd)
    if (!keepsHandle) closeSync(fd)
    else if (isNamed) handles += 1
    else unnamedHandles += 1
    unfinished.delete(name)
    staged.set(name, {
      stat,
      fd: keepsHandle ? fd : undefined,
      isSynced: !keepsHandle && !canSyncAll,
      isNamed,
      away: undefined,
    })
    return { id: name, size: stat.size }
  }

  async function sync(files: readonly StagedFile[]): Promise<void> {
    const waiting = files.map(recordOf).filter((record) => !record.isSynced)
    if (waiting.length === 0) return
    const allHaveHandles = waiting.every((record) => record.fd !== undefined)
    try {
      if (context.native.syncFileSystem !== undefined && (waiting.length >= SYNC_ALL_FROM || !allHaveHandles)) {
        if (syncHandle === undefined) throw new SyncError('internal', 'nothing was staged since the last sync')
        await context.native.syncFileSystem(syncHandle)
      } else {
        await Promise.all(waiting.flatMap((record) => (record.fd === undefined ? [] : [fsyncAsync(record.fd)])))
      }
    } catch (cause) {
      throw diskError(`cannot make ${waiting.length} staged files durable`, cause)
    } finally {
      // After a failed sync a handle says nothing true any more: such files are to be discarded and written anew.
      for (const record of waiting) if (record.isNamed) letGo(record)
    }
    for (const record of waiting) record.isSynced = true
  }

  function discard(files: readonly StagedFile[]): void {
    for (const file of files) {
      const isNamed = staged.get(file.id)?.isNamed ?? unfinished.has(file.id)
      taken(file)
      if (!isNamed) continue
      try {
        unlinkSync(`${stagingSpot(context).prefix}/${file.id}`)
      } catch (cause) {
        // With the root gone there is nothing to remove, and whoever tidies up must not fail for it.
        if (!isAbsence(cause) && !isSyncError(cause, 'root-missing'))
          throw diskError('cannot remove a staged file', cause)
      }
    }
  }

  function unnamed(file: StagedFile): number | undefined {
    const record = recordOf(file)
    return record.isNamed ? undefined : record.fd
  }

  function giveName(file: StagedFile, at: Spot, name: string): void {
    const record = recordOf(file)
    const what = 'cannot name a staged file'
    if (record.isNamed || record.fd === undefined) {
      attempt(what, () => renameSync(`${stagingSpot(context).prefix}/${file.id}`, `${at.prefix}/${name}`))
    } else {
      const refusal = context.native.linkUnnamed?.(record.fd, at, name)
      if (refusal !== undefined) throw diskError(what, errnoError(refusal, file.id))
      letGo(record)
      record.isNamed = true
    }
    record.away = { at, name }
  }

  function takeBack(file: StagedFile): void {
    const record = recordOf(file)
    if (record.away === undefined) return
    const { at, name } = record.away
    record.away = undefined
    ifPresent('cannot keep a staged file', () =>
      renameSync(`${at.prefix}/${name}`, `${stagingSpot(context).prefix}/${file.id}`),
    )
  }

  function taken(file: StagedFile): void {
    const record = staged.get(file.id)
    if (record !== undefined) letGo(record)
    staged.delete(file.id)
    unfinished.delete(file.id)
    if (staged.size === 0 && unfinished.size === 0 && syncHandle !== undefined) {
      closeSync(syncHandle)
      syncHandle = undefined
    }
  }

  function letGo(record: Staged): void {
    if (record.fd === undefined) return
    closeSync(record.fd)
    record.fd = undefined
    if (record.isNamed) handles -= 1
    else unnamedHandles -= 1
  }

  function recordOf(file: StagedFile): Staged {
    const record = staged.get(file.id)
    if (record === undefined) throw new SyncError('internal', `there is no staged file ${file.id}`)
    return record
  }

  function ready(file: StagedFile): Stat {
    const record = recordOf(file)
    if (!record.isSynced) throw new SyncError('internal', `the staged file ${file.id} was not synced before placing it`)
    return record.stat
  }

  function isOurs(name: string): boolean {
    return staged.has(name) || unfinished.has(name)
  }

  function clear(kept: ReadonlySet<string>): void {
    const spot = stagingSpot(context)
    attempt('cannot clear the staging area', () => {
      for (const name of readdirSync(spot.prefix)) {
        if (!isOurs(name) && !kept.has(name)) rmSync(`${spot.prefix}/${name}`, { recursive: true, force: true })
      }
    })
  }

  return {
    stage,
    stageWhole,
    sync,
    discard,
    clear,
    isOurs,
    ready,
    unnamed,
    giveName,
    takeBack,
    taken,
  }
}

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

/** Linux's `O_TMPFILE`, which `node:fs` does not name. */
const UNNAMED_FILE = 0o20000000 | constants.O_DIRECTORY | constants.O_WRONLY

/** By which a file system, or an old kernel, says that it has no files without a name. */
const NO_UNNAMED = new Set(['EOPNOTSUPP', 'ENOTSUP', 'EISDIR', 'EINVAL', 'ENOENT'])

/** A part of the handles that this process may have. */
function mostUnnamedHandles(): number {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1]
    return Math.min(1024, Math.floor(Number(limit ?? 0) / 4))
  } catch {
    return 0
  }
}

// A smaller file that does not fit fails at its write, before it has filled anything: a call for each would cost more.
const CHECKED_BYTES = 256 * 1024

function refuseWithoutSpace(context: DiskContext, sizeBytes: number): void {
  if (sizeBytes < CHECKED_BYTES) return
  const { bavail, bsize } = statfsSync(stagingSpot(context).prefix)
  if (bavail * bsize >= sizeBytes) return
  throw new SyncError(
    'disk-full',
    `cannot stage ${sizeBytes} bytes: only ${bavail * bsize} bytes are free on the disk of ${context.root.path}`,
  )
}
