import type { EntryId, EntryKind } from '@causeway/protocol'
import type { DirectorySums } from '../metadata-store.ts'
import type { Connection, Row } from './connection.ts'
import { number, numberOrNull, text, textOrNull } from './values.ts'

/** What an entry is to the directories above it. */
export interface Weighed {
  readonly id: EntryId
  readonly parent: EntryId
  readonly kind: EntryKind
  /** Bytes of a file, else 0. */
  readonly size: number
}

interface Counted {
  files: number
  directories: number
  symlinks: number
  bytes: number
  newestMs: number | null
}

const COLUMNS = 'files, directories, symlinks, bytes, newest_ms'

/** What lies in a directory, however deep; zeros where nothing ever did. */
export function readDirectorySums(db: Connection, folder: number, id: EntryId): DirectorySums {
  return sumsOf(db.get(`SELECT ${COLUMNS} FROM directory_sums WHERE folder = ? AND id = ?`, folder, id))
}

/** From a row that holds the columns of `directory_sums`, or nulls in their place. */
function sumsOf(row: Row | undefined): DirectorySums {
  if (row === undefined || row['files'] === null) {
    return { files: 0, directories: 0, symlinks: 0, bytes: 0, newestMs: null }
  }
  return {
    files: number(row['files']),
    directories: number(row['directories']),
    symlinks: number(row['symlinks']),
    bytes: number(row['bytes']),
    newestMs: numberOrNull(row['newest_ms']),
  }
}

/**
 * Brings the sums of all directories up to date with one commit.
 *
 * Every changed entry is first taken out of where it was, then put where it
 * now is, a directory each time with all that lies in it. In between it is the
 * top of a tree of its own, so neither the order nor how many directories of
 * one another move at once makes a difference. What lies in a directory that
 * is deleted counts in that one, and in none above.
 */
export function keepDirectorySums(
  db: Connection,
  folder: number,
  { left, arrived, atMs }: { readonly left: readonly Weighed[]; readonly arrived: readonly Weighed[]; atMs: number },
): void {
  const sums = new CommitSums(db, folder, atMs)
  // An entry that stays where it is, is one of its weight there: nothing else of the tree moves with it.
  const after = new Map(arrived.map((entry) => [entry.id, entry]))
  const before = new Map(left.map((entry) => [entry.id, entry]))
  const stays = (a: Weighed, b: Weighed | undefined): boolean => a.parent === b?.parent && a.kind === b.kind
  const going = left.filter((entry) => !stays(entry, after.get(entry.id)))
  const coming = arrived.filter((entry) => !stays(entry, before.get(entry.id)))
  // The table holds where they are now: until they are put there, they are nowhere.
  sums.setApart(coming)
  sums.cut(going)
  sums.graft(coming)
  sums.resize(
    arrived.flatMap((entry) => {
      const old = before.get(entry.id)
      return old !== undefined && stays(entry, old) ? [{ parent: entry.parent, by: entry.size - old.size }] : []
    }),
  )
  sums.save()
}

class CommitSums {
  readonly #db: Connection
  readonly #folder: number
  readonly #atMs: number
  readonly #sums = new Map<EntryId, Counted>()
  readonly #parents = new Map<EntryId, EntryId | null>()

  constructor(db: Connection, folder: number, atMs: number) {
    this.#db = db
    this.#folder = folder
    this.#atMs = atMs
  }

  setApart(entries: readonly Weighed[]): void {
    for (const { id, kind } of entries) if (kind === 'directory') this.#parents.set(id, null)
  }

  cut(entries: readonly Weighed[]): void {
    for (const { id, parent, kind } of entries) if (kind === 'directory') this.#parents.set(id, parent)
    this.#add(entries, -1, (id) => this.#parents.set(id, null))
  }

  graft(entries: readonly Weighed[]): void {
    this.#add(entries, 1, (id, parent) => this.#parents.set(id, parent))
  }

  resize(changes: readonly { readonly parent: EntryId; readonly by: number }[]): void {
    const byParent = new Map<EntryId, number>()
    for (const { parent, by } of changes) byParent.set(parent, (byParent.get(parent) ?? 0) + by)
    for (const [parent, bytes] of byParent) this.#lift(parent, { ...NOTHING, bytes })
  }

