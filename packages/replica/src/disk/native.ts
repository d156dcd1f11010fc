import { constants, endianness, release } from 'node:os'
import { futimesSync, lutimesSync, utimesSync } from 'node:fs'
import type { Stat } from '../files.ts'
import type { Spot } from './directories.ts'
import { readStatx, STATX_BYTES, STATX_MASK } from './statx.ts'

/**
 * System calls that `node:fs` lacks, by koffi. Every one may be absent:
 * koffi was not installed, or the system has no such call. What then happens
 * stands with each.
 */
export interface NativeCalls {
  /** Sets the mtime of an entry to the nanosecond. Absent: `node:fs`, to the nearest double (some 100 ns; before 1970, ms). */
  readonly setMtime: ((path: string, mtimeNs: bigint, followSymlink: boolean) => void) | undefined
  /** The same for an open file. */
  readonly setOpenMtime: ((fd: number, mtimeNs: bigint) => void) | undefined
  /** Renames without ever overwriting. Absent: `link` and `unlink`. */
  readonly renameNoReplace: RenameCall | undefined
  /** Swaps two entries. Absent: `link` as a backup, then `rename`. */
  readonly exchange: RenameCall | undefined
  /** Gives a file that was opened without a name one that nothing has. Absent: files are made under a name and renamed. */
  readonly linkUnnamed: ((fd: number, to: Spot, name: string) => string | undefined) | undefined
  /** `lstat`, at a third of its cost; an errno name where that failed. Absent: `node:fs`. */
  readonly look: ((at: Spot, name: string) => Looked | string) | undefined
  /** `open` for reading; an errno name where that failed. Absent: `node:fs`. */
  readonly open: ((at: Spot, name: string, flags: number) => number | string) | undefined
  /** Writes back a whole file system and reports write errors since the handle was opened. Absent: fsync of each file. */
  readonly syncFileSystem: ((fd: number) => Promise<void>) | undefined
  /**
   * Has the disk begin to write what was written to a stretch of a file, and waits no longer than until that is queued.
   * Promises nothing: only a sync does. Absent: the sync at the end writes it all.
   */
  readonly beginWriteBack: ((fd: number, offset: number, length: number) => Promise<void>) | undefined
  /** Where data begins at or behind an offset; an errno name (`ENXIO`: there is none). Absent: holes are read as zeros. */
  readonly seekData: ((fd: number, offset: number) => number | string) | undefined
  /** Takes (`true`) or lets go of a read lease; answers an errno name, or undefined. Absent: /proc is searched. */
  readonly setReadLease: ((fd: number, held: boolean) => string | undefined) | undefined
}

/** Answers the name of an errno, or undefined if it was done. */
export type RenameCall = (from: Spot, fromName: string, to: Spot, toName: string) => string | undefined

export interface Looked {
  readonly stat: Stat
  readonly owner: number
}

export const NO_NATIVE_CALLS: NativeCalls = {
  setMtime: undefined,
  setOpenMtime: undefined,
  renameNoReplace: undefined,
  exchange: undefined,
  linkUnnamed: undefined,
  look: undefined,
  open: undefined,
  syncFileSystem: undefined,
  beginWriteBack: undefined,
  seekData: undefined,
  setReadLease: undefined,
}

