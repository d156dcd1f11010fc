import type { EditOperation, EntryState, ModeSetBy, Outcome, Touch } from '@causeway/protocol'
import {
  deadVersionsBeside,
  freeName,
  joined,
  refused,
  sameBytes,
  seenBy,
  touched,
  versionsBeside,
  type Deciding,
  type VersionBeside,
} from './deciding.ts'
import { modeAfterEdit, modeSetBy, withLaterTime } from './merge-content.ts'
import { notEnded } from './reached-by.ts'
import { liveDirectory, revive } from './revive.ts'
import { isTouched, savesOf, touchBy, touchesOf, unseenSaves, withSaves } from './saves.ts'
import { uniteAlike } from './unite-alike.ts'

interface Touching {
  readonly operation: EditOperation
  readonly mark: Touch
  readonly set: ModeSetBy
}

/**
 * Another mode or time, by a node that had not seen the newest content of a
 * file. It goes to every version that was touched: the one the node had, and
 * what replaced that. If such a version was deleted, it lives.
 */
export function touch(deciding: Deciding, operation: EditOperation, file: EntryState): Outcome {
  const { tree, author } = deciding
  const seen = seenBy(deciding, operation.basedOn)
  const set = modeSetBy(touched(operation.basedOn, author), author)
  const touching: Touching = { operation, mark: touchBy(author, operation.basedOn), set }
  tree.witness(author)
  const versions = versionsBeside(deciding, file)
  const dead = deadVersionsBeside(deciding, file)
  const main = touchFile(deciding, touching, file)
  if (main === undefined) {
    return refused('invalid', 'the directory above is no directory any more', { states: [file] })
  }
  for (const version of versions) touchVersion(deciding, touching, version)
  for (const version of dead) reviveVersion(deciding, touching, version)
  const state = file.deleted && !main.deleted ? uniteAlike(deciding, main, main.id) : (tree.entry(main.id) ?? main)
  const own = versions.find((version) => unseenSaves(version, seen).length === 0)
  const copy = own === undefined ? undefined : tree.entry(own.id)
  tree.note(author, {
    kind: 'merge',
    entry: copy ?? state,
    decision: 'joined',
    reason: sameBytes(state.content, operation.content)
      ? 'Both sides saved identical content.'
      : 'One side changed the content, the other only mode or time: both are kept.',
    seq: (copy ?? state).seq,
  })
  return copy === undefined ? { kind: 'settled', state } : { kind: 'conflict', copy, state }
}

function touchFile(deciding: Deciding, { operation, mark, set }: Touching, file: EntryState): EntryState | undefined {
  const { tree, author } = deciding
  const hits = isTouched(file, mark)
  const isSame = hits && sameBytes(file.content, operation.content)
  const content = isSame ? withLaterTime(file.content, operation.content) : file.content
  const moded = modeAfterEdit(file, operation, { content, set })
  const contentVector = joined(file.contentVector, operation.basedOn, author)
  const next = withSaves({ ...file, ...moded, contentVector }, savesOf(file), [...touchesOf(file), mark])
  if (!hits) return tree.put(next, ['content'], author)
  const living = { ...next, ...notEnded(file) }
  return file.deleted
    ? revive(deciding, living, ['content', 'existence'])?.state
    : tree.put(living, ['content'], author)
}

function touchVersion(deciding: Deciding, touching: Touching, version: VersionBeside): void {
  const { tree, author } = deciding
  const next = touchedVersion(deciding, touching, version)
  if (next !== undefined) tree.put(next, ['content'], author)
}

function touchedVersion(
  deciding: Deciding,
  { operation, mark, set }: Touching,
  version: VersionBeside,
): VersionBeside | undefined {
  const { author } = deciding
  const hits = isTouched(version, mark)
  const isSame = hits && sameBytes(version.content, operation.content)
  const content = isSame ? withLaterTime(version.content, operation.content) : version.content
  const moded = modeAfterEdit(version, operation, { content, set })
  if (!hits && moded.content === version.content) return undefined
  const touches = hits ? [...touchesOf(version), mark] : touchesOf(version)
  const next = { ...version, ...moded, contentVector: touched(version.contentVector, author) }
  return withSaves(next, savesOf(version), touches)
}

/** A delete that had not seen the touch was no end of it. */
function reviveVersion(deciding: Deciding, touching: Touching, version: VersionBeside): void {
  const { tree, author } = deciding
  const next = isTouched(version, touching.mark) ? touchedVersion(deciding, touching, version) : undefined
  const parent = next === undefined ? undefined : liveDirectory(deciding, version.parent)
  if (next === undefined || parent === undefined || version.conflictOf === undefined) return
  const isTaken = tree.at({ parent, name: version.name }) !== undefined
  const state = tree.put(
    {
      ...next,
      ...notEnded(version),
      parent,
      name: isTaken ? freeName(deciding, { parent, name: version.name }) : version.name,
      placeVector: tree.decided(version.placeVector),
      deleted: false,
      existenceVector: tree.decided(version.existenceVector),
    },
    ['content', 'place', 'existence'],
    author,
  )
  tree.openConflict(state.id, version.conflictOf)
  uniteAlike(deciding, state, version.conflictOf)
}