  save(): void {
    const rows = [...this.#sums].map(([id, { files, directories, symlinks, bytes, newestMs }]) => {
      return [id, files, directories, symlinks, bytes, newestMs]
    })
    if (rows.length > 0) this.#db.run(SAVE, this.#folder, JSON.stringify(rows))
  }

  #add(entries: readonly Weighed[], sign: 1 | -1, hang: (id: EntryId, parent: EntryId) => unknown): void {
    // What holds nothing is summed up by directory first: a thousand files of one commit are one step.
    const leaves = new Map<EntryId, Counted>()
    for (const { parent, kind, size } of entries) {
      if (kind === 'directory') continue
      const sum = leaves.get(parent) ?? { ...NOTHING }
      leaves.set(parent, sum)
      if (kind === 'file') sum.files += sign
      else sum.symlinks += sign
      sum.bytes += sign * size
    }
    for (const [parent, sum] of leaves) this.#lift(parent, sum)
    for (const { id, parent, kind } of entries) {
      if (kind !== 'directory') continue
      const { files, directories, symlinks, bytes } = this.#of(id)
      this.#lift(parent, {
        files: sign * files,
        directories: sign * (directories + 1),
        symlinks: sign * symlinks,
        bytes: sign * bytes,
      })
      hang(id, parent)
    }
  }

  /** Adds to a directory and to all that it is in. */
  #lift(from: EntryId, by: Omit<Counted, 'newestMs'>): void {
    const passed = new Set<EntryId>()
    for (let at: EntryId | null = from; at !== null && !passed.has(at); at = this.#parentOf(at)) {
      passed.add(at)
      const sum = this.#of(at)
      sum.files += by.files
      sum.directories += by.directories
      sum.symlinks += by.symlinks
      sum.bytes += by.bytes
      sum.newestMs = Math.max(sum.newestMs ?? this.#atMs, this.#atMs)
    }
  }

  #of(id: EntryId): Counted {
    const known = this.#sums.get(id)
    if (known !== undefined) return known
    this.#readUp(id)
    return this.#sums.get(id) ?? { ...NOTHING }
  }

  /** Null at the top, and where a deleted directory ends the way up. */
  #parentOf(id: EntryId): EntryId | null {
    if (!this.#parents.has(id)) this.#readUp(id)
    return this.#parents.get(id) ?? null
  }

  /** Reads a directory and all above it in one step; what this commit changed already stays as it is. */
  #readUp(from: EntryId): void {
    for (const row of this.#db.all(READ_UP, this.#folder, from)) {
      const id = text<EntryId>(row['id'])
      if (!this.#parents.has(id)) this.#parents.set(id, textOrNull<EntryId>(row['above']))
      if (!this.#sums.has(id)) this.#sums.set(id, { ...sumsOf(row) })
    }
  }
}

/** No tree is deeper; ends the way up through one that a fault has closed into a ring. */
const MAX_DEPTH = 1024
const ABOVE = "SELECT parent FROM entries WHERE folder = ?1 AND deleted = 0 AND kind = 'directory' AND id ="
const READ_UP = `
  WITH RECURSIVE up (id, above, depth) AS (
    SELECT ?2, (${ABOVE} ?2), 0
    UNION ALL SELECT up.above, (${ABOVE} up.above), up.depth + 1 FROM up
    WHERE up.above IS NOT NULL AND up.depth < ${MAX_DEPTH}
  )
  SELECT up.id, up.above, ${COLUMNS} FROM up LEFT JOIN directory_sums s ON s.folder = ?1 AND s.id = up.id`
const SAVE = `
  INSERT INTO directory_sums (folder, id, ${COLUMNS})
  SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 FROM json_each(?2) WHERE true
  ON CONFLICT (folder, id) DO UPDATE SET files = excluded.files, directories = excluded.directories,
    symlinks = excluded.symlinks, bytes = excluded.bytes, newest_ms = excluded.newest_ms`

const NOTHING: Counted = { files: 0, directories: 0, symlinks: 0, bytes: 0, newestMs: null }
