import { chmodSync, fchownSync, fstatSync, lchownSync, statSync, type BigIntStats } from 'node:fs'
import { errnoOf } from './disk-error.ts'
import type { Spot } from './directories.ts'

/** The bits of a mode that travel. */
export const PERMISSIONS = 0o777
/** Setuid, setgid and sticky: they never travel, and stay as the disk has them. */
export const SPECIAL = 0o7000
const SETUID = 0o4000
const SETGID = 0o2000

/**
 * Gives a new version the owner, group and special bits of the file that it
 * is to replace, as far as this user may. Without the owner setuid would mean
 * another user, so it goes then; setgid likewise.
 */
export function keepOwner(path: string, replaced: BigIntStats, mode: number): void {
  const [uid, gid] = [Number(replaced.uid), Number(replaced.gid)]
  const own = statSync(path)
  const hasBoth = (own.uid === uid && own.gid === gid) || isAllowed(() => lchownSync(path, uid, gid))
  const hasGroup = hasBoth || own.gid === gid || isAllowed(() => lchownSync(path, own.uid, gid))
  let special = Number(replaced.mode) & SPECIAL
  if (!hasBoth && own.uid !== uid) special &= ~SETUID
  if (!hasGroup) special &= ~SETGID
  // A file that is given away loses its special bits: they are set last.
  if (special !== 0) isAllowed(() => chmodSync(path, (mode & PERMISSIONS) | special))
}

/** Gives a new file the group of a directory that passes its group on, as if it had been made in there. */
export function inheritGroup(file: string | number, directory: Spot): void {
  const above = directory.fd === -1 ? statSync(directory.prefix) : fstatSync(directory.fd)
  if ((above.mode & SETGID) === 0) return
  const own = typeof file === 'number' ? fstatSync(file) : statSync(file)
  if (own.gid === above.gid) return
  isAllowed(() =>
    typeof file === 'number' ? fchownSync(file, own.uid, above.gid) : lchownSync(file, own.uid, above.gid),
  )
}

/** False if this user may not do that. */
function isAllowed(work: () => void): boolean {
  try {
    work()
    return true
  } catch (cause) {
    if (errnoOf(cause) === 'EPERM' || errnoOf(cause) === 'EINVAL') return false
    throw cause
  }
}
