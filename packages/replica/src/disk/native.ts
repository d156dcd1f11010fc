import { constants, release } from 'node:os'
import { futimesSync, lutimesSync, utimesSync } from 'node:fs'
import type { Spot } from './directories.ts'

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
  /** Writes back a whole file system and reports write errors since the handle was opened. Absent: fsync of each file. */
  readonly syncFileSystem: ((fd: number) => Promise<void>) | undefined
  /** Takes (`true`) or lets go of a read lease; answers an errno name, or undefined. Absent: /proc is searched. */
  readonly setReadLease: ((fd: number, held: boolean) => string | undefined) | undefined
}

/** Answers the name of an errno, or undefined if it was done. */
export type RenameCall = (from: Spot, fromName: string, to: Spot, toName: string) => string | undefined

export const NO_NATIVE_CALLS: NativeCalls = {
  setMtime: undefined,
  setOpenMtime: undefined,
  renameNoReplace: undefined,
  exchange: undefined,
  syncFileSystem: undefined,
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
const F_UNLCK = 2

interface System {
  readonly libraries: readonly string[]
  readonly cwd: number
  readonly omit: bigint
  readonly noFollow: number
  readonly rename: string
  readonly noReplace: number
  readonly swap: number
  readonly hasSyncfs: boolean
  readonly hasLeases: boolean
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
    hasLeases: true,
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
    hasLeases: false,
  },
}

const ERRNO_NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]))

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
  const handle = (spot: Spot): number => (spot.fd === -1 ? system.cwd : spot.fd)
  const path = (spot: Spot, name: string): string => (spot.fd === -1 ? `${spot.prefix}/${name}` : name)
  return (from, fromName, to, toName) =>
    call(handle(from), path(from, fromName), handle(to), path(to, toName), flags) === 0 ? undefined : errnoName()
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
