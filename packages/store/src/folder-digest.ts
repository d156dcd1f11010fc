import { hash as hashOf } from 'node:crypto'
import { DigestSums, entryDigest } from '@causeway/engine'
import type { EntryState } from '@causeway/protocol'

const sha256 = (text: string): Uint8Array => hashOf('sha256', text, 'buffer')

/** What is stored of a folder's digest. */
export interface StoredDigest {
  readonly sums: Uint8Array
  /** The sums hold the entries up to this id; null once they hold all. */
  readonly counted: string | null
}

/**
 * A folder's digest within a transaction: what its row says, changed as
 * entries come and go. A folder without a row has not been asked about yet, and
 * costs nothing; from its first question on it is counted page by page, and
 * what was counted already is kept up.
 */
export class FolderDigest {
  readonly #sums: DigestSums
  #counted: string | null
  #isChanged: boolean

  private constructor(sums: DigestSums, counted: string | null, isChanged: boolean) {
    this.#sums = sums
    this.#counted = counted
    this.#isChanged = isChanged
  }

  static open({ sums, counted }: StoredDigest): FolderDigest {
    return new FolderDigest(DigestSums.fromBytes(sums), counted, false)
  }

  /** Nothing is counted yet, or any more. */
  static begin(): FolderDigest {
    return new FolderDigest(new DigestSums(), '', true)
  }

  /** The sums over all live entries; undefined until they are counted. */
  get sums(): DigestSums | undefined {
    return this.#counted === null ? this.#sums : undefined
  }

  /** Behind which id the next entries are to be counted; null once all are. */
  get counted(): string | null {
    return this.#counted
  }

  leaves(state: EntryState): void {
    if (state.deleted || !this.#covers(state.id)) return
    this.#sums.remove(state.parent, entryDigest(sha256, state))
    this.#isChanged = true
  }

  arrives(state: EntryState): void {
    if (state.deleted || !this.#covers(state.id)) return
    this.#sums.add(state.parent, entryDigest(sha256, state))
    this.#isChanged = true
  }

  /** Counts the next entries by id, of which `most` were asked for. */
  count(states: readonly EntryState[], most: number): void {
    this.#counted = states.length < most ? null : (states.at(-1)?.id ?? null)
    for (const state of states) this.arrives(state)
    this.#isChanged = true
  }

  /** What is to be stored; undefined where nothing has changed. */
  get changed(): StoredDigest | undefined {
    return this.#isChanged ? { sums: this.#sums.toBytes(), counted: this.#counted } : undefined
  }

  #covers(id: string): boolean {
    return this.#counted === null || id <= this.#counted
  }
}
