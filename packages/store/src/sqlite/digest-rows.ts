import { hash as hashOf } from 'node:crypto'
import { DigestSums, entryDigest } from '@causeway/engine'
import type { EntryId, EntryState } from '@causeway/protocol'
import type { Connection } from './connection.ts'
import { STATE_COLUMNS, stateOf } from './rows.ts'
import { bytes, textOrNull } from './values.ts'

const sha256 = (text: string): Uint8Array => hashOf('sha256', text, 'buffer')

/**
 * A folder's digest within a transaction: what its row says, changed as
 * entries come and go. A folder without a row has not been asked about yet, and
 * costs nothing; from its first question on it is counted page by page, and
 * what was counted already is kept up.
 */
export class FolderDigest {
  readonly #db: Connection
  readonly #folder: number
  readonly #sums: DigestSums
  /** The sums hold the entries up to this id; null once they hold all. */
  #counted: string | null
  #isChanged = false

  private constructor(db: Connection, folder: number, row: { sums: DigestSums; counted: string | null }) {
    this.#db = db
    this.#folder = folder
    this.#sums = row.sums
    this.#counted = row.counted
  }

  static open(db: Connection, folder: number): FolderDigest | undefined {
    const row = db.get('SELECT counted, sums FROM digests WHERE folder = ?', folder)
    if (row === undefined) return undefined
    const sums = DigestSums.fromBytes(bytes(row['sums']))
    return new FolderDigest(db, folder, { sums, counted: textOrNull(row['counted']) })
  }

  /** Nothing is counted yet, or any more. */
  static begin(db: Connection, folder: number): FolderDigest {
    const digest = new FolderDigest(db, folder, { sums: new DigestSums(), counted: '' })
    digest.#isChanged = true
    return digest
  }

  /** The sums over all live entries; undefined until they are counted. */
  get sums(): DigestSums | undefined {
    return this.#counted === null ? this.#sums : undefined
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

  /** Counts the next `most` entries. */
  count(most: number): void {
    if (this.#counted === null) return
    const sql = `SELECT ${STATE_COLUMNS} FROM entries WHERE folder = ? AND id > ? ORDER BY id LIMIT ?`
    const states = this.#db.all(sql, this.#folder, this.#counted, most).map(stateOf)
    this.#counted = states.length < most ? null : (states.at(-1)?.id ?? null)
    for (const state of states) this.arrives(state)
    this.#isChanged = true
  }

  save(): void {
    if (!this.#isChanged) return
    const sql = `INSERT INTO digests (folder, counted, sums) VALUES (?, ?, ?)
      ON CONFLICT (folder) DO UPDATE SET counted = excluded.counted, sums = excluded.sums`
    this.#db.run(sql, this.#folder, this.#counted, this.#sums.toBytes())
  }

  #covers(id: EntryId): boolean {
    return this.#counted === null || id <= this.#counted
  }
}
