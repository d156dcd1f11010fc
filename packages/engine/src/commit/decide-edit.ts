import {
  entryIdOf,
  type Content,
  type EditOperation,
  type EntryState,
  type ModeSetBy,
  type Outcome,
} from '@causeway/protocol'
import { EMPTY_VECTOR, hasSeenAll, includes, merge } from '../version-vector.ts'
import {
  freeName,
  identityOf,
  joined,
  refused,
  sameBytes,
  seenBy,
  touched,
  versionsBeside,
  type Deciding,
  type VersionBeside,
} from './deciding.ts'
import { modeAfterEdit, modeSetBy, setsMode, withLaterTime, type Moded } from './merge-content.ts'
import { notEnded } from './reached-by.ts'
import { liveDirectory, revive } from './revive.ts'
import type { Author } from './working-tree.ts'

/** New content: a fast-forward, joined where nothing was really concurrent, else a conflict copy. */
export function decideEdit(deciding: Deciding, operation: EditOperation): Outcome {
  const { tree } = deciding
  const current = tree.entry(operation.entry)
  if (current === undefined) return refused('unknown-entry', `entry ${operation.entry} is not known here`)
  if (current.content.kind !== operation.content.kind) {
    return refused('invalid', `a ${current.content.kind} can't become a ${operation.content.kind}`, {
      states: [current],
    })
  }
  if (includes(seenBy(deciding, operation.basedOn), current.contentVector)) {
    return fastForward(deciding, operation, current)
  }
  // From here on the node had not seen the newest content.
  const earlier = earlierSave(deciding, operation, current)
  if (earlier !== undefined) return conflictCopy(deciding, operation, { current, into: earlier })
  if (sameBytes(current.content, operation.content)) {
    return join(deciding, operation, current, withLaterTime(current.content, operation.content))
  }
  if (identityOf(operation.content) === operation.basedOnHash) {
    return join(deciding, operation, current, current.content)
  }
  if (identityOf(current.content) === operation.basedOnHash) {
    return join(deciding, operation, current, operation.content)
  }
  const alike = versionsBeside(deciding, current).find((copy) => sameBytes(copy.content, operation.content))
  return conflictCopy(deciding, operation, { current, into: alike })
}

function fastForward(deciding: Deciding, operation: EditOperation, current: EntryState): Outcome {
  const { tree, author } = deciding
  tree.witness(author)
  const contentVector = touched(merge(operation.basedOn, current.contentVector), author)
  const set = modeSetBy(contentVector, author)
  const moded = modeAfterEdit(current, operation, { content: operation.content, set, hasSeenCurrent: true })
  const next = { ...current, ...moded, ...notEnded(current), contentVector, ...bytesAfter(current, operation, author) }
  if (current.deleted) {
    const placed = revive(deciding, next, ['content', 'existence'])
    if (placed === undefined) return noDirectoryAbove(current)
    tree.note(author, {
      kind: 'edit',
      entry: placed.state,
      decision: 'revived',
      reason: 'The file was deleted elsewhere before this edit was known there: the edit is kept.',
      seq: placed.state.seq,
    })
    return { kind: 'settled', state: placed.state }
  }
  const state = tree.put(next, ['content'], author)
  setModeBeside(deciding, operation, { current: state, set })
  if (state.conflictOf !== undefined) tree.settle(state.id, 'the conflict copy was edited')
  tree.note(author, {
    kind: 'edit',
    entry: state,
    decision: 'fast-forward',
    reason: 'Based on the newest version.',
    seq: state.seq,
  })
  const isAsAsked = moded.content === operation.content && state.id === operation.entry
  return isAsAsked ? { kind: 'accepted', seq: state.seq } : { kind: 'settled', state }
}

function noDirectoryAbove(current: EntryState): Outcome {
  return refused('invalid', 'the directory above is no directory any more', { states: [current] })
}

function join(deciding: Deciding, operation: EditOperation, current: EntryState, content: Content): Outcome {
  const { tree, author } = deciding
  tree.witness(author)
  const set = modeSetBy(touched(operation.basedOn, author), author)
  const moded = modeAfterEdit(current, operation, { content, set, hasSeenCurrent: false })
  const contentVector = joined(current.contentVector, operation.basedOn, author)
  const next = { ...current, ...moded, ...notEnded(current), contentVector, ...bytesAfter(current, operation, author) }
  const state = current.deleted
    ? revive(deciding, next, ['content', 'existence'])?.state
    : tree.put(next, ['content'], author)
  if (state === undefined) return noDirectoryAbove(current)
  setModeBeside(deciding, operation, { current: state, set })
  tree.note(author, {
    kind: 'merge',
    entry: state,
    decision: 'joined',
    reason: sameBytes(current.content, operation.content)
      ? 'Both sides saved identical content.'
      : 'One side changed the content, the other only mode or time: both are kept.',
    seq: state.seq,
  })
  return { kind: 'settled', state }
}

