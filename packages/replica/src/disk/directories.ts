import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync } from 'node:fs'
import { SyncError } from '@causeway/protocol'
import type { RelativePath } from '../files.ts'
import { diskError, ifPresent, isAbsence } from './disk-error.ts'
import { splitChecked } from './relative-path.ts'

/** A directory to act in: `prefix` + `/` + name addresses an entry of it. Good until the next call of `at`, or the next await. */
export interface Spot {
  /** An open handle on the directory; -1 where there is none, and only `prefix` can be used. */
  readonly fd: number
  readonly prefix: string
}

/** The root as it was when it was opened. */
export interface RootIdentity {
  /** Absolute, without symlinks. */
  readonly path: string
  readonly device: bigint
  readonly inode: bigint
}

/** Turns paths into directories to act in, so that no component of a path is ever followed as a symlink. */
export interface Directories {
  /**
   * The directory at a path. `undefined` if there is none now, or if a
   * component of its path is a symlink or no directory. Throws `root-missing`
   * if the root is gone or is not the directory it was.
   */
  at(path: RelativePath): Spot | undefined
  /** Lets go of all handles; the next calls open them anew. */
  release(): void
}

/** The strongest implementation that this system offers. */
export function openDirectories(root: RootIdentity): Directories {
  return process.platform === 'linux' ? pinnedDirectories(root) : checkedDirectories(root)
}

/** Linux's `O_PATH`, which `node:fs` does not name: a handle to act through that needs no right to read. */
export const O_PATH = 0o10000000
const PINNED = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW

// More than the components of two paths of the deepest kind: a call that needs two spots keeps both.
const MAX_PINS = 600

/**
 * Linux: every component is opened with `O_DIRECTORY | O_NOFOLLOW` from the
 * one before it, and names are then used through `/proc/self/fd/N`, which
 * stays the opened directory whatever is put in its place.
 *
 * Handles are kept for speed. That is safe because each is compared, at every
 * use, with where the kernel says its directory now is: one that was renamed,
 * removed or moved out of the root no longer has the path it was opened for,
 * and the path is walked anew. A mount laid over a directory does not show in
 * that; `release`, called once a cycle, ends it.
 */
function pinnedDirectories(root: RootIdentity): Directories {
  const pins = new Map<RelativePath, Spot>()

  function at(path: RelativePath): Spot | undefined {
    const known = pins.get(path)
    if (known !== undefined) {
      pins.delete(path)
      if (isStillAt(known, path)) {
        pins.set(path, known)
        return known
      }
      closeSync(known.fd)
    }
    return path === '' ? pin('', openRoot()) : walk(path)
  }

  function walk(path: RelativePath): Spot | undefined {
    const { parent, name } = splitChecked(path)
    const spot = at(parent)
    if (spot === undefined) return undefined
    const fd = ifPresent(`cannot open the directory ${path}`, () => openSync(`${spot.prefix}/${name}`, PINNED))
    return fd === undefined ? undefined : pin(path, fd)
  }

  function openRoot(): number {
    try {
      const fd = openSync(root.path, PINNED)
      if (isRoot(fstatSync(fd, { bigint: true }), root)) return fd
      closeSync(fd)
    } catch (cause) {
      throw isAbsence(cause) ? missing(root, cause) : diskError(`cannot open the root ${root.path}`, cause)
    }
    throw missing(root)
  }

  function isStillAt(spot: Spot, path: RelativePath): boolean {
    try {
      return readlinkSync(spot.prefix) === (path === '' ? root.path : `${root.path}/${path}`)
    } catch {
      return false
    }
  }

  function pin(path: RelativePath, fd: number): Spot {
    const spot = { fd, prefix: `/proc/self/fd/${fd}` }
    pins.set(path, spot)
    if (pins.size > MAX_PINS) {
      const oldest = pins.entries().next().value
      if (oldest !== undefined) {
        pins.delete(oldest[0])
        closeSync(oldest[1].fd)
      }
    }
    return spot
  }

  function release(): void {
    for (const spot of pins.values()) closeSync(spot.fd)
    pins.clear()
  }

  return { at, release }
}

/**
 * Systems without `/proc/self/fd`: each component is looked at before every
 * use. A symlink that is there is never followed; one that is swapped in
 * between the look and the act is: that is the limit.
 */
export function checkedDirectories(root: RootIdentity): Directories {
  function at(path: RelativePath): Spot | undefined {
    const stats = ifPresent(`cannot look at the root ${root.path}`, () => lstatSync(root.path, { bigint: true }))
    if (stats === undefined || !isRoot(stats, root)) throw missing(root)
    let prefix = root.path
    for (const component of path === '' ? [] : path.split('/')) {
      prefix = `${prefix}/${component}`
      const found = ifPresent(`cannot look at ${path}`, () => lstatSync(prefix))
      if (found === undefined || !found.isDirectory()) return undefined
    }
    return { fd: -1, prefix }
  }

  return { at, release: () => undefined }
}

function isRoot(stats: { dev: bigint; ino: bigint }, root: RootIdentity): boolean {
  return stats.dev === root.device && stats.ino === root.inode
}

function missing(root: RootIdentity, cause?: unknown): SyncError {
  return new SyncError('root-missing', `the root ${root.path} is gone, or another directory is in its place`, { cause })
}
