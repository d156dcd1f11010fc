import { closeSync, constants, fstatSync, openSync, read as readCallback, readlinkSync, readSync } from 'node:fs'
import { promisify } from 'node:util'
import { isSame, type OpenFile, type RelativePath, type Stat } from '../files.ts'
import { splitPath } from './relative-path.ts'
import type { DiskContext } from './disk-context.ts'
import { attempt, diskError, errnoOf, ifPresent } from './disk-error.ts'
import { statAt, toStat } from './disk-stat.ts'

const readAsync = promisify(readCallback)

// Up to here a synchronous read costs less than the way through the thread pool.
const SYNCHRONOUS_BYTES = 128 * 1024

// Without O_NONBLOCK, opening a FIFO that was swapped in would wait for ever.
const READ_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** See `Files.open`. */
export function openFile(context: DiskContext, path: RelativePath): OpenFile | undefined {
  const { parent, name } = splitPath(path)
  return openIn(context, parent, name)
}

/** The same for a name in a directory that may be one of Causeway's own. */
export function openIn(context: DiskContext, parent: RelativePath, name: string): OpenFile | undefined {
  const path = parent === '' ? name : `${parent}/${name}`
  const spot = context.directories.at(parent)
  if (spot === undefined) return undefined
  const fd = ifPresent(`cannot open ${path}`, () => openIfFile(`${spot.prefix}/${name}`))
  if (fd === undefined) return undefined
  const stat = toStat(fstatSync(fd, { bigint: true }))
  if (stat.kind !== 'file') {
    closeSync(fd)
    return undefined
  }
  let isOpen = true
  return {
    stat,
    read: async (offset, length) => {
      try {
        return await readFully(fd, offset, length, stat.size)
      } catch (cause) {
        throw diskError(`cannot read ${path}`, cause)
      }
    },
    readInto: async (buffer, offset) => {
      try {
        return await fill(fd, buffer, offset)
      } catch (cause) {
        throw diskError(`cannot read ${path}`, cause)
      }
    },
    dataFrom: (offset) => {
      const found = offset < stat.size ? context.native.seekData?.(fd, offset) : offset
      if (typeof found === 'number') return found
      return found === 'ENXIO' ? stat.size : offset
    },
    isUnchanged: async () => {
      if (!isSame(toStat(fstatSync(fd, { bigint: true })), stat)) return false
      const now = context.directories.at(parent)
      const named = now === undefined ? undefined : statAt(now, name)
      return named !== undefined && isSame(named, stat)
    },
    close: async () => {
      if (isOpen) closeSync(fd)
      isOpen = false
    },
  }
}

/** See `Files.readWhole`. */
export function readWhole(
  context: DiskContext,
  path: RelativePath,
  expected: Stat,
): Uint8Array | 'changing' | undefined {
  const { parent, name } = splitPath(path)
  const spot = context.directories.at(parent)
  if (spot === undefined || expected.kind !== 'file') return undefined
  const opened = context.native.open?.(spot, name, READ_ONLY)
  // What else it refuses, the usual call explains.
  const fd =
    typeof opened === 'number' ? opened : ifPresent(`cannot open ${path}`, () => openIfFile(`${spot.prefix}/${name}`))
  if (fd === undefined) return undefined
  try {
    const isAsExpected = (): boolean => isSame(toStat(fstatSync(fd, { bigint: true })), expected)
    if (!isAsExpected()) return undefined
    const bytes = Buffer.allocUnsafe(expected.size)
    let filled = 0
    for (let count = -1; filled < bytes.length && count !== 0; filled += count) {
      count = readSync(fd, bytes, filled, bytes.length - filled, filled)
    }
    return filled === bytes.length && isAsExpected() ? bytes : 'changing'
  } catch (cause) {
    throw diskError(`cannot read ${path}`, cause)
  } finally {
    closeSync(fd)
  }
}

/** See `Files.readLink`. A target that is not valid Unicode throws `io-error`. */
export function readLink(context: DiskContext, path: RelativePath): string | undefined {
  const { parent, name } = splitPath(path)
  const spot = context.directories.at(parent)
  if (spot === undefined) return undefined
  const target = ifPresent(`cannot read the symlink ${path}`, () => {
    try {
      return readlinkSync(`${spot.prefix}/${name}`, { encoding: 'buffer' })
    } catch (cause) {
      if (errnoOf(cause) === 'EINVAL') return undefined
      throw cause
    }
  })
  if (target === undefined) return undefined
  return attempt(`cannot read the symlink ${path}`, () => STRICT_UTF8.decode(target))
}

const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function openIfFile(path: string): number | undefined {
  try {
    return openSync(path, READ_ONLY)
  } catch (cause) {
    // A socket, or a device without a driver.
    if (errnoOf(cause) === 'ENXIO') return undefined
    throw cause
  }
}

async function readFully(fd: number, offset: number, length: number, knownSize: number): Promise<Uint8Array> {
  // One byte more than is known to be there, so that a file that grew is noticed without a buffer for what is not there.
  const expected = Math.min(length, Math.max(0, knownSize - offset) + 1)
  const bytes = await readUpTo(fd, offset, expected)
  if (bytes.length < expected || expected === length) return bytes
  const rest = await readUpTo(fd, offset + expected, length - expected)
  return Buffer.concat([bytes, rest])
}

async function readUpTo(fd: number, offset: number, length: number): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(length)
  return buffer.subarray(0, await fill(fd, buffer, offset))
}

async function fill(fd: number, buffer: Uint8Array, offset: number): Promise<number> {
  let filled = 0
  while (filled < buffer.length) {
    const left = buffer.length - filled
    const count =
      left <= SYNCHRONOUS_BYTES
        ? readSync(fd, buffer, filled, left, offset + filled)
        : (await readAsync(fd, buffer, filled, left, offset + filled)).bytesRead
    if (count === 0) break
    filled += count
  }
  return filled
}
