import {
  entryIdOf,
  type Content,
  type EditOperation,
  type EntryState,
  type Outcome,
  type VersionVector,
} from '@causeway/protocol'
import { EMPTY_VECTOR, hasSeenAll, merge } from '../version-vector.ts'
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
import { touch } from './decide-touch.ts'
import { modeAfterEdit, modeSetBy, setterOf, withLaterTime, type Moded } from './merge-content.ts'
import { setModeBeside, withModeOf } from './mode-beside.ts'
import { notEnded } from './reached-by.ts'
import { liveDirectory, revive } from './revive.ts'
import { savesOf, touchBy, touchesOf, unseenSaves, wholeContent, withSaves } from './saves.ts'
import { uniteAlike } from './unite-alike.ts'

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
  if (hasSeenAll(seenBy(deciding, operation.basedOn), wholeContent(current))) {
    return fastForward(deciding, operation, current)
  }
  // From here on the node had not seen the newest content.
  if (current.content.kind === 'directory') return join(deciding, operation, current, { content: current.content })
  return isSave(operation) ? save(deciding, operation, current) : touch(deciding, operation, current)
}

function isSave(operation: EditOperation): boolean {
  return identityOf(operation.content) !== operation.basedOnHash
}

function fastForward(deciding: Deciding, operation: EditOperation, current: EntryState): Outcome {
  const { tree, author } = deciding
  tree.witness(author)
  const contentVector = touched(merge(operation.basedOn, current.contentVector), author)
  const set = modeSetBy(touched(operation.basedOn, author), author)
  const moded = modeAfterEdit(current, operation, { content: operation.content, set })
  const next = afterFastForward(
    operation,
    { ...current, ...moded, ...notEnded(current), contentVector },
    { current, author },
  )
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
  const put = tree.put(next, ['content'], author)
  setModeBeside(deciding, operation, { current: put, set })
  const state = uniteAlike(deciding, put, put.id)
  if (state.conflictOf !== undefined) tree.settle(state.id, 'the conflict copy was edited')
  tree.note(author, {
    kind: 'edit',
    entry: state,
    decision: 'fast-forward',
    reason: 'Based on the newest version.',
    seq: state.seq,
  })
  const isAsAsked = moded.content === operation.content && state.id === operation.entry && state.seq === put.seq
  return isAsAsked ? { kind: 'accepted', seq: state.seq } : { kind: 'settled', state }
}

function afterFastForward(
  operation: EditOperation,
  next: Omit<EntryState, 'seq'>,
  { current, author }: { readonly current: EntryState; readonly author: Deciding['author'] },
): Omit<EntryState, 'seq'> {
  if (current.content.kind === 'directory') return next
  return isSave(operation)
    ? withSaves(next, [touched(merge(operation.basedOn, wholeContent(current)), author)])
    : withSaves(next, savesOf(current), [...touchesOf(current), touchBy(author, operation.basedOn)])
}

function noDirectoryAbove(current: EntryState): Outcome {
  return refused('invalid', 'the directory above is no directory any more', { states: [current] })
}

/** Other bytes: they replace what the node had seen of the versions there are, and stand beside the rest. */
function save(deciding: Deciding, operation: EditOperation, file: EntryState): Outcome {
  const seen = seenBy(deciding, operation.basedOn)
  const own = touched(operation.basedOn, deciding.author)
  const versions = versionsBeside(deciding, file).map((version) => leftUnreplaced(deciding, version, seen))
  const current = leftUnreplaced(deciding, file, seen)
  const { content } = operation
  if (unseenSaves(current, seen).length === 0) return join(deciding, operation, current, { content, saves: [own] })
  // What the edit was made on top of became a conflict copy, and the node has not heard of it yet.
  const earlier = versions.find((version) => unseenSaves(version, seen).length === 0)
  if (earlier !== undefined) return intoCopy(deciding, operation, { current, copy: earlier, saves: [own] })
  if (sameBytes(current.content, content)) {
    const saves = current.deleted ? [own] : [...savesOf(current), own]
    return join(deciding, operation, current, { content: withLaterTime(current.content, content), saves })
  }
  const alike = versions.find((version) => sameBytes(version.content, content))
  return alike === undefined
    ? conflictCopy(deciding, operation, current)
    : intoCopy(deciding, operation, { current, copy: alike, saves: [...savesOf(alike), own] })
}

