import type { EntryId, EntryKind, EntryView, FileView } from '@causeway/protocol'
import { nameOf } from './paths.ts'

/** One line of a list of files, whichever question it answers. */
export interface Row {
  readonly id: EntryId
  readonly path: string
  readonly name: string
  readonly kind: EntryKind
  /** Bytes; null for what is no file. */
  readonly size: number | null
  /** When the file's content was last changed, milliseconds since 1970. */
  readonly changedMs: number | null
  /** The log position of its last change: a node that is there has it. */
  readonly seq: number
}

const rows = new WeakMap<EntryView, Row>()

/** The same row for the same entry: of 100,000 only those that are new are made. */
export function rowOfEntry(entry: EntryView): Row {
  const known = rows.get(entry)
  if (known !== undefined) return known
  const made = makeRow(entry)
  rows.set(entry, made)
  return made
}

function makeRow({ path, state }: EntryView): Row {
  const { id, seq, content } = state
  const isFile = content.kind === 'file'
  return {
    id,
    path,
    name: nameOf(path),
    kind: content.kind,
    size: isFile ? content.size : null,
    changedMs: isFile ? Number(BigInt(content.mtimeNs) / 1_000_000n) : null,
    seq,
  }
}

export function rowOfFile({ id, path, size, modified_at: modifiedAt, version }: FileView): Row {
  return { id, path, name: nameOf(path), kind: 'file', size, changedMs: Date.parse(modifiedAt), seq: version }
}

/** Directories first, each in the order they came in. */
export function directoriesFirst(rows: readonly Row[]): readonly Row[] {
  return [...rows.filter(({ kind }) => kind === 'directory'), ...rows.filter(({ kind }) => kind !== 'directory')]
}
