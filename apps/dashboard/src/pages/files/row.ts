import type { DirectorySums, EntryId, EntryKind, FileView, ListedEntry } from '@causeway/protocol'
import { listedOf } from './directory.ts'
import { nameOf } from './paths.ts'

/** One line of a list of files, whichever question it answers. */
export interface Row {
  readonly id: EntryId
  readonly path: string
  readonly name: string
  readonly kind: EntryKind
  /** Bytes, of a directory those of all that is in it; null for a symbolic link. */
  readonly size: number | null
  /** When the file's content was last changed, or anything in the directory; milliseconds since 1970. */
  readonly changedMs: number | null
  /** The log position of its last change: a node that is there has it. */
  readonly seq: number
  /** What lies in a directory; null for anything else. */
  readonly within: DirectorySums | null
}

const rows = new WeakMap<ListedEntry, Row>()

/** The same row for the same entry: of 100,000 only those that are new are made. */
export function rowOfEntry(entry: ListedEntry): Row {
  const known = rows.get(entry)
  if (known !== undefined) return known
  const made = makeRow(entry)
  rows.set(entry, made)
  return made
}

function makeRow(entry: ListedEntry): Row {
  const { path, state, within } = entry
  const { id, seq, content } = state
  const { size, changedMs } = listedOf(entry)
  const isLink = content.kind === 'symlink'
  return {
    id,
    path,
    name: nameOf(path),
    kind: content.kind,
    size: isLink ? null : size,
    changedMs: isLink || (within !== null && within.newestMs === null) ? null : changedMs,
    seq,
    within,
  }
}

export function rowOfFile({ id, path, size, modified_at: modifiedAt, version }: FileView): Row {
  return {
    id,
    path,
    name: nameOf(path),
    kind: 'file',
    size,
    changedMs: Date.parse(modifiedAt),
    seq: version,
    within: null,
  }
}
