import { rmdirSync, unlinkSync } from 'node:fs'
import { SyncError } from '@causeway/protocol'
import { isSame, type RelativePath, type RemoveResult, type Stat } from '../files.ts'
import type { DiskContext } from './disk-context.ts'
import { attempt, diskError, errnoOf, isAbsence } from './disk-error.ts'
import type { Spot } from './directories.ts'
import { isSameApartFromCtime, statAt } from './disk-stat.ts'
import type { Displaced } from './displaced.ts'
import { errnoError } from './native.ts'
import { inUse, renameWithoutReplacing } from './placing.ts'
import { splitPath } from './relative-path.ts'

/**
 * See `Files.removeFile`. The file is taken out of the tree first and looked
 * at again where nobody else can name it; only then is it let go. One that
 * changed in between goes back.
 */
export function removeFile(
  context: DiskContext,
  displaced: Displaced,
  path: RelativePath,
  expected: Stat,
): RemoveResult {
  const { parent, name } = splitPath(path)
  const what = `cannot remove ${path}`
  const from = context.directories.at(parent)
  if (from === undefined) return { kind: 'gone' }
  const found = statAt(from, name)
  if (found === undefined) return { kind: 'gone' }
  if (!isSame(found, expected) || found.kind === 'directory') return changed(path)
  const hasWriter = context.writers.isOpen(from, name)
  if (hasWriter === true) return inUse(path)

  const aside = displaced.spot
  const asideName = displaced.nameFor(from, name, expected)
  const setAside = (): string | undefined => renameWithoutReplacing(context, from, name, aside, asideName)
  const first = setAside()
  const refusal = isNoRoom(first) && displaced.makeRoom() ? setAside() : first
  if (refusal === 'ENOENT') return { kind: 'gone' }
  if (isNoRoom(refusal)) {
    if (hasWriter === undefined) throw noRoomToKeep(path)
    return removeAtOnce(from, name, { path, expected })
  }
  if (refusal !== undefined) throw diskError(what, errnoError(refusal, path))
  const taken = statAt(aside, asideName)
  if (taken !== undefined && isSameApartFromCtime(taken, expected)) {
    displaced.took(asideName, taken.size, path)
    return { kind: 'removed' }
  }
  const putBackAs = putBack(context, aside, asideName, from, name, path)
  return putBackAs === name
    ? changed(path)
    : { kind: 'changed', detail: `a late version of ${path} is kept as ${putBackAs}` }
}

function isNoRoom(refusal: string | undefined): boolean {
  return refusal === 'ENOSPC' || refusal === 'EDQUOT'
}

/** Another program may still save through a handle that it holds: what cannot be looked at again stays where it is. */
function noRoomToKeep(path: RelativePath): SyncError {
  return new SyncError(
    'disk-full',
    `cannot remove ${path}, which was deleted elsewhere: another program may have it open for writing, which can't be known ` +
      'of this file, and the disk has no room to set it aside; free some space, or remove it yourself',
  )
}

/** Even a name needs room on a disk that is full: what makes room must not wait for some. */
function removeAtOnce(
  from: Spot,
  name: string,
  { path, expected }: { readonly path: RelativePath; readonly expected: Stat },
): RemoveResult {
  const last = statAt(from, name)
  if (last === undefined || !isSame(last, expected)) return changed(path)
  attempt(`cannot remove ${path}`, () => unlinkSync(`${from.prefix}/${name}`))
  return { kind: 'removed' }
}

/** See `Files.removeDirectory`. What is no directory (any more) counts as gone and is left alone. */
export function removeDirectory(context: DiskContext, path: RelativePath): { kind: 'removed' | 'gone' | 'not-empty' } {
  const { parent, name } = splitPath(path)
  const spot = context.directories.at(parent)
  if (spot === undefined) return { kind: 'gone' }
  try {
    rmdirSync(`${spot.prefix}/${name}`)
    return { kind: 'removed' }
  } catch (cause) {
    if (isAbsence(cause)) return { kind: 'gone' }
    const errno = errnoOf(cause)
    if (errno === 'ENOTEMPTY' || errno === 'EEXIST') return { kind: 'not-empty' }
    throw diskError(`cannot remove the directory ${path}`, cause)
  }
}

/** Puts an entry back under its name, or, if that was taken meanwhile, under one beside it. Returns the name. */
export function putBack(
  context: Pick<DiskContext, 'native'>,
  aside: Spot,
  asideName: string,
  to: Spot,
  name: string,
  path: RelativePath,
): string {
  let candidate = name
  for (let tries = 1; tries <= MAX_NAMES; tries++) {
    const refusal = renameWithoutReplacing(context, aside, asideName, to, candidate)
    if (refusal === undefined) return candidate
    if (refusal !== 'EEXIST') throw diskError(`cannot put back a late version of ${path}`, errnoError(refusal, path))
    candidate = besideName(name, tries)
  }
  throw diskError(`cannot put back a late version of ${path}`, errnoError('EEXIST', path))
}

const MAX_NAMES = 100

function besideName(name: string, number: number): string {
  const dot = name.lastIndexOf('.')
  const stem = dot > 0 ? name.slice(0, dot) : name
  const extension = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : ''
  const kept = Buffer.byteLength(name) > 220 ? shortened(stem) : name.slice(0, name.length - extension.length)
  return `${kept} (late version${number === 1 ? '' : ` ${number}`})${extension}`
}

/** At most three bytes a UTF-16 unit: 60 of them leave room for the rest within 255 bytes. */
function shortened(stem: string): string {
  const head = stem.slice(0, 60)
  // A surrogate pair that was cut in two is no text.
  return head.isWellFormed() ? head : head.slice(0, -1)
}

function changed(path: RelativePath): RemoveResult {
  return { kind: 'changed', detail: `${path} is not as it was when it was scanned` }
}
