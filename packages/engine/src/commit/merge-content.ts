import type { Content, EditOperation, EntryState, ModeSetBy } from '@causeway/protocol'
import { dotOfEntry } from '../entry-dot.ts'
import { withoutDecisions } from '../version-vector.ts'
import type { Author } from './working-tree.ts'

/** What of an entry says which mode it has, and by whose word. */
export type Moded = Pick<EntryState, 'content' | 'modeSetBy'>

/**
 * Who set the mode in a change with this vector. Sums of counters rise along
 * every chain of causes, so a change that had seen another always outranks it;
 * of two that had not seen each other, the node's name decides: the same one
 * wins whichever arrives first.
 */
export function modeSetBy(vector: EntryState['contentVector'], { node }: Author): ModeSetBy {
  return { at: Object.values(withoutDecisions(vector)).reduce((sum, counter) => sum + counter, 0), node }
}

/** Bytes, target and time from `content`; the mode from whichever of the two was set last. */
export function withLaterMode(
  content: Content,
  a: Moded & Pick<EntryState, 'id'>,
  b: Moded & Pick<EntryState, 'id'>,
): Moded {
  return outranks(setterOf(b), setterOf(a))
    ? { content: withMode(content, b.content), modeSetBy: setterOf(b) }
    : { content: withMode(content, a.content), ...setBy(a) }
}

/** Bytes, target and time from `content`; the mode from another entry, by the word of whoever set it there. */
export function withModeOf(content: Content, entry: Moded & Pick<EntryState, 'id'>): Moded {
  return { content: withMode(content, entry.content), modeSetBy: setterOf(entry) }
}

/**
 * What an edit leaves of the entry's mode: its own where it set one, and where
 * a rival's does not outrank it; else the one there is.
 */
export function modeAfterEdit(
  current: EntryState,
  operation: EditOperation,
  how: { readonly content: Content; readonly set: ModeSetBy },
): Moded {
  const wins = setsMode(operation) && outranks(how.set, setterOf(current))
  if (wins) return { content: withMode(how.content, operation.content), modeSetBy: how.set }
  return { content: withMode(how.content, current.content), ...setBy(current) }
}

export function setsMode({ content, basedOnMode }: EditOperation): boolean {
  return modeOf(content) !== basedOnMode
}

/** The later of two times of last change: where the same bytes were saved twice, or only the times differ. */
export function withLaterTime(content: Content, other: Content): Content {
  if (content.kind !== 'file' || other.kind !== 'file') return content
  return BigInt(other.mtimeNs) > BigInt(content.mtimeNs) ? { ...content, mtimeNs: other.mtimeNs } : content
}

function setBy({ modeSetBy: set }: Moded): Pick<EntryState, 'modeSetBy'> {
  return set === undefined ? {} : { modeSetBy: set }
}

/** Until somebody sets another, the mode is that of whoever created the entry. */
export function setterOf({ id, modeSetBy: set }: Pick<EntryState, 'id' | 'modeSetBy'>): ModeSetBy | undefined {
  if (set !== undefined) return set
  const dot = dotOfEntry(id)
  return dot === undefined ? undefined : { at: dot.counter, node: dot.node }
}

function outranks(a: ModeSetBy | undefined, b: ModeSetBy | undefined): boolean {
  if (a === undefined || b === undefined) return a !== undefined
  return a.at === b.at ? a.node > b.node : a.at > b.at
}

function modeOf(content: Content): number | undefined {
  return content.kind === 'symlink' ? undefined : content.mode
}

function withMode(content: Content, moded: Content): Content {
  if (content.kind === 'symlink' || moded.kind === 'symlink' || content.mode === moded.mode) return content
  return { ...content, mode: moded.mode }
}
