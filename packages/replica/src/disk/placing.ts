import { fstatSync, linkSync, lstatSync, renameSync, unlinkSync } from 'node:fs'
import {
  isSame,
  type InUse,
  type PlaceResult,
  type RelativePath,
  type ReplaceResult,
  type StagedFile,
  type Stat,
} from '../files.ts'
import { parentGone, stagingSpot, type DiskContext } from './disk-context.ts'
import { diskError, errnoOf, ifPresent } from './disk-error.ts'
import type { Spot } from './directories.ts'
import { isSameApartFromCtime, statAt, toStat } from './disk-stat.ts'
import type { Displaced } from './displaced.ts'
import { errnoError, type RenameCall } from './native.ts'
import { inheritGroup, keepOwner } from './owner.ts'
import { splitPath } from './relative-path.ts'
import type { Staging } from './staging.ts'

/** What placing works with: new versions come from the first, old ones go to the second. */
export interface Areas {
  readonly staging: Staging
  readonly displaced: Displaced
}

/** See `Files.placeNew`. */
export function placeNew(context: DiskContext, { staging }: Areas, file: StagedFile, path: RelativePath): PlaceResult {
  const { parent, name } = splitPath(path)
  const stat = staging.ready(file)
  const to = context.directories.at(parent)
  if (to === undefined) return parentGone(path)
  const unnamed = staging.unnamed(file)
  const at = unnamed ?? `${stagingSpot(context).prefix}/${file.id}`
  inheritGroup(at, to)
  const refusal =
    unnamed === undefined || context.native.linkUnnamed === undefined
      ? renameWithoutReplacing(context, stagingSpot(context), file.id, to, name)
      : context.native.linkUnnamed(unnamed, to, name)
  if (refusal === 'EEXIST') return { kind: 'changed', detail: `something is already at ${path}` }
  if (refusal === 'ENOENT' || refusal === 'ENOTDIR') return parentGone(path)
  if (refusal !== undefined) throw diskError(`cannot place ${path}`, errnoError(refusal, path))
  // By the handle it is the file itself that is looked at: should its name be another's by now, the next scan sees it.
  const placed = unnamed === undefined ? statAt(to, name) : toStat(fstatSync(unnamed, { bigint: true }))
  staging.taken(file)
  return { kind: 'placed', stat: statAfterPlacing(placed, stat) }
}

/** See `Files.replace`. */
export function replaceFile(
  context: DiskContext,
  { staging, displaced }: Areas,
  { file, path, expected }: { readonly file: StagedFile; readonly path: RelativePath; readonly expected: Stat },
): ReplaceResult {
  const { parent, name } = splitPath(path)
  const stat = staging.ready(file)
  const to = context.directories.at(parent)
  if (to === undefined) return parentGone(path)
  const found = ifPresent(`cannot look at ${path}`, () => lstatSync(`${to.prefix}/${name}`, { bigint: true }))
  if (found === undefined || !isSame(toStat(found), expected) || expected.kind === 'directory') return changed(path)
  if (context.writers.isOpen(to, name) === true) return inUse(path)
  // Under this name lies the new version first, and the old one once the two are exchanged.
  const aside = displaced.spot
  let asideName = displaced.nameFor(to, name, expected)
  staging.giveName(file, aside, asideName)
  let isPlaced: boolean | undefined
  try {
    keepOwner(`${aside.prefix}/${asideName}`, found, stat.mode)
    const exchange = context.native.exchange
    isPlaced = exchange && replaceByExchange(exchange, aside, asideName, to, name, stat, expected)
    if (isPlaced === undefined) {
      const backupName = displaced.nameFor(to, name, expected)
      isPlaced = replaceByBackup(aside, asideName, backupName, to, name, expected)
      asideName = backupName
    }
    if (!isPlaced) return changed(path)
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return changed(path)
    throw diskError(`cannot replace ${path}`, cause)
  } finally {
    if (isPlaced !== true) staging.takeBack(file)
  }
  staging.taken(file)
  displaced.took(asideName, expected.size, path)
  return { kind: 'placed', stat: statAfterPlacing(statAt(to, name), stat) }
}

/**
 * Renames to a name that nothing has; answers an errno name where it could
 * not. Without the native call a file is linked, then unlinked; only where
 * hard links are refused too (and for directories) is the name looked at
 * first and the rename made after, with the gap that this has.
 */
