import { SyncError } from '@causeway/protocol'
import type { MetadataWriter } from '../metadata-store.ts'
import type { Connection } from './connection.ts'
import { Mutex } from '../mutex.ts'
import { SqliteWriter } from './sqlite-writer.ts'

export interface CommitReport {
  /** The writes that shared the commit and were kept. */
  readonly writes: number
}

interface Waiting {
  /** Runs the work; the function it gives back tells the caller the result. */
  readonly attempt: (tx: MetadataWriter) => Promise<() => void>
  readonly fail: (error: unknown) => void
}

/** One commit serves at most this many writes, so that a steady stream can't hold back the first of them. */
const MAX_GROUP = 64

/**
 * Runs writes one after another, in call order, and makes all that wait at
 * once durable with a single commit. Each has a savepoint of its own: one that
 * throws leaves nothing behind and does not hurt the others.
 */
export class GroupCommit {
  readonly #connection: Connection
  readonly #onCommit: ((report: CommitReport) => void) | undefined
  readonly #waiting: Waiting[] = []
  #turns = new Mutex()
  #draining: Promise<void> | undefined
  #closed = false

  constructor(connection: Connection, onCommit?: (report: CommitReport) => void) {
    this.#connection = connection
    this.#onCommit = onCommit
  }

  /** Shares the connection with others that take their turns in the same mutex. */
  takeTurnsIn(turns: Mutex): void {
    this.#turns = turns
  }

  write<T>(work: (tx: MetadataWriter) => Promise<T>): Promise<T> {
    if (this.#closed) {
      return Promise.reject(new SyncError('internal', 'the metadata store was written to after it was closed'))
    }
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({
        attempt: async (tx) => {
          const value = await work(tx)
          return () => resolve(value)
        },
        fail: reject,
      })
      this.#draining ??= this.#drain()
    })
  }

  /** Takes no more writes, and ends when those under way have ended. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#draining
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) await this.#turns.run(() => this.#commitGroup())
    this.#draining = undefined
  }

  async #commitGroup(): Promise<void> {
    const group: Waiting[] = []
    const answers: (() => void)[] = []
    try {
      this.#connection.exec('BEGIN IMMEDIATE')
      while (group.length < MAX_GROUP) {
        const next = this.#waiting.shift()
        if (!next) break
        group.push(next)
        const answer = await this.#runAlone(next)
        if (answer) answers.push(answer)
      }
      this.#connection.exec('COMMIT')
    } catch (error) {
      // Where not even BEGIN went through, all in the line learn why: another wait would hold up the whole process.
      if (group.length === 0) group.push(...this.#waiting.splice(0))
      for (const { fail } of group) fail(error)
      this.#rollBack()
      return
    }
    for (const answer of answers) answer()
    this.#onCommit?.({ writes: answers.length })
  }

  #rollBack(): void {
    try {
      if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK')
    } catch {
      // Then the next BEGIN fails, and tells the next in line.
    }
  }

  /** Answers undefined where the work threw: its caller was told. Throws where the whole group is lost. */
  async #runAlone({ attempt, fail }: Waiting): Promise<(() => void) | undefined> {
    const tx = new SqliteWriter(this.#connection)
    this.#connection.exec('SAVEPOINT one_write')
    try {
      const answer = await attempt(tx)
      tx.end()
      this.#connection.exec('RELEASE one_write')
      return answer
    } catch (error) {
      tx.end()
      // A full disk or a failing one can end the whole transaction, and with it the group.
      if (!this.#connection.inTransaction) throw error
      this.#connection.exec('ROLLBACK TO one_write')
      this.#connection.exec('RELEASE one_write')
      fail(error)
      return undefined
    }
  }
}
