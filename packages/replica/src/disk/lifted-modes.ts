import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs'
import { isSyncError } from '@causeway/protocol'
import type { RelativePath } from '../files.ts'
import type { DiskContext } from './disk-context.ts'
import { attempt, errnoOf, ifPresent } from './disk-error.ts'
import type { Spot } from './directories.ts'
import { findDirectory } from './find-directory.ts'
import { MARKER_DIRECTORY } from './relative-path.ts'

const LIFTED = 'lifted'
const LIFTED_DIRECTORY = `${MARKER_DIRECTORY}/${LIFTED}`

/** What the owner needs to change what is in a directory. */
const OWNER_MAY_CHANGE = 0o300

/**
 * Runs `work`, which changes what is in these directories. If one of them may
 * not be written to, but is this user's own (a mode of 0555, as package caches
 * have), it is made writable for as long as `work` takes.
 *
 * Until its mode is set back a symlink in the marker directory says which
 * directory it is and what mode it had: `restoreModes` sets it back after a kill.
 */
export function withWritable<T>(context: DiskContext, directories: readonly RelativePath[], work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!isDenied(error)) throw error
    const lifted = liftAll(context, directories)
    if (lifted.length === 0) throw error
    try {
      return work()
    } finally {
      for (const one of lifted) setBack(context, one)
    }
  }
}

/** Sets back the modes of directories that an earlier run had made writable when it was killed. */
export async function restoreModes(context: DiskContext): Promise<void> {
  const records = context.directories.at(LIFTED_DIRECTORY)
  if (records === undefined) return
  const names = attempt('cannot list lifted modes', () => readdirSync(records.prefix))
  for (const record of names) {
    const [, inode, mode] = /^(\d+)_([0-7]+)$/.exec(record) ?? []
    const spot = context.directories.at(LIFTED_DIRECTORY)
    if (inode === undefined || mode === undefined || spot === undefined) continue
    const path = ifPresent('cannot read a lifted mode', () => readlinkSync(`${spot.prefix}/${record}`))
    const found = await findDirectory(context, BigInt(inode), path === '.' ? '' : path)
    const directory = found === undefined ? undefined : context.directories.at(found)
    if (directory !== undefined) restoreIfLifted(directory, Number.parseInt(mode, 8))
    forget(context, record)
  }
}

interface Lifted {
  readonly fd: number
  readonly mode: number
  readonly record: string
}

function isDenied(error: unknown): boolean {
  return isSyncError(error, 'io-error') && errnoOf(error.cause) === 'EACCES'
}

function liftAll(context: DiskContext, directories: readonly RelativePath[]): readonly Lifted[] {
  return [...new Set(directories)].flatMap((path) => lift(context, path) ?? [])
}

/** `undefined` where nothing is to be lifted, or it is not for this user to do so. */
function lift(context: DiskContext, path: RelativePath): Lifted | undefined {
  const fd = openDirectory(context.directories.at(path))
  if (fd === undefined) return undefined
  try {
    const stats = fstatSync(fd, { bigint: true })
    const mode = Number(stats.mode) & 0o7777
    if (Number(stats.uid) === process.geteuid?.() && (mode & OWNER_MAY_CHANGE) !== OWNER_MAY_CHANGE) {
      const record = `${stats.ino}_${mode.toString(8)}`
      note(context, record, path)
      fchmodSync(fd, mode | OWNER_MAY_CHANGE)
      return { fd, mode, record }
    }
  } catch {
    // The refusal itself is what is told.
  }
  closeSync(fd)
  return undefined
}

function setBack(context: DiskContext, { fd, mode, record }: Lifted): void {
  try {
    attempt('cannot set back the mode of a directory', () => fchmodSync(fd, mode))
  } finally {
    closeSync(fd)
  }
  forget(context, record)
}

function restoreIfLifted(directory: Spot, mode: number): void {
  const fd = openDirectory(directory)
  if (fd === undefined) return
  try {
    // Any other mode is one that somebody has set since.
    if ((fstatSync(fd).mode & 0o7777) === (mode | OWNER_MAY_CHANGE)) fchmodSync(fd, mode)
  } finally {
    closeSync(fd)
  }
}

function openDirectory(spot: Spot | undefined): number | undefined {
  if (spot === undefined) return undefined
  try {
    return openSync(spot.prefix, constants.O_RDONLY | constants.O_DIRECTORY)
  } catch {
    return undefined
  }
}

function note(context: DiskContext, record: string, path: RelativePath): void {
  const known = context.directories.at(LIFTED_DIRECTORY)
  const marker = known === undefined ? context.directories.at(MARKER_DIRECTORY) : undefined
  if (marker !== undefined) mkdirSync(`${marker.prefix}/${LIFTED}`, { mode: 0o700 })
  const spot = known ?? context.directories.at(LIFTED_DIRECTORY)
  if (spot === undefined) throw new Error(`there is no ${LIFTED_DIRECTORY}`)
  symlinkSync(path === '' ? '.' : path, `${spot.prefix}/${record}`)
}

function forget(context: DiskContext, record: string): void {
  const spot = context.directories.at(LIFTED_DIRECTORY)
  if (spot !== undefined) ifPresent('cannot remove a lifted mode', () => unlinkSync(`${spot.prefix}/${record}`))
}