export function renameWithoutReplacing(
  context: Pick<DiskContext, 'native'>,
  from: Spot,
  fromName: string,
  to: Spot,
  toName: string,
): string | undefined {
  const refusal = context.native.renameNoReplace?.(from, fromName, to, toName)
  if (context.native.renameNoReplace !== undefined && !isUnsupported(refusal)) return refusal
  try {
    if (process.platform === 'linux' && statAt(from, fromName)?.kind !== 'directory') {
      try {
        linkSync(`${from.prefix}/${fromName}`, `${to.prefix}/${toName}`)
        unlinkSync(`${from.prefix}/${fromName}`)
        return undefined
      } catch (cause) {
        if (!isUnsupported(errnoOf(cause))) return errnoOf(cause) ?? 'EIO'
      }
    }
    if (statAt(to, toName) !== undefined) return 'EEXIST'
    renameSync(`${from.prefix}/${fromName}`, `${to.prefix}/${toName}`)
    return undefined
  } catch (cause) {
    return errnoOf(cause) ?? 'EIO'
  }
}

/**
 * Swaps the two, then looks at what came out. If that is not as expected, the
 * swap is undone; and if in that moment yet another version took the name,
 * that one goes back as well, being the newest. Nothing that was written is
 * dropped but what its own writer replaced: the old version is then where the
 * new one was. `undefined` if the file system has no such call.
 */
export function replaceByExchange(
  exchange: RenameCall,
  staged: Spot,
  stagedName: string,
  to: Spot,
  name: string,
  ours: Stat,
  expected: Stat,
): boolean | undefined {
  const swap = (): string | undefined => exchange(staged, stagedName, to, name)
  const refusal = swap()
  if (isUnsupported(refusal)) return undefined
  if (refusal !== undefined) throw errnoError(refusal, name)
  const displaced = statAt(staged, stagedName)
  if (displaced !== undefined && isSameApartFromCtime(displaced, expected)) return true
  for (let tries = 0; tries < MAX_SWAPS; tries++) {
    if (swap() !== undefined) {
      // The name was removed meanwhile: the late version goes back to where it was.
      renameSync(`${staged.prefix}/${stagedName}`, `${to.prefix}/${name}`)
      return false
    }
    const out = statAt(staged, stagedName)
    if (out !== undefined && (out.inode === ours.inode || out.inode === displaced?.inode)) return false
  }
  return false
}

const MAX_SWAPS = 8

/**
 * Keeps a second link to the version in place, the backup, renames over it, then looks
 * whether that version was written to meanwhile; if so it is put back. A
 * version that arrives by rename between the last look and ours is lost: the
 * gap of systems without an exchange.
 */
export function replaceByBackup(
  staged: Spot,
  stagedName: string,
  backupName: string,
  to: Spot,
  name: string,
  expected: Stat,
): boolean {
  const backup = `${staged.prefix}/${backupName}`
  const target = `${to.prefix}/${name}`
  const hasBackup = linkIfSupported(target, backup)
  const found = statAt(to, name)
  if (found === undefined || !isSameApartFromCtime(found, expected)) {
    if (hasBackup) unlinkSync(backup)
    return false
  }
  renameSync(`${staged.prefix}/${stagedName}`, target)
  if (!hasBackup) return true
  const displaced = statAt(staged, backupName)
  if (displaced === undefined || isSameApartFromCtime(displaced, expected)) return true
  renameSync(backup, target)
  return false
}

function linkIfSupported(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (cause) {
    if (isUnsupported(errnoOf(cause))) return false
    throw cause
  }
}

/**
 * What to record for a file just placed: what is on disk, or, if that was
 * touched already, what was placed, so that the next scan sees the difference.
 */
function statAfterPlacing(found: Stat | undefined, placed: Stat): Stat {
  return found !== undefined && isSameApartFromCtime(found, placed) ? found : placed
}

/** True for an errno by which a file system says that it has no such call. */
function isUnsupported(errno: string | undefined): boolean {
  return errno !== undefined && UNSUPPORTED.has(errno)
}

const UNSUPPORTED = new Set(['ENOSYS', 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'EPERM', 'EMLINK'])

export function inUse(path: RelativePath): InUse {
  return { kind: 'in-use', detail: `${path} is open for writing by another program` }
}

function changed(path: RelativePath): PlaceResult {
  return { kind: 'changed', detail: `${path} is not as it was when it was scanned` }
}
