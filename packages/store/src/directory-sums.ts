import type { EntryId, EntryKind } from '@causeway/protocol'
import type { DirectorySums } from './metadata-store.ts'

/** What an entry is to the directories above it. */
export interface Weighed {
  readonly id: EntryId
  readonly parent: EntryId
  readonly kind: EntryKind
  /** Bytes of a file, else 0. */
  readonly size: number
}

/** What one commit took from directories and what it brought. */
export interface WeighedChange {
  readonly left: readonly Weighed[]
  readonly arrived: readonly Weighed[]
  readonly atMs: number
}

/** A directory, the one that it is in (null at the top and where it is deleted), and what is stored of its sums. */
export interface DirectoryAbove {
  readonly id: EntryId
  readonly above: EntryId | null
  readonly sums: DirectorySums
}

/** Reads a directory and all above it. What the commit changed itself may be as it was before. */
export type ReadUp = (from: EntryId) => Iterable<DirectoryAbove>

/**
 * The sums of all directories that one commit changes, as they are after it.
 *
 * Every changed entry is first taken out of where it was, then put where it
 * now is, a directory each time with all that lies in it. In between it is the
 * top of a tree of its own, so neither the order nor how many directories of
 * one another move at once makes a difference. What lies in a directory that
 * is deleted counts in that one, and in none above.
 */
export function sumCommit({ left, arrived, atMs }: WeighedChange, readUp: ReadUp): ReadonlyMap<EntryId, DirectorySums> {
  const sums = new CommitSums(readUp, atMs)
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
  return sums.changed
}

type Counted = { -readonly [Field in keyof DirectorySums]: DirectorySums[Field] }

class CommitSums {
  readonly #read: ReadUp
  readonly #atMs: number
  readonly #sums = new Map<EntryId, Counted>()
  readonly #parents = new Map<EntryId, EntryId | null>()

  constructor(read: ReadUp, atMs: number) {
    this.#read = read
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

  get changed(): ReadonlyMap<EntryId, DirectorySums> {
    return this.#sums
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
    for (const { id, above, sums } of this.#read(from)) {
      if (!this.#parents.has(id)) this.#parents.set(id, above)
      if (!this.#sums.has(id)) this.#sums.set(id, { ...sums })
    }
  }
}

const NOTHING: Counted = { files: 0, directories: 0, symlinks: 0, bytes: 0, newestMs: null }
