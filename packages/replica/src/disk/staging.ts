import {
  closeSync,
  constants,
  fchmodSync,
  fsync as fsyncCallback,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { promisify } from 'node:util'
import { isSyncError, SyncError } from '@causeway/protocol'
import type { StagedFile, StagingFile, Stat } from '../files.ts'
import { stagingSpot, type DiskContext } from './disk-context.ts'
import { attempt, diskError, errnoOf, ifPresent, isAbsence } from './disk-error.ts'
import type { Spot } from './directories.ts'
import { errnoError, setOpenFileMtime } from './native.ts'
import { StagedFiles, statOf } from './staged-files.ts'
import { openStagingFile } from './staging-file.ts'

const fsyncAsync = promisify(fsyncCallback)

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

export function openStaging(context: DiskContext): Staging {
  const files = new StagedFiles(context)
  const mostUnnamed = context.native.linkUnnamed === undefined ? 0 : mostUnnamedHandles()
  /** False once the file system has said that it has no files without a name. */
  let hasUnnamed = true

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
        let stat = statOf(open.fd)
        if (stat.mode !== (metadata.mode & 0o777)) {
          fchmodSync(open.fd, metadata.mode & 0o777)
          stat = statOf(open.fd)
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
    if (hasUnnamed && files.unnamedHandles < mostUnnamed) {
      try {
        const fd = openSync(`/proc/self/fd/${files.holdSyncHandle()}`, UNNAMED_FILE, mode & 0o777)
        return { name: files.freshName(), fd, isNamed: false }
      } catch (cause) {
        if (!NO_UNNAMED.has(errnoOf(cause) ?? '')) throw cause
        hasUnnamed = false
      }
    }
    return { ...files.create(), isNamed: true }
  }

  function finishWhole(open: { name: string; fd: number; isNamed: boolean }, stat: Stat): StagedFile {
    const canSyncAll = context.native.syncFileSystem !== undefined
    const keepsHandle = !open.isNamed || files.hasHandlesLeft
    if (!keepsHandle && !canSyncAll) fsyncSync(open.fd)
    return files.finished(open, { stat, keepsHandle, isSynced: !keepsHandle && !canSyncAll })
  }

  async function sync(given: readonly StagedFile[]): Promise<void> {
    const waiting = given.map((file) => files.recordOf(file)).filter((record) => !record.isSynced)
    if (waiting.length === 0) return
    const allHaveHandles = waiting.every((record) => record.fd !== undefined)
    try {
      if (context.native.syncFileSystem !== undefined && (waiting.length >= SYNC_ALL_FROM || !allHaveHandles)) {
        const { syncHandle } = files
        if (syncHandle === undefined) throw new SyncError('internal', 'nothing was staged since the last sync')
        await context.native.syncFileSystem(syncHandle)
      } else {
        await Promise.all(waiting.flatMap((record) => (record.fd === undefined ? [] : [fsyncAsync(record.fd)])))
      }
    } catch (cause) {
      throw diskError(`cannot make ${waiting.length} staged files durable`, cause)
    } finally {
      // After a failed sync a handle says nothing true any more: such files are to be discarded and written anew.
      for (const record of waiting) if (record.isNamed) files.letGo(record)
    }
    for (const record of waiting) record.isSynced = true
  }

  function discard(given: readonly StagedFile[]): void {
    for (const file of given) {
      const isNamed = files.isNamed(file)
      files.taken(file)
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
    const record = files.recordOf(file)
    return record.isNamed ? undefined : record.fd
  }

  function giveName(file: StagedFile, at: Spot, name: string): void {
    const record = files.recordOf(file)
    const what = 'cannot name a staged file'
    if (record.isNamed || record.fd === undefined) {
      attempt(what, () => renameSync(`${stagingSpot(context).prefix}/${file.id}`, `${at.prefix}/${name}`))
    } else {
      const refusal = context.native.linkUnnamed?.(record.fd, at, name)
      if (refusal !== undefined) throw diskError(what, errnoError(refusal, file.id))
      files.letGo(record)
      record.isNamed = true
    }
    record.away = { at, name }
  }

  function takeBack(file: StagedFile): void {
    const record = files.recordOf(file)
    if (record.away === undefined) return
    const { at, name } = record.away
    record.away = undefined
    ifPresent('cannot keep a staged file', () =>
      renameSync(`${at.prefix}/${name}`, `${stagingSpot(context).prefix}/${file.id}`),
    )
  }

  function ready(file: StagedFile): Stat {
    const record = files.recordOf(file)
    if (!record.isSynced) throw new SyncError('internal', `the staged file ${file.id} was not synced before placing it`)
    return record.stat
  }

  function clear(kept: ReadonlySet<string>): void {
    const spot = stagingSpot(context)
    attempt('cannot clear the staging area', () => {
      for (const name of readdirSync(spot.prefix)) {
        if (!files.isOurs(name) && !kept.has(name)) rmSync(`${spot.prefix}/${name}`, { recursive: true, force: true })
      }
    })
  }

  return {
    stage: (sizeBytes) => openStagingFile(context, files, sizeBytes, (file) => discard([file])),
    stageWhole,
    sync,
    discard,
    clear,
    isOurs: (name) => files.isOurs(name),
    ready,
    unnamed,
    giveName,
    takeBack,
    taken: (file) => files.taken(file),
  }
}

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
