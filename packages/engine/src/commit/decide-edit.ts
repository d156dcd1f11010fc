import { entryIdOf, type Content, type EditOperation, type EntryState, type Outcome } from '@causeway/protocol'
import { EMPTY_VECTOR, includes, merge, withDot } from '../version-vector.ts'
import {
  freeName,
  identityOf,
  joined,
  liveDirectory,
  refused,
  sameBytes,
  seenBy,
  touched,
  type Deciding,
} from './deciding.ts'
import { revive } from './revive.ts'

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
  if (includes(seenBy(deciding, operation.basedOn), current.contentVector))
    return fastForward(deciding, operation, current)
  // From here on the node had not seen the newest content.
  if (sameBytes(current.content, operation.content)) return join(deciding, operation, current, current.content)
  if (identityOf(operation.content) === operation.basedOnHash) {
    return join(deciding, operation, current, withMetadata(current.content, operation.content))
  }
  if (identityOf(current.content) === operation.basedOnHash) {
    return join(deciding, operation, current, operation.content)
  }
  return conflictCopy(deciding, operation, current)
}

function fastForward(deciding: Deciding, operation: EditOperation, current: EntryState): Outcome {
  const { tree, author } = deciding
  tree.witness(author)
  const content = {
    content: operation.content,
    contentVector: touched(merge(operation.basedOn, current.contentVector), author),
  }
  if (current.deleted) {
    const state = revive(deciding, { ...current, ...content }, ['content', 'existence'])
    if (state === undefined)
      return refused('invalid', 'the directory above is no directory any more', { states: [current] })
    tree.note(author, {
      kind: 'edit',
      entry: state,
      decision: 'revived',
      reason: 'The file was deleted elsewhere without having seen this edit: the edit stands.',
      seq: state.seq,
    })
    return { kind: 'settled', state }
  }
  const state = tree.put({ ...current, ...content }, ['content'], author)
  if (state.conflictOf !== undefined) tree.settle(state.id, 'the conflict copy was edited')
  tree.note(author, {
    kind: 'edit',
    entry: state,
    decision: 'fast-forward',
    reason: 'It was based on the newest version.',
    seq: state.seq,
  })
  return { kind: 'accepted', seq: state.seq }
}

function join(deciding: Deciding, operation: EditOperation, current: EntryState, content: Content): Outcome {
  const { tree, author } = deciding
  tree.witness(author)
  const next = { ...current, content, contentVector: joined(current.contentVector, operation.basedOn, author) }
  const state = current.deleted ? revive(deciding, next, ['content', 'existence']) : tree.put(next, ['content'], author)
  if (state === undefined)
    return refused('invalid', 'the directory above is no directory any more', { states: [current] })
  tree.note(author, {
    kind: 'merge',
    entry: state,
    decision: 'joined',
    reason: sameBytes(current.content, operation.content)
      ? 'Both sides hold the same bytes.'
      : 'One side changed the bytes, the other only mode or time: both hold.',
    seq: state.seq,
  })
  return { kind: 'settled', state }
}

function withMetadata(content: Content, metadata: Content): Content {
  if (content.kind === 'symlink' || metadata.kind === 'symlink') return content
  return { ...content, mode: metadata.mode }
}

function conflictCopy(deciding: Deciding, operation: EditOperation, current: EntryState): Outcome {
  const { tree, author } = deciding
  const parent = liveDirectory(deciding, current.parent)
  if (parent === undefined)
    return refused('invalid', 'the directory above is no directory any more', { states: [current] })
  tree.witness(author)
  const own = tree.ownAuthor()
  const created = withDot(touched(EMPTY_VECTOR, author), own.node, own.counter)
  const copy = tree.put(
    {
      id: entryIdOf(author.node, author.counter),
      parent,
      name: freeName(deciding, { parent, name: current.name }),
      placeVector: created,
      content: operation.content,
      contentVector: touched(operation.basedOn, author),
      deleted: false,
      existenceVector: EMPTY_VECTOR,
      conflictOf: current.id,
    },
    ['content', 'place'],
    author,
  )
  tree.openConflict(copy.id, current.id)
  tree.note(author, {
    kind: 'edit',
    entry: copy,
    pathBefore: tree.pathOf(current),
    decision: 'conflict-copy',
    reason: `${current.name} was edited elsewhere at the same time; both versions are kept.`,
    seq: copy.seq,
  })
  tree.note(own, {
    kind: 'conflict',
    entry: copy,
    pathBefore: tree.pathOf(current),
    decision: 'conflict-copy',
    reason: 'Two nodes edited the same version; the edit that arrived first keeps the name.',
    seq: copy.seq,
  })
  return { kind: 'conflict', copy, state: current }
}
