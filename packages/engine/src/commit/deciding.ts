import type {
  CommitRequest,
  Content,
  EntryState,
  ChunkId,
  Outcome,
  Place,
  Refusal,
  VersionVector,
} from '@causeway/protocol'
import { conflictName } from '../conflict-name.ts'
import { includes, merge, withDot } from '../version-vector.ts'
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
  more: { states?: readonly EntryState[]; missing?: readonly ChunkId[] } = {},
): Outcome {
  return { kind: 'refused', refusal, detail, states: [...(more.states ?? [])], missing: [...(more.missing ?? [])] }
}

/** True if both hold the same bytes (or target); mode and mtime aside. */
export function sameBytes(a: Content, b: Content): boolean {
  return a.kind === b.kind && identityOf(a) === identityOf(b)
}

/** True if both hold the same bytes (or target) and mode; mtime aside. */
export function sameBytesAndMode(a: Content, b: Content): boolean {
  return sameBytes(a, b) && (a.kind === 'symlink' || b.kind === 'symlink' || a.mode === b.mode)
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

/** A conflict copy that holds another version of the entry it stands against, and is not just after its name. */
export type VersionBeside = EntryState & { readonly bytesVector: VersionVector }

/**
 * The other versions of an entry, as far as the author has not heard that they
 * are apart: to it, they are the entry.
 */
export function versionsBeside(deciding: Deciding, entry: EntryState): readonly VersionBeside[] {
  if (entry.content.kind === 'directory') return []
  return deciding.tree.copiesOf(entry.id).filter((copy) => isUnheardVersion(deciding, copy))
}

/** The same of those that were deleted. */
export function deadVersionsBeside(deciding: Deciding, entry: EntryState): readonly VersionBeside[] {
  if (entry.content.kind === 'directory') return []
  return deciding.tree.deadVersionsOf(entry.id).filter((copy) => isUnheardVersion(deciding, copy))
}

function isUnheardVersion(deciding: Deciding, copy: EntryState): copy is VersionBeside {
  return copy.bytesVector !== undefined && isUnheard(deciding, copy)
}

/** True if the author has not heard that the entry is a conflict copy. */
export function isUnheard(deciding: Deciding, { placeVector }: EntryState): boolean {
  return !includes(seenBy(deciding, deciding.request.clock), placeVector)
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