/** Of several that had saved the same bytes, the node had seen some: the bytes are the others' now. */
function leftUnreplaced<State extends EntryState>(
  { tree, author }: Deciding,
  state: State,
  seen: VersionVector,
): State {
  const left = unseenSaves(state, seen)
  if (left.length === 0 || left.length === savesOf(state).length) return state
  const next = withSaves(state, left)
  return { ...next, seq: tree.put(next, ['content'], author).seq }
}

interface Joined {
  readonly content: Content
  /** Who saved it. None for a directory. */
  readonly saves?: readonly VersionVector[]
}

function join(deciding: Deciding, operation: EditOperation, current: EntryState, { content, saves }: Joined): Outcome {
  const { tree, author } = deciding
  tree.witness(author)
  const set = modeSetBy(touched(operation.basedOn, author), author)
  const moded = modeAfterEdit(current, operation, { content, set })
  const contentVector = joined(current.contentVector, operation.basedOn, author)
  const merged = { ...current, ...moded, ...notEnded(current), contentVector }
  const next = saves === undefined ? merged : withSaves(merged, saves)
  const put = current.deleted
    ? revive(deciding, next, ['content', 'existence'])?.state
    : tree.put(next, ['content'], author)
  if (put === undefined) return noDirectoryAbove(current)
  setModeBeside(deciding, operation, { current: put, set })
  const state = uniteAlike(deciding, put, put.id)
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

interface IntoCopy {
  readonly current: EntryState
  readonly copy: VersionBeside
  readonly saves: readonly VersionVector[]
}

/** The edit goes into a conflict copy that there is, and needs none of its own. */
function intoCopy(deciding: Deciding, operation: EditOperation, { current, copy, saves }: IntoCopy): Outcome {
  const { tree, author } = deciding
  tree.witness(author)
  const contentVector = touched(operation.basedOn, author)
  const set = modeSetBy(contentVector, author)
  const next = {
    ...copy,
    ...contentInCopy(deciding, operation, copy),
    contentVector: merge(copy.contentVector, contentVector),
  }
  const put = tree.put(withSaves(next, saves), ['content'], author)
  noteEdit(deciding, put, current)
  const main = withModeOf(deciding, operation, { current, set })
  const state = uniteAlike(deciding, put, main.id)
  return state.id === main.id ? { kind: 'settled', state } : { kind: 'conflict', copy: state, state: main }
}

function conflictCopy(deciding: Deciding, operation: EditOperation, current: EntryState): Outcome {
  const { tree, author } = deciding
  const parent = liveDirectory(deciding, current.parent)
  if (parent === undefined) return noDirectoryAbove(current)
  const contentVector = touched(operation.basedOn, author)
  const set = modeSetBy(contentVector, author)
  tree.witness(author)
  const next = {
    id: entryIdOf(author.node, author.counter),
    parent,
    name: freeName(deciding, { parent, name: current.name }),
    // Whoever moved the file moved this version of it as well.
    placeVector: tree.decided(touched(current.placeVector, author)),
    ...withSetter(modeAfterEdit(current, operation, { content: operation.content, set }), current),
    contentVector,
    bytesVector: contentVector,
    deleted: false,
    existenceVector: EMPTY_VECTOR,
    conflictOf: current.id,
  }
  const copy = tree.put(withSaves(next, [contentVector], touchesOf(current)), ['content', 'place'], author)
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

/** The mode is the file's: by the word of whoever set it there. */
function withSetter(moded: Moded, file: EntryState): Moded {
  return { ...moded, modeSetBy: moded.modeSetBy ?? setterOf(file) }
}

function contentInCopy(deciding: Deciding, operation: EditOperation, copy: EntryState): Moded {
  const set = modeSetBy(touched(operation.basedOn, deciding.author), deciding.author)
  const content = sameBytes(copy.content, operation.content)
    ? withLaterTime(operation.content, copy.content)
    : operation.content
  return modeAfterEdit(copy, operation, { content, set })
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