/** Loads what this system has. Never fails. */
export async function loadNativeCalls(): Promise<NativeCalls> {
  const system = SYSTEMS[process.platform]
  if (system === undefined) return NO_NATIVE_CALLS
  try {
    const koffi = (await import('koffi')).default
    const library = firstThatLoads(system.libraries, (name) => koffi.load(name))
    if (library === undefined) return NO_NATIVE_CALLS
    const errnoName = (): string => ERRNO_NAMES.get(koffi.errno()) ?? `errno ${koffi.errno()}`
    const has = <T>(make: () => T): T | undefined => {
      try {
        return make()
      } catch {
        return undefined
      }
    }
    return {
      setMtime: has(() => {
        const utimensat = library.func('int utimensat(int fd, const char *path, const int64_t *times, int flags)')
        return (path: string, mtimeNs: bigint, followSymlink: boolean): void => {
          const result = utimensat(system.cwd, path, timesOf(mtimeNs, system), followSymlink ? 0 : system.noFollow)
          if (result !== 0) throw errnoError(errnoName(), `utimensat ${path}`)
        }
      }),
      setOpenMtime: has(() => {
        const futimens = library.func('int futimens(int fd, const int64_t *times)')
        return (fd: number, mtimeNs: bigint): void => {
          if (futimens(fd, timesOf(mtimeNs, system)) !== 0) throw errnoError(errnoName(), 'futimens')
        }
      }),
      renameNoReplace: has(() => renameCall(library.func(system.rename), system, system.noReplace, errnoName)),
      exchange: has(() => renameCall(library.func(system.rename), system, system.swap, errnoName)),
      linkUnnamed: system.hasUnnamedFiles
        ? has(() => {
            const linkat = library.func('int linkat(int from, const char *a, int to, const char *b, int flags)')
            return (fd: number, to: Spot, name: string): string | undefined =>
              linkat(system.cwd, `/proc/self/fd/${fd}`, handleOf(to, system), pathIn(to, name), AT_SYMLINK_FOLLOW) === 0
                ? undefined
                : errnoName()
          })
        : undefined,
      look: system.hasStatx
        ? has(() => {
            const statx = library.func('int statx(int at, const char *path, int flags, unsigned int mask, void *found)')
            const found = new BigInt64Array(STATX_BYTES / 8)
            return (at: Spot, name: string): Looked | string =>
              statx(handleOf(at, system), pathIn(at, name), AT_SYMLINK_NOFOLLOW, STATX_MASK, found) === 0
                ? readStatx(found)
                : errnoName()
          })
        : undefined,
      open: system.hasStatx
        ? has(() => {
            const openat = library.func('int openat(int at, const char *path, int flags)')
            return (at: Spot, name: string, flags: number): number | string => {
              const fd = openat(handleOf(at, system), pathIn(at, name), flags | O_CLOEXEC)
              return fd < 0 ? errnoName() : fd
            }
          })
        : undefined,
      syncFileSystem: system.hasSyncfs
        ? has(() => {
            const syncfs = library.func('int syncfs(int fd)')
            return (fd: number) =>
              new Promise<void>((resolve, reject) => {
                syncfs.async(fd, (error: unknown, result: number) => {
                  if (result === 0 && !error) resolve()
                  else reject(errnoError('EIO', 'syncfs', error))
                })
              })
          })
        : undefined,
      beginWriteBack: system.hasSyncFileRange
        ? has(() => {
            const syncFileRange = library.func(
              'int sync_file_range(int fd, int64_t offset, int64_t length, unsigned int flags)',
            )
            return (fd: number, offset: number, length: number) =>
              new Promise<void>((resolve) => {
                syncFileRange.async(fd, offset, length, SYNC_FILE_RANGE_WRITE, () => resolve())
              })
          })
        : undefined,
      seekData: has(() => {
        const lseek = library.func('int64_t lseek(int fd, int64_t offset, int whence)')
        return (fd: number, offset: number): number | string => {
          const found = Number(lseek(fd, offset, system.seekData))
          return found < 0 ? errnoName() : found
        }
      }),
      setReadLease: system.hasLeases
        ? has(() => {
            const fcntl = library.func('int fcntl(int fd, int command, ...)')
            return (fd: number, held: boolean): string | undefined => {
              // A writer that comes while the lease stands raises a signal: make it one that is ignored, not SIGIO.
              if (held && fcntl(fd, F_SETSIG, 'int', constants.signals.SIGURG) !== 0) return errnoName()
              return fcntl(fd, F_SETLEASE, 'int', held ? F_RDLCK : F_UNLCK) === 0 ? undefined : errnoName()
            }
          })
        : undefined,
    }
  } catch {
    return NO_NATIVE_CALLS
  }
}

/** Sets an open file's mtime as exactly as can be. */
export function setOpenFileMtime(native: NativeCalls, fd: number, mtimeNs: bigint): void {
  if (native.setOpenMtime !== undefined) native.setOpenMtime(fd, mtimeNs)
  else futimesSync(fd, secondsOf(mtimeNs), secondsOf(mtimeNs))
}

/** Sets the mtime of what a path leads to. Only for a path that is a handle (`/proc/self/fd/N`) or was checked. */
export function setFollowedMtime(native: NativeCalls, path: string, mtimeNs: bigint): void {
  if (native.setMtime !== undefined) native.setMtime(path, mtimeNs, true)
  else utimesSync(path, secondsOf(mtimeNs), secondsOf(mtimeNs))
}

