import type { EntryId } from '@causeway/protocol'
import type { BaseEntry } from '../replica-state.ts'

/** Enough for the directories of a large tree; about a kilobyte each. */
const MOST = 4096

/**
 * Directories of the base as they were last read. Every path is walked
 * through them, so that each is asked for as often as there are entries below
 * it.
 */
export class DirectoryCache {
  readonly #entries = new Map<EntryId, BaseEntry>()
  readonly #places = new Map<string, BaseEntry>()

  get(id: EntryId): BaseEntry | undefined {
    return this.#entries.get(id)
  }

  at(parent: EntryId, name: string): BaseEntry | undefined {
    return this.#places.get(placeOf(parent, name))
  }

  /** Takes in what the database said of an id, or (`isAtPlace`) of a place; whatever is no directory is not kept. */
  note(entry: BaseEntry, isAtPlace: boolean): void {
    if (entry.content.kind !== 'directory') return
    if (this.#entries.size >= MOST) this.clear()
    this.#entries.set(entry.id, entry)
    if (isAtPlace) this.#places.set(placeOf(entry.parent, entry.name), entry)
  }

  /** The entry is about to change; where it is put, that is its new state. */
  forget(id: EntryId, next?: BaseEntry): void {
    if (next !== undefined) this.#places.delete(placeOf(next.parent, next.name))
    const known = this.#entries.get(id)
    if (known === undefined) return
    this.#entries.delete(id)
    this.#places.delete(placeOf(known.parent, known.name))
  }

  clear(): void {
    this.#entries.clear()
    this.#places.clear()
  }
}

function placeOf(parent: EntryId, name: string): string {
  return `${parent}/${name}`
}
