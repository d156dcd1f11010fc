import { EMPTY_VECTOR, type BaseEntry, type BaseView } from '@causeway/engine'
import { ROOT_ID, type EntryId } from '@causeway/protocol'
import { ASIDE_DIRECTORY } from './disk/relative-path.ts'

/** The parent of entries that stepped aside. No entry has this id: it has a form of its own. */
export const ASIDE_ID = '.aside' as EntryId

/** A directory of the base by which paths to what stepped aside are made like any other. */
const ASIDE: BaseEntry = {
  id: ASIDE_ID,
  parent: ROOT_ID,
  name: ASIDE_DIRECTORY,
  placeVector: EMPTY_VECTOR,
  content: { kind: 'directory', mode: 0o700 },
  contentVector: EMPTY_VECTOR,
  existenceVector: EMPTY_VECTOR,
  seq: 0,
  stat: { kind: 'directory', size: 0, mode: 0o700, mtimeNs: 0n, ctimeNs: 0n, inode: 0n, birthtimeNs: 0n, device: 0n },
  racy: false,
}

/**
 * The base tree under the changes of an apply that is still under way. The
 * state on disk is written only once what was placed is durable.
 */
export class BaseOverlay implements BaseView {
  readonly #under: BaseView
  readonly #entries = new Map<EntryId, BaseEntry | null>()
  /** What was read from below: nobody else writes there meanwhile. */
  readonly #read = new Map<EntryId, BaseEntry | undefined>()
  readonly #places = new Map<EntryId, Map<string, EntryId | null>>()

  constructor(under: BaseView) {
    this.#under = under
  }

  base(id: EntryId): BaseEntry | undefined {
    if (id === ASIDE_ID) return ASIDE
    const changed = this.#entries.get(id)
    return changed === undefined ? this.#below(id) : (changed ?? undefined)
  }

  baseAt(parent: EntryId, name: string): BaseEntry | undefined {
    const changed = this.#places.get(parent)?.get(name)
    if (changed !== undefined) return changed === null ? undefined : this.base(changed)
    // A directory that came just now holds nothing but what came after it.
    if (this.#entries.has(parent) && this.#below(parent) === undefined) return undefined
    return this.#under.baseAt(parent, name)
  }

  baseChildren(parent: EntryId): readonly BaseEntry[] {
    const changed = this.#places.get(parent)
    const children = new Map(this.#under.baseChildren(parent).map((child) => [child.name, child]))
    for (const [name, id] of changed ?? []) {
      const child = id === null ? undefined : this.base(id)
      if (child === undefined) children.delete(name)
      else children.set(name, child)
    }
    return [...children.values()]
  }

  baseByInode(device: bigint, inode: bigint, birthtimeNs: bigint): readonly BaseEntry[] {
    return this.#under.baseByInode(device, inode, birthtimeNs)
  }

  put(entry: BaseEntry): void {
    this.#vacate(entry.id)
    this.#entries.set(entry.id, entry)
    this.#setPlace(entry.parent, entry.name, entry.id)
  }

  remove(id: EntryId): void {
    this.#vacate(id)
    this.#entries.set(id, null)
  }

  /** What changed: `null` for entries that are gone. */
  changes(): ReadonlyMap<EntryId, BaseEntry | null> {
    return this.#entries
  }

  #below(id: EntryId): BaseEntry | undefined {
    const known = this.#read.get(id)
    if (known !== undefined || this.#read.has(id)) return known
    const found = this.#under.base(id)
    this.#read.set(id, found)
    return found
  }

  #vacate(id: EntryId): void {
    const before = this.base(id)
    if (before !== undefined && this.baseAt(before.parent, before.name)?.id === id) {
      this.#setPlace(before.parent, before.name, null)
    }
  }

  #setPlace(parent: EntryId, name: string, id: EntryId | null): void {
    const names = this.#places.get(parent) ?? new Map<string, EntryId | null>()
    this.#places.set(parent, names)
    names.set(name, id)
  }
}
