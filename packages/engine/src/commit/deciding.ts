import {
  ROOT_ID,
  type CommitRequest,
  type Content,
  type EntryId,
  type EntryState,
  type Hash,
  type Outcome,
  type Place,
  type Refusal,
} from '@causeway/protocol'
import { conflictName } from '../conflict-name.ts'
import { merge, withDot } from '../version-vector.ts'
import type { FolderSnapshot } from './folder-snapshot.ts'
import type { Author, WorkingTree } from './working-tree.ts'

/** What every kind of operation is decided with. */
export interface Deciding {
  readonly tree: WorkingTree
  readonly snapshot: FolderSnapshot
  readonly request: CommitRequest
  /** The dot of the operation at hand. */
  readonly author: Author
}

export function refused(
  refusal: Refusal,
  detail: string,
  more: { states?: readonly EntryState[]; missing?: readonly Hash[] } = {},
): Outcome {
  return { kind: 'refused', refusal, detail, states: [...(more.states ?? [])], missing: [...(more.missing ?? [])] }
}

/** True if both hold the same bytes (or target); mode and mtime aside. */
export function sameBytes(a: Content, b: Content): boolean {
  return a.kind === b.kind && identityOf(a) === identityOf(b)
}

/** What tells a change of bytes from one of mode or mtime: a file's hash, a symlink's target; nothing for a directory. */
export function identityOf(content: Content): string {
  if (content.kind === 'file') return content.hash
  return content.kind === 'symlink' ? content.target : ''
}

/** A name in the same directory under which a rival can stand beside `place`. */
export function freeName({ tree, snapshot }: Deciding, place: Place): string {
  return conflictName({
    name: place.name,
    nodeName: snapshot.node.name,
    at: snapshot.at,
    isTaken: (name) => tree.at({ parent: place.parent, name }) !== undefined,
  })
}

/**
 * Brings deleted directories back, from `parent` up, so that what was added
 * or edited below them has a place. Where a name is taken by now, a directory
 * there takes over as the parent; anything else makes the revived one step aside.
 *
 * Returns the directory that now stands for `parent`, or `undefined` if it is no directory.
 */
export function liveDirectory(deciding: Deciding, parent: EntryId): EntryId | undefined {
  if (parent === ROOT_ID) return ROOT_ID
  const { tree } = deciding
  const directory = tree.entry(parent)
  if (directory === undefined || directory.content.kind !== 'directory') return undefined
  if (!directory.deleted) return directory.id
  const above = liveDirectory(deciding, directory.parent)
  if (above === undefined) return undefined
  const place = { parent: above, name: directory.name }
  const occupant = tree.at(place)
  if (occupant?.content.kind === 'directory') {
    tree.alias(directory.id, occupant.id)
    return occupant.id
  }
  const author = tree.ownAuthor()
  const name = occupant === undefined ? place.name : freeName(deciding, place)
  const moved = name !== directory.name || above !== directory.parent
  const revived = tree.put(
    {
      ...directory,
      parent: above,
      name,
      placeVector: moved ? withDot(directory.placeVector, author.node, author.counter) : directory.placeVector,
      deleted: false,
      existenceVector: withDot(directory.existenceVector, author.node, author.counter),
    },
    moved ? ['existence', 'place'] : ['existence'],
    author,
  )
  tree.note(author, {
    kind: 'restore',
    entry: revived,
    decision: 'revived',
    reason: 'The directory was deleted while something below it was added or edited elsewhere.',
    seq: revived.seq,
  })
  return revived.id
}

/** An event of the author on top of a vector. */
export function touched(vector: EntryState['contentVector'], author: Author): EntryState['contentVector'] {
  return withDot(vector, author.node, author.counter)
}

/** Both vectors and the author's event. */
export function joined(
  a: EntryState['contentVector'],
  b: EntryState['contentVector'],
  author: Author,
): EntryState['contentVector'] {
  return touched(merge(a, b), author)
}

/**
 * What a node knew when it made an event: what it says it was based on, and
 * all its own earlier events, even those whose answer it never received. A
 * lost answer must not turn a node's own earlier save into a rival.
 */
export function seenBy({ author }: Deciding, basedOn: EntryState['contentVector']): EntryState['contentVector'] {
  return author.counter > 1 ? withDot(basedOn, author.node, author.counter - 1) : basedOn
}
