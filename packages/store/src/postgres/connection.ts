import { hash } from 'node:crypto'
import { SyncError } from '@causeway/protocol'
import type { ClientBase, QueryResult } from 'pg'
import type { Row } from '../sqlite/connection.ts'
import { postgresError } from './postgres-error.ts'

export type Value = string | number | Uint8Array | null | readonly (string | number | Uint8Array | null)[]

/**
 * One transaction's way to the database. Statements go out at once, also while
 * earlier ones are being answered, and run in the order in which they were
 * asked for: what does not need one another's answer costs one round trip
 * together. Every failure is a `SyncError`.
 */
export class Connection {
  readonly #client: ClientBase
  #failure: unknown
  #isOpen = true

  constructor(client: ClientBase) {
    this.#client = client
  }

  /** What the database first said no to, as it said it. Whatever was asked for afterwards is lost as well. */
  get failure(): unknown {
    return this.#failure
  }

  /** Refuses every further call. */
  end(): void {
    this.#isOpen = false
  }

  async all(sql: string, ...values: Value[]): Promise<Row[]> {
    return (await this.#query('read from the database', sql, values)).rows
  }

  async get(sql: string, ...values: Value[]): Promise<Row | undefined> {
    return (await this.all(sql, ...values))[0]
  }

  /** Returns how many rows were changed. */
  async run(sql: string, ...values: Value[]): Promise<number> {
    return (await this.#query('write to the database', sql, values)).rowCount ?? 0
  }

  /** Inserts rows of equally many values. `types` are those of the columns, in their order; `tail` follows the rows. */
  async insert(
    table: string,
    types: Readonly<Record<string, string>>,
    rows: readonly (readonly (string | number | Uint8Array | null)[])[],
    tail = '',
  ): Promise<number> {
    if (rows.length === 0) return 0
    const names = Object.keys(types).map((name) => `"${name}"`)
    const arrays = Object.values(types).map((type, at) => `$${at + 1}::${type}[]`)
    const columns = names.map((_, at) => rows.map((row) => row[at] ?? null))
    const sql = `INSERT INTO ${table} (${names.join(', ')}) SELECT * FROM unnest(${arrays.join(', ')}) ${tail}`
    return this.run(sql, ...columns)
  }

  async #query(attempt: string, text: string, values: Value[]): Promise<QueryResult<Row>> {
    if (!this.#isOpen) throw new SyncError('internal', 'a transaction was used after its work had ended')
    try {
      return await this.#client.query<Row>({ name: nameOf(text), text, values })
    } catch (cause) {
      this.#failure ??= cause
      throw postgresError(attempt, cause)
    }
  }
}

const names = new Map<string, string>()

/** Statements are prepared once a connection, under a name that the server takes whole. */
function nameOf(text: string): string {
  const known = names.get(text)
  if (known !== undefined) return known
  const name = hash('sha1', text, 'base64')
  names.set(text, name)
  return name
}
