import { lstatSync, mkdirSync, renameSync } from 'node:fs'
import { nameOf } from '@causeway/engine'
import { isSame, type PlaceResult, type RelativePath, type Stat } from '../files.ts'
import { parentGone, type DiskContext } from './disk-context.ts'
import { attempt, diskError } from './disk-error.ts'
import type { Spot } from './directories.ts'
import { statAt } from './disk-stat.ts'
import { errnoError } from './native.ts'
import { renameWithoutReplacing } from './placing.ts'
import { putBack } from './removing.ts'
import { ASIDE_DIRECTORY, MARKER_DIRECTORY, splitPath } from './relative-path.ts'

/** See `Files.move`. */
export function moveEntry(
  context: DiskContext,
  fromPath: RelativePath,
  toPath: RelativePath,
  expected: Stat,
): PlaceResult {
  const source = splitPath(fromPath)
  const target = splitPath(toPath)
  const what = `cannot move ${fromPath} to ${toPath}`
  const from = context.directories.at(source.parent)
  if (from === undefined) return parentGone(fromPath)
  const found = statAt(from, source.name)
  if (found === undefined || !isSame(found, expected)) {
    return { kind: 'changed', detail: `${fromPath} is not as it was when it was scanned` }
  }
  const to = context.directories.at(target.parent) ?? makeAside(context, target.parent)
  if (to === undefined) return parentGone(toPath)

  if (isOtherSpelling(from, source.name, to, target.name, found)) {
    attempt(what, () => renameSync(`${from.prefix}/${source.name}`, `${to.prefix}/${target.name}`))
  } else {
    const refusal = renameWithoutReplacing(context, from, source.name, to, target.name)
    if (refusal === 'EEXIST' || refusal === 'ENOTEMPTY') {
      return { kind: 'changed', detail: `something is already at ${toPath}` }
    }
    if (refusal === 'ENOENT' || refusal === 'ENOTDIR') return parentGone(toPath)
    if (refusal !== undefined) throw diskError(what, errnoError(refusal, toPath))
  }
  const moved = statAt(to, target.name)
  if (moved?.inode === expected.inode && moved.device === expected.device) return { kind: 'placed', stat: moved }
  // It was moved, and somebody removed it at once: the next scan must find that it is gone.
  if (moved === undefined) return { kind: 'placed', stat: found }
  // Another entry took the name between the look and the rename: it is not ours to move.
  const keptAs = putBack(context, to, target.name, from, source.name, fromPath)
  return { kind: 'changed', detail: `another entry arrived at ${fromPath} and is kept as ${keptAs}` }
}

/** The directory for what steps aside is made when it is first needed. */
function makeAside(context: DiskContext, directory: RelativePath): Spot | undefined {
  if (directory !== ASIDE_DIRECTORY) return undefined
  const marker = context.directories.at(MARKER_DIRECTORY)
  if (marker === undefined) return undefined
  attempt(`cannot make ${ASIDE_DIRECTORY}`, () =>
    mkdirSync(`${marker.prefix}/${nameOf(ASIDE_DIRECTORY)}`, { mode: 0o700 }),
  )
  return context.directories.at(ASIDE_DIRECTORY)
}

/**
 * True if the two names are one entry to this file system (they differ in
 * case or Unicode form only): "never overwrite" would refuse such a rename.
 * Two hard links to one file are not that: renaming one onto the other would do nothing.
 */
function isOtherSpelling(from: Spot, fromName: string, to: Spot, toName: string, found: Stat): boolean {
  if (fromName === toName || fold(fromName) !== fold(toName)) return false
  const other = statAt(to, toName)
  if (other === undefined || other.inode !== found.inode || other.device !== found.device) return false
  if (found.kind === 'directory') return true
  return lstatSync(`${from.prefix}/${fromName}`, { throwIfNoEntry: false })?.nlink === 1
}

function fold(name: string): string {
  return name.normalize('NFC').toLowerCase()
}
