import { lstatSync, readlinkSync, type BigIntStats } from 'node:fs'
import type { Stat } from '../files.ts'
import { ifPresent } from './disk-error.ts'
import type { Spot } from './directories.ts'

/** A `Stat` from what `lstat` said. */
export function toStat(raw: BigIntStats): Stat {
  return {
    kind: kindOf(raw),
    size: Number(raw.size),
    mode: Number(raw.mode) & 0o777,
    mtimeNs: raw.mtimeNs,
    ctimeNs: raw.ctimeNs,
    inode: raw.ino,
    birthtimeNs: raw.birthtimeNs,
    device: raw.dev,
  }
}

/** What is under a name in a directory, itself and not what a symlink points to. */
export function statAt(spot: Spot, name: string): Stat | undefined {
  const raw = ifPresent(
    () => `cannot look at ${directoryName(spot)}/${name}`,
    () => lstatSync(`${spot.prefix}/${name}`, { bigint: true, throwIfNoEntry: false }),
  )
  return raw === undefined ? undefined : toStat(raw)
}

/** A directory as people know it, and not as the handle that it was opened by. */
function directoryName({ fd, prefix }: Spot): string {
  if (fd < 0) return prefix
  try {
    return readlinkSync(prefix)
  } catch {
    return prefix
  }
}

/**
 * `isSame` for an entry that was renamed, linked or exchanged since `expected`
 * was taken: those change the ctime, so that alone can't count.
 */
export function isSameApartFromCtime(found: Stat, expected: Stat): boolean {
  if (found.kind !== expected.kind || found.inode !== expected.inode || found.device !== expected.device) return false
  if (found.kind === 'directory') return true
  return found.size === expected.size && found.mtimeNs === expected.mtimeNs && found.mode === expected.mode
}

const FILE_TYPE = 0o170000n
const KINDS = new Map<bigint, Stat['kind']>([
  [0o100000n, 'file'],
  [0o040000n, 'directory'],
  [0o120000n, 'symlink'],
])

function kindOf(raw: BigIntStats): Stat['kind'] {
  return KINDS.get(raw.mode & FILE_TYPE) ?? 'other'
}
