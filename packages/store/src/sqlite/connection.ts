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

function guard<T>(attempt: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw sqliteError(attempt, cause)
  }
}
