import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite'
import { sqliteError } from './sqlite-error.ts'

export type Row = Record<string, SQLOutputValue>

/** One database connection that prepares each statement once. Every failure is a `SyncError`. */
export class Connection {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(path: string, options: { readOnly: boolean; busyTimeoutMs: number }) {
    this.#database = guard(`open the database ${path}`, () => {
      return new DatabaseSync(path, { readOnly: options.readOnly, timeout: options.busyTimeoutMs })
    })
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction
  }

  /** A function that statements may call by this name. */
  define(name: string, compute: (cell: SQLOutputValue) => SQLInputValue): void {
    this.#database.function(name, { deterministic: true }, compute)
  }

  exec(sql: string): void {
    guard('run a database command', () => this.#database.exec(sql))
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return guard('read from the database', () => this.#statement(sql).get(...values))
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return guard('read from the database', () => this.#statement(sql).all(...values))
  }

  run(sql: string, ...values: SQLInputValue[]): { changes: number; lastRowId: number } {
    const result = guard('write to the database', () => this.#statement(sql).run(...values))
    return { changes: Number(result.changes), lastRowId: Number(result.lastInsertRowid) }
  }

  /**
   * Inserts rows of equally many values: `head` up to and with VALUES, `tail`
   * what follows the rows. Many a statement, as each costs as much as a row.
   * Returns the id of the last.
   */
  insert(head: string, rows: readonly (readonly SQLInputValue[])[], tail = ''): number {
    const row = `(${rows[0]?.map(() => '?').join(', ') ?? ''})`
    const many = `${head} ${Array.from({ length: ROWS_A_STATEMENT }, () => row).join(', ')} ${tail}`
    const one = `${head} ${row} ${tail}`
    let last = 0
    let at = 0
    while (at < rows.length) {
      const isMany = rows.length - at >= ROWS_A_STATEMENT
      const count = isMany ? ROWS_A_STATEMENT : 1
      last = this.run(isMany ? many : one, ...rows.slice(at, at + count).flat()).lastRowId
      at += count
    }
    return last
  }

  close(): void {
    this.#statements.clear()
    if (this.#database.isOpen) this.#database.close()
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known) return known
    const statement = this.#database.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}

const ROWS_A_STATEMENT = 16

function guard<T>(attempt: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw sqliteError(attempt, cause)
  }
}