/** Sets the mtime of what is under a path itself. */
export function setPathMtime(native: NativeCalls, path: string, mtimeNs: bigint): void {
  if (native.setMtime !== undefined) native.setMtime(path, mtimeNs, false)
  else lutimesSync(path, secondsOf(mtimeNs), secondsOf(mtimeNs))
}

const BILLION = 1_000_000_000n
const F_SETSIG = 10
const F_SETLEASE = 1024
const F_RDLCK = 0
const O_CLOEXEC = 0o2000000
const AT_SYMLINK_NOFOLLOW = 0x100
const AT_SYMLINK_FOLLOW = 0x400
const F_UNLCK = 2
const SYNC_FILE_RANGE_WRITE = 2

interface System {
  readonly libraries: readonly string[]
  readonly cwd: number
  readonly omit: bigint
  readonly noFollow: number
  readonly rename: string
  readonly noReplace: number
  readonly swap: number
  readonly hasSyncfs: boolean
  readonly hasSyncFileRange: boolean
  readonly seekData: number
  readonly hasLeases: boolean
  readonly hasUnnamedFiles: boolean
  readonly hasStatx: boolean
}

const SYSTEMS: Partial<Record<NodeJS.Platform, System>> = {
  linux: {
    libraries: ['libc.so.6', `libc.musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`, 'libc.so'],
    cwd: -100,
    omit: (1n << 30n) - 2n,
    noFollow: 0x100,
    rename: 'int renameat2(int from, const char *a, int to, const char *b, unsigned int flags)',
    noReplace: 1,
    swap: 2,
    // Before Linux 5.8, syncfs did not report write errors.
    hasSyncfs: isKernelAtLeast(5, 8),
    hasSyncFileRange: true,
    seekData: 3,
    hasLeases: true,
    hasUnnamedFiles: true,
    hasStatx: endianness() === 'LE',
  },
  darwin: {
    libraries: ['libSystem.B.dylib'],
    cwd: -2,
    omit: -2n,
    noFollow: 0x20,
    rename: 'int renameatx_np(int from, const char *a, int to, const char *b, unsigned int flags)',
    noReplace: 4,
    swap: 2,
    hasSyncfs: false,
    hasSyncFileRange: false,
    seekData: 4,
    hasLeases: false,
    hasUnnamedFiles: false,
    hasStatx: false,
  },
}

/** Of two names for one number the first counts: EAGAIN, not EWOULDBLOCK. */
const ERRNO_NAMES = new Map(
  Object.entries(constants.errno)
    .toReversed()
    .map(([name, number]) => [number, name]),
)

/** Two `struct timespec`: the atime stays as it is. */
function timesOf(mtimeNs: bigint, system: System): BigInt64Array {
  const seconds = mtimeNs / BILLION - (mtimeNs % BILLION < 0n ? 1n : 0n)
  return new BigInt64Array([0n, system.omit, seconds, mtimeNs - seconds * BILLION])
}

function renameCall(
  call: (from: number, a: string, to: number, b: string, flags: number) => number,
  system: System,
  flags: number,
  errnoName: () => string,
): RenameCall {
  return (from, fromName, to, toName) =>
    call(handleOf(from, system), pathIn(from, fromName), handleOf(to, system), pathIn(to, toName), flags) === 0
      ? undefined
      : errnoName()
}

function handleOf(spot: Spot, system: System): number {
  return spot.fd === -1 ? system.cwd : spot.fd
}

function pathIn(spot: Spot, name: string): string {
  return spot.fd === -1 ? `${spot.prefix}/${name}` : name
}

function firstThatLoads<T>(names: readonly string[], load: (name: string) => T): T | undefined {
  for (const name of names) {
    try {
      return load(name)
    } catch {
      continue
    }
  }
  return undefined
}

/** An error in the form of those of `node:fs`, for an errno that came back from a native call. */
export function errnoError(errno: string, what: string, cause?: unknown): Error {
  return Object.assign(new Error(`${errno}: ${what}`, { cause }), { code: errno })
}

function isKernelAtLeast(major: number, minor: number): boolean {
  const [foundMajor = 0, foundMinor = 0] = release().split('.').map(Number)
  return foundMajor > major || (foundMajor === major && foundMinor >= minor)
}

/** `node:fs` takes a negative number for "now"; a Date before 1970 it takes as such. */
function secondsOf(ns: bigint): number | Date {
  return ns < 0n ? new Date(Number(ns) / 1e6) : Number(ns) / 1e9
}
