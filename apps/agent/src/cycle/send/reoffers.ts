import type { EntryId, EntryState } from '@causeway/protocol'

/** States that the coordinator turned out to have lost, until it has answered. */
export class Reoffers {
  readonly #states = new Map<EntryId, EntryState>()

  get isEmpty(): boolean {
    return this.#states.size === 0
  }

  get states(): readonly EntryState[] {
    return [...this.#states.values()]
  }

  has(id: EntryId): boolean {
    return this.#states.has(id)
  }

  add(lost: EntryState): void {
    // Where in this log it will be is not known, and nothing that is sent is at 0.
    this.#states.set(lost.id, { ...lost, seq: Math.max(lost.seq, 1) })
  }

  answered(id: EntryId): void {
    this.#states.delete(id)
  }

  /** Takes out what was deleted: it is not offered. */
  takeTombstones(): readonly EntryState[] {
    const tombstones = this.states.filter(({ deleted }) => deleted)
    for (const { id } of tombstones) this.#states.delete(id)
    return tombstones
  }

  /** What is lost turns out when the log was read again. */
  clear(): void {
    this.#states.clear()
  }
}
