import { hash as hashOf } from 'node:crypto'
import { DigestSums, entryDigest, type DigestedEntry } from '@causeway/engine'
import type { EntryId } from '@causeway/protocol'
import type { BeliefPage } from '../replica-state.ts'

/** Past this many changes, counting anew costs less than remembering what was counted. */
const MOST_CHANGED = 10_000

interface Counted {
  readonly parent: EntryId
  readonly digest: Uint8Array
}

/** What the sums are taken over. */
export interface Beliefs {
  believed(id: EntryId): DigestedEntry | undefined
  believedAfter(after: string, limit: number): BeliefPage
}

/**
 * Sums over what a node believes the folder to hold. Nothing is done before
 * somebody asks; from then on only what changes is looked at, once between two
 * questions however often it changed.
 */
export class BeliefSums {
  readonly #beliefs: Beliefs
  #sums = new DigestSums()
  /** The sums hold the entries up to this id; null once they hold all, undefined before anything was counted. */
  #counted: EntryId | '' | null | undefined
  /** What changed since, as it was counted; null for what was not there. */
  readonly #changed = new Map<EntryId, Counted | null>()

  constructor(beliefs: Beliefs) {
    this.#beliefs = beliefs
  }

  /** To be called before anything that is believed of an entry changes. */
  changing(id: EntryId): void {
    if (this.#counted === undefined || this.#changed.has(id)) return
    if (this.#counted !== null && id > this.#counted) return
    if (this.#changed.size < MOST_CHANGED) this.#changed.set(id, this.#countedNow(id))
    else this.forget()
  }

  /** What was counted no longer holds: the next question begins anew. */
  forget(): void {
    this.#sums = new DigestSums()
    this.#counted = undefined
    this.#changed.clear()
  }

  /** Counts up to `most` further entries, or as many that changed. The sums, once nothing is left to count. */
  count(most: number): DigestSums | undefined {
    if (this.#counted === undefined) this.#counted = ''
    if (this.#counted === null) this.#countChanged(most)
    else this.#countPage(this.#counted, most)
    return this.#counted === null && this.#changed.size === 0 ? this.#sums.copy() : undefined
  }

  #countPage(after: EntryId | '', most: number): void {
    const { entries, next } = this.#beliefs.believedAfter(after, most)
    for (const entry of entries) this.#sums.add(entry.parent, digestOf(entry))
    this.#counted = next
  }

  #countChanged(most: number): void {
    let left = most
    for (const [id, before] of this.#changed) {
      if (left-- === 0) return
      const now = this.#countedNow(id)
      if (before !== null) this.#sums.remove(before.parent, before.digest)
      if (now !== null) this.#sums.add(now.parent, now.digest)
      this.#changed.delete(id)
    }
  }

  #countedNow(id: EntryId): Counted | null {
    const entry = this.#beliefs.believed(id)
    return entry === undefined ? null : { parent: entry.parent, digest: digestOf(entry) }
  }
}

function digestOf(entry: DigestedEntry): Uint8Array {
  return entryDigest((text) => hashOf('sha256', text, 'buffer'), entry)
}
