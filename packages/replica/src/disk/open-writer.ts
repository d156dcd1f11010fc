import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs'
import type { RelativePath } from '../files.ts'
import type { DiskContext } from './disk-context.ts'
import { ifPresent } from './disk-error.ts'
import { splitPath } from './relative-path.ts'

/**
 * See `Files.hasWriter`. On Linux the kernel is asked for a read lease, which
 * it refuses while the file is open (or mapped) for writing anywhere on this
 * machine. Where leases can't be had (another user's file, a network file
 * system, no native calls) the handles of those processes that may be looked
 * at are searched, which finds a writer and never rules one out.
 */
export function hasWriter(context: DiskContext, path: RelativePath): boolean | undefined {
  if (process.platform !== 'linux') return undefined
  const { parent, name } = splitPath(path)
  const spot = context.directories.at(parent)
  if (spot === undefined) return false
  const fd = ifPresent(`cannot open ${path}`, () => openSync(`${spot.prefix}/${name}`, READ_ONLY))
  if (fd === undefined) return false
  try {
    const stats = fstatSync(fd, { bigint: true })
    if (!stats.isFile()) return false
    const refusal = context.native.setReadLease?.(fd, true)
    if (context.native.setReadLease !== undefined && refusal === undefined) {
      context.native.setReadLease(fd, false)
      return false
    }
    return refusal === 'EAGAIN' || isOpenForWriting(stats.dev, stats.ino) || undefined
  } finally {
    closeSync(fd)
  }
}

const READ_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

function isOpenForWriting(device: bigint, inode: bigint): boolean {
  return namesIn('/proc').some(
    (pid) => /^\d+$/.test(pid) && pid !== String(process.pid) && isWriter(pid, device, inode),
  )
}

function isWriter(pid: string, device: bigint, inode: bigint): boolean {
  return namesIn(`/proc/${pid}/fd`).some((handle) => {
    try {
      const stats = statSync(`/proc/${pid}/fd/${handle}`, { bigint: true })
      if (stats.dev !== device || stats.ino !== inode) return false
      const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${handle}`, 'latin1'))?.[1]
      return flags !== undefined && (Number.parseInt(flags, 8) & ACCESS_MODE) !== constants.O_RDONLY
    } catch {
      // The process or the handle ended meanwhile.
      return false
    }
  })
}

const ACCESS_MODE = 3

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
