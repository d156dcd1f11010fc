import { rmdirSync } from 'node:fs'
import { isSame, type RelativePath, type Stat } from '../files.ts'
import { stagingSpot, type DiskContext } from './disk-context.ts'
import { attempt, diskError, errnoOf, isAbsence } from './disk-error.ts'
import type { Spot } from './directories.ts'
import { isSameApartFromCtime, statAt } from './disk-stat.ts'
import { errnoError } from './native.ts'
import { renameWithoutReplacing } from './placing.ts'
import { splitPath } from './relative-path.ts'
import type { Staging } from './staging.ts'

export type RemoveResult = { readonly kind: 'removed' | 'gone' } | { readonly kind: 'changed'; readonly detail: string }

/**
 * See `Files.removeFile`. The file is taken out of the tree first and looked
 * at again where nobody else can name it; only then is it let go. One that
 * changed in between goes back.
 */
export function removeFile(context: DiskContext, staging: Staging, path: RelativePath, expected: Stat): RemoveResult {
  const { parent, name } = splitPath(path)
  const what = `cannot remove ${path}`
  const from = context.directories.at(parent)
  if (from === undefined) return { kind: 'gone' }
  const found = statAt(from, name)
  if (found === undefined) return { kind: 'gone' }
  if (!isSame(found, expected) || found.kind === 'directory') return changed(path)

  const aside = stagingSpot(context)
  const asideName = staging.freshName()
  const refusal = renameWithoutReplacing(context, from, name, aside, asideName)
  if (refusal === 'ENOENT') return { kind: 'gone' }
  if (refusal !== undefined) throw diskError(what, errnoError(refusal, path))
  const taken = statAt(aside, asideName)
  if (taken !== undefined && isSameApartFromCtime(taken, expected)) {
    attempt(what, () => staging.dispose(asideName, taken.size))
    return { kind: 'removed' }
  }
  const putBackAs = putBack(context, aside, asideName, from, name, path)
  return putBackAs === name
    ? changed(path)
    : { kind: 'changed', detail: `a late version of ${path} is kept as ${putBackAs}` }
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