/** A mode that was set counts for every version of the file that the node took for one. */
function setModeBeside(
  deciding: Deciding,
  operation: EditOperation,
  { current, set }: { readonly current: EntryState; readonly set: ModeSetBy },
): void {
  if (!setsMode(operation)) return
  const { tree, author } = deciding
  const seen = seenBy(deciding, operation.basedOn)
  for (const copy of versionsBeside(deciding, current)) {
    const hasSeenCurrent = hasSeenAll(seen, copy.contentVector)
    const moded = modeAfterEdit(copy, operation, { content: copy.content, set, hasSeenCurrent })
    if (moded.content === copy.content) continue
    tree.put({ ...copy, ...moded, contentVector: touched(copy.contentVector, author) }, ['content'], author)
  }
}

/**
 * What the edit was made on top of, if that became a conflict copy, and the
 * node has not heard of it yet. A mode that others set meanwhile makes the
 * copy no other version.
 */
function earlierSave(deciding: Deciding, operation: EditOperation, current: EntryState): VersionBeside | undefined {
  const seen = seenBy(deciding, operation.basedOn)
  return versionsBeside(deciding, current).find((copy) => hasSeenAll(seen, copy.bytesVector))
}

/** What the bytes have seen after an edit of a version that stands beside its file. */
function bytesAfter(
  { bytesVector }: EntryState,
  operation: EditOperation,
  author: Author,
): Pick<EntryState, 'bytesVector'> {
  if (bytesVector === undefined || identityOf(operation.content) === operation.basedOnHash) return {}
  return { bytesVector: joined(bytesVector, operation.basedOn, author) }
}

/** `into`: the conflict copy that the edit goes into, where it needs none of its own. */
function conflictCopy(
  deciding: Deciding,
  operation: EditOperation,
  { current, into }: { readonly current: EntryState; readonly into: VersionBeside | undefined },
): Outcome {
  const { tree, author } = deciding
  const parent = liveDirectory(deciding, current.parent)
  if (parent === undefined) return noDirectoryAbove(current)
  const contentVector = touched(operation.basedOn, author)
  const set = modeSetBy(contentVector, author)
  tree.witness(author)
  if (into !== undefined) {
    const copy = tree.put(
      {
        ...into,
        ...contentInCopy(deciding, operation, into),
        contentVector: merge(into.contentVector, contentVector),
        bytesVector: merge(into.bytesVector, contentVector),
      },
      ['content'],
      author,
    )
    noteEdit(deciding, copy, current)
    return { kind: 'conflict', copy, state: withModeOf(deciding, operation, { current, set }) }
  }
  const copy = tree.put(
    {
      id: entryIdOf(author.node, author.counter),
      parent,
      name: freeName(deciding, { parent, name: current.name }),
      placeVector: tree.decided(touched(EMPTY_VECTOR, author)),
      ...modeAfterEdit(current, operation, { content: operation.content, set, hasSeenCurrent: false }),
      contentVector,
      bytesVector: contentVector,
      deleted: false,
      existenceVector: EMPTY_VECTOR,
      conflictOf: current.id,
    },
    ['content', 'place'],
    author,
  )
  tree.openConflict(copy.id, current.id)
  noteEdit(deciding, copy, current)
  tree.note(tree.ownAuthor(), {
    kind: 'conflict',
    entry: copy,
    pathBefore: tree.pathOf(current),
    decision: 'conflict-copy',
    reason: 'Two nodes edited the same version; the edit that arrived first keeps the name.',
    seq: copy.seq,
  })
  return { kind: 'conflict', copy, state: withModeOf(deciding, operation, { current, set }) }
}

/** The rival that keeps the name, with the mode that came with the other's bytes. */
function withModeOf(
  { tree, author }: Deciding,
  operation: EditOperation,
  { current, set }: { readonly current: EntryState; readonly set: ModeSetBy },
): EntryState {
  if (!setsMode(operation)) return current
  const moded = modeAfterEdit(current, operation, { content: current.content, set, hasSeenCurrent: false })
  if (moded.content === current.content) return current
  return tree.put({ ...current, ...moded, contentVector: touched(current.contentVector, author) }, ['content'], author)
}

function contentInCopy(deciding: Deciding, operation: EditOperation, copy: EntryState): Moded {
  const hasSeenCurrent = hasSeenAll(seenBy(deciding, operation.basedOn), copy.contentVector)
  const set = modeSetBy(touched(operation.basedOn, deciding.author), deciding.author)
  const content = sameBytes(copy.content, operation.content)
    ? withLaterTime(operation.content, copy.content)
    : operation.content
  return modeAfterEdit(copy, operation, { content, set, hasSeenCurrent })
}

function noteEdit({ tree, author }: Deciding, copy: EntryState, current: EntryState): void {
  tree.note(author, {
    kind: 'edit',
    entry: copy,
    pathBefore: tree.pathOf(current),
    decision: 'conflict-copy',
    reason: `${current.name} was edited elsewhere at the same time; both versions are kept.`,
    seq: copy.seq,
  })
}
