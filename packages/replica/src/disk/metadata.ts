import { chmodSync, closeSync, constants, fchmodSync, fstatSync, mkdirSync, openSync, symlinkSync } from 'node:fs'
import { isSame, type PlaceResult, type RelativePath, type Stat } from '../files.ts'
import { parentGone, type DiskContext } from './disk-context.ts'
import { diskError, errnoOf, isAbsence } from './disk-error.ts'
import { O_PATH, type Spot } from './directories.ts'
import { statAt, toStat } from './disk-stat.ts'
import { setFollowedMtime, setPathMtime } from './native.ts'
import { PERMISSIONS, SPECIAL } from './owner.ts'
import { splitPath } from './relative-path.ts'

/** See `Files.makeDirectory`. The mode holds whatever the umask; the bits beyond it are those that the directory above passes on. */
export function makeDirectory(context: DiskContext, path: RelativePath, mode: number): PlaceResult {
  return make(context, path, 'directory', (spot, name) => {
    mkdirSync(`${spot.prefix}/${name}`, { mode: 0o700 })
    const fd = openSync(`${spot.prefix}/${name}`, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
    try {
      fchmodSync(fd, (mode & PERMISSIONS) | (fstatSync(fd).mode & SPECIAL))
    } finally {
      closeSync(fd)
    }
  })
}

/** See `Files.makeSymlink`. */
export function makeSymlink(context: DiskContext, path: RelativePath, target: string): PlaceResult {
  return make(context, path, 'symlink', (spot, name) => symlinkSync(target, `${spot.prefix}/${name}`))
}

/** See `Files.setMetadata`. A symlink has no mode of its own: only its mtime is set. */
export function setMetadata(
  context: DiskContext,
  path: RelativePath,
  metadata: { mode: number; mtimeNs?: bigint },
  expected: Stat,
): PlaceResult {
  const { parent, name } = splitPath(path)
  const spot = context.directories.at(parent)
  if (spot === undefined) return parentGone(path)
  const found = statAt(spot, name)
  if (found === undefined || !isSame(found, expected)) return changed(path)
  try {
    if (found.kind !== 'symlink') {
      if (!setThroughHandle(context, spot, name, metadata, expected)) return changed(path)
    } else if (metadata.mtimeNs !== undefined) {
      setPathMtime(context.native, `${spot.prefix}/${name}`, metadata.mtimeNs)
    }
  } catch (cause) {
    if (isAbsence(cause)) return changed(path)
    throw diskError(`cannot set mode and time of ${path}`, cause)
  }
  const after = statAt(spot, name)
  if (after === undefined || after.inode !== expected.inode || after.size !== expected.size) return changed(path)
  if (metadata.mtimeNs === undefined && after.kind === 'file' && after.mtimeNs !== expected.mtimeNs)
    return changed(path)
  return { kind: 'placed', stat: after }
}

function make(
  context: DiskContext,
  path: RelativePath,
  kind: Stat['kind'],
  work: (spot: Spot, name: string) => void,
): PlaceResult {
  const { parent, name } = splitPath(path)
  const spot = context.directories.at(parent)
  if (spot === undefined) return parentGone(path)
  try {
    work(spot, name)
  } catch (cause) {
    if (errnoOf(cause) === 'EEXIST') return { kind: 'changed', detail: `something is already at ${path}` }
    if (isAbsence(cause)) return parentGone(path)
    throw diskError(`cannot make ${path}`, cause)
  }
  // If somebody removed it at once it was placed all the same: the next scan must find that it is gone.
  return { kind: 'placed', stat: statAt(spot, name) ?? { ...GONE, kind } }
}

/** Of an entry that nobody had time to look at: like no other. */
const GONE = { size: 0, mode: 0, mtimeNs: 0n, ctimeNs: 0n, inode: 0n, birthtimeNs: 0n, device: 0n }

/**
 * Acts on the inode that was looked at, whatever happens to its name. A read
 * lease, where it can be had, keeps writers out in between: setting the mtime
 * would hide what they wrote. False if the entry is not as expected.
 */
function setThroughHandle(
  context: DiskContext,
  spot: Spot,
  name: string,
  metadata: { mode: number; mtimeNs?: bigint },
  expected: Stat,
): boolean {
  const path = `${spot.prefix}/${name}`
  const fd = openSync(path, HANDLE)
  const lease = expected.kind === 'file' && metadata.mtimeNs !== undefined ? takeLease(context, path) : undefined
  try {
    const stats = fstatSync(fd, { bigint: true })
    if (!isSame(toStat(stats), expected)) return false
    const handle = process.platform === 'linux' ? `/proc/self/fd/${fd}` : path
    chmodSync(handle, (metadata.mode & PERMISSIONS) | (Number(stats.mode) & SPECIAL))
    if (metadata.mtimeNs !== undefined) setFollowedMtime(context.native, handle, metadata.mtimeNs)
    return true
  } finally {
    closeSync(fd)
    // Closing the handle lets go of the lease.
    if (lease !== undefined) closeSync(lease)
  }
}

const HANDLE = (process.platform === 'linux' ? O_PATH : constants.O_RDONLY) | constants.O_NOFOLLOW

function takeLease(context: DiskContext, path: string): number | undefined {
  const setReadLease = context.native.setReadLease
  if (setReadLease === undefined) return undefined
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    if (setReadLease(fd, true) === undefined) return fd
    closeSync(fd)
  } catch {
    // A file that may not be read: its owner is the only one left to write it.
  }
  return undefined
}

function changed(path: RelativePath): PlaceResult {
  return { kind: 'changed', detail: `${path} is not as it was when it was scanned` }
}
