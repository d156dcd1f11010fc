import {
  closeSync,
  fchmodSync,
  fsync as fsyncCallback,
  ftruncateSync,
  read as readCallback,
  statfsSync,
  write as writeCallback,
  writeSync,
} from 'node:fs'
import { promisify } from 'node:util'
import { SyncError } from '@causeway/protocol'
import type { StagedFile, StagingFile } from '../files.ts'
import { stagingSpot, type DiskContext } from './disk-context.ts'
import { attempt, diskError } from './disk-error.ts'
import { setOpenFileMtime } from './native.ts'
import { statOf, type StagedFiles } from './staged-files.ts'

const readAsync = promisify(readCallback)
const writeAsync = promisify(writeCallback)
const fsyncAsync = promisify(fsyncCallback)

// Up to here a synchronous write costs less than the way through the thread pool.
const SYNCHRONOUS_BYTES = 128 * 1024

// Large enough for few calls, small enough for the disk to begin early.
const WRITE_BACK_BYTES = 8 * 1024 * 1024

/** Begins a staged file that is written piece by piece. `onDiscard` removes it, as far as it was written. */
export function openStagingFile(
  context: DiskContext,
  files: StagedFiles,
  sizeBytes: number,
  onDiscard: (file: StagedFile) => void,
): StagingFile {
  const { name, fd } = attempt('cannot begin a file in the staging area', () => {
    refuseWithoutSpace(context, sizeBytes)
    return files.create()
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

  async function read(offset: number, length: number): Promise<Uint8Array> {
    const bytes = Buffer.allocUnsafe(isOpen ? Math.max(0, Math.min(length, written - offset)) : 0)
    if (bytes.length === 0) return bytes
    try {
      return bytes.subarray(0, (await readAsync(fd, bytes, 0, bytes.length, offset)).bytesRead)
    } catch (cause) {
      throw diskError(`cannot read a staged file in ${context.root.path}`, cause)
    }
  }

  async function finish(metadata: { mode: number; mtimeNs: bigint }): Promise<StagedFile> {
    if (!isOpen) throw new SyncError('internal', `the staged file ${name} is closed`)
    const canSyncAll = context.native.syncFileSystem !== undefined
    try {
      if (written < position) ftruncateSync(fd, position)
      fchmodSync(fd, metadata.mode & 0o777)
      setOpenFileMtime(context.native, fd, metadata.mtimeNs)
      const stat = statOf(fd)
      const { hasHandlesLeft: keepsHandle } = files
      if (!keepsHandle && !canSyncAll) await fsyncAsync(fd)
      isOpen = false
      return files.finished({ name, fd, isNamed: true }, { stat, keepsHandle, isSynced: !keepsHandle && !canSyncAll })
    } catch (cause) {
      throw diskError('cannot finish a staged file', cause)
    }
  }

  async function discardOpen(): Promise<void> {
    if (isOpen) closeSync(fd)
    isOpen = false
    onDiscard({ id: name, size: position })
  }

  return { write, skip, read, finish, discard: discardOpen }
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
