import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  statfsSync,
  statSync,
} from 'node:fs'
import type { RelativePath } from '../files.ts'
import type { DiskContext } from './disk-context.ts'
import { errnoOf, ifPresent } from './disk-error.ts'
import type { Spot } from './directories.ts'
import type { NativeCalls } from './native.ts'
import { splitPath } from './relative-path.ts'

/** Tells whether another process may be writing a file. */
export interface OpenWriters {
  /**
   * On Linux the kernel is asked for a read lease, which it refuses while the
   * file is open (or mapped) for writing anywhere on this machine. Where leases
   * can't be had (another user's file, a network file system, no native calls)
   * the handles of those processes that may be looked at are searched, which
   * finds a writer and never rules one out: `undefined` then. Such a search
   * may be a moment old unless it is to be `fresh`.
   */
  isOpen(at: Spot, name: string, how?: 'fresh'): boolean | undefined
}

/** See `Files.hasWriter`. */
export function hasWriter(context: DiskContext, path: RelativePath): boolean | undefined {
  const { parent, name } = splitPath(path)
  const spot = context.directories.at(parent)
  return spot === undefined ? false : context.writers.isOpen(spot, name, 'fresh')
}

export function createOpenWriters(native: NativeCalls, root: string): OpenWriters {
  if (process.platform !== 'linux') return { isOpen: () => undefined }
  const setReadLease = hasTrueLeases(root) ? native.setReadLease : undefined
  const handles = createHandleSearch()

  function isOpen(at: Spot, name: string, how?: 'fresh'): boolean | undefined {
    if (how === 'fresh') handles.forget()
    const opened = native.open?.(at, name, READ_ONLY)
    // What else it refuses, the usual call explains.
    const found = typeof opened === 'number' ? opened : ifPresent(`cannot open ${name}`, () => openIfReadable(at, name))
    if (found === undefined) return false
    if (found === 'unreadable') return isOpenByName(at, name)
    try {
      const refusal = setReadLease?.(found, true)
      // Closing the handle lets go of the lease.
      if (setReadLease !== undefined && refusal === undefined) return false
      const stats = fstatSync(found, { bigint: true })
      if (!stats.isFile()) return false
      return refusal === 'EAGAIN' || handles.has(stats.dev, stats.ino) || undefined
    } finally {
      closeSync(found)
    }
  }

  function isOpenByName(at: Spot, name: string): boolean | undefined {
    const stats = lstatSync(`${at.prefix}/${name}`, { bigint: true, throwIfNoEntry: false })
    if (stats === undefined || !stats.isFile()) return false
    return handles.has(stats.dev, stats.ino) || undefined
  }

  return { isOpen }
}

const READ_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

function openIfReadable(at: Spot, name: string): number | 'unreadable' {
  try {
    return openSync(`${at.prefix}/${name}`, READ_ONLY)
  } catch (cause) {
    const errno = errnoOf(cause)
    // ENXIO: a socket, or a device without a driver.
    if (errno === 'EACCES' || errno === 'EPERM' || errno === 'ENXIO') return 'unreadable'
    throw cause
  }
}

/**
 * Network file systems refuse leases by the same errno while nobody writes:
 * they have no delegation, or another machine may have the file open.
 */
const NO_TRUE_LEASES = new Set([
  0x6969, // NFS
  0x517b, // SMB
  0xff534d42, // CIFS
  0xfe534d42, // SMB 2
  0x00c36400, // Ceph
  0x01021997, // 9P
  0x65735546, // FUSE
  0x5346414f, // AFS
  0x01161970, // GFS2
  0x7461636f, // OCFS2
])

function hasTrueLeases(root: string): boolean {
  try {
    return !NO_TRUE_LEASES.has(statfsSync(root).type >>> 0)
  } catch {
    return false
  }
}

/** A search goes through every process: many files of one batch are answered by the same one. */
const SEARCH_GOOD_FOR = 20

function createHandleSearch(): { has(device: bigint, inode: bigint): boolean; forget(): void } {
  let found = new Set<string>()
  let goodUntil = -Infinity

  return {
    has(device, inode) {
      const beganAt = performance.now()
      if (beganAt >= goodUntil) {
        found = filesOpenForWriting()
        const endedAt = performance.now()
        goodUntil = endedAt + SEARCH_GOOD_FOR * (endedAt - beganAt)
      }
      return found.has(`${device} ${inode}`)
    },
    forget() {
      goodUntil = -Infinity
    },
  }
}

/** The device and inode of every file that another process, as far as it may be looked at, can write to. */
function filesOpenForWriting(): Set<string> {
  const found = new Set<string>()
  for (const pid of namesIn('/proc')) {
    if (!/^\d+$/.test(pid) || pid === String(process.pid)) continue
    for (const handle of namesIn(`/proc/${pid}/fd`)) {
      try {
        const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${handle}`, 'latin1'))?.[1]
        if (flags === undefined || (Number.parseInt(flags, 8) & ACCESS_MODE) === constants.O_RDONLY) continue
        const stats = statSync(`/proc/${pid}/fd/${handle}`, { bigint: true })
        if (stats.isFile()) found.add(`${stats.dev} ${stats.ino}`)
      } catch {
        // The process or the handle ended meanwhile.
      }
    }
  }
  return found
}

const ACCESS_MODE = 3

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
