import { hash } from 'node:crypto'
import { isSyncError } from '@causeway/protocol'
import pg from 'pg'
import { databaseAddress, type DatabaseAddress } from './database-url.ts'
import { pause } from './pause.ts'
import { openingError } from './postgres-error.ts'

/** Short words between all processes that have one open on the same tables. */
export interface PostgresChannel {
  /** Says something to all others, soon. It may be lost, or come more than once; what is said twice at once is said once. */
  publish(text: string): void
  /** Returns the way to stop listening. */
  subscribe(listener: ChannelListener): () => void
  close(): Promise<void>
}

export interface ChannelListener {
  /** Another process said something. What this one said does not come back. */
  heard(text: string): void
  /** The connection was lost and is there again: anything may have been said meanwhile. */
  missed(): void
}

export interface PostgresChannelOptions {
  readonly url: string
  /** Names this process among all others. */
  readonly instance: string
  /** Told when the connection is lost, or can't be had again yet. */
  readonly onTrouble?: (error: unknown) => void
}

/** The server takes less than 8,000 bytes. */
const MOST_BYTES = 7500
/** So many different words wait for a lost connection; whoever comes back looks at everything anyway. */
const MOST_WAITING = 10_000
const LONGEST_PAUSE_MS = 5_000
/** A connection that nobody uses may be gone without a word. */
const TRIED_EVERY_MS = 15_000
const ANSWER_TIMEOUT_MS = 10_000

/** Opens a connection that listens, and finds another one whenever it breaks. Throws where the first can't be had. */
export async function openPostgresChannel(options: PostgresChannelOptions): Promise<PostgresChannel> {
  const address = databaseAddress(options.url)
  const channel = new ListeningChannel(address, options)
  await channel.open()
  return channel
}

class ListeningChannel implements PostgresChannel {
  readonly #address: DatabaseAddress
  readonly #instance: string
  readonly #channel: string
  readonly #onTrouble: (error: unknown) => void
  readonly #listeners = new Set<ChannelListener>()
  readonly #waiting = new Set<string>()
  readonly #closing = new AbortController()
  #client: pg.Client | undefined
  #sending: Promise<void> | undefined
  #keeping: Promise<void> | undefined

  constructor(address: DatabaseAddress, { instance, onTrouble = () => undefined }: PostgresChannelOptions) {
    this.#address = address
    this.#instance = instance
    // One a schema; names may be 63 bytes long.
    this.#channel = `causeway_${hash('sha1', address.schema, 'hex')}`
    this.#onTrouble = onTrouble
  }

  async open(): Promise<void> {
    this.#client = await this.#connect()
    this.#keeping = this.#keep()
  }

  publish(text: string): void {
    const message = JSON.stringify([this.#instance, text])
    if (Buffer.byteLength(message) > MOST_BYTES || this.#waiting.size >= MOST_WAITING) return
    this.#waiting.add(message)
    this.#sending ??= this.#send()
  }

  subscribe(listener: ChannelListener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#sending
    await this.#client?.end().catch(() => undefined)
    await this.#keeping
  }

  /** All that has come together while the last was being sent goes in one statement. */
  async #send(): Promise<void> {
    // What is said in the same turn goes together.
    await Promise.resolve()
    while (this.#waiting.size > 0 && this.#client !== undefined) {
      const messages = [...this.#waiting]
      this.#waiting.clear()
      try {
        await this.#client.query('SELECT pg_notify($1, said) FROM unnest($2::text[]) AS said', [
          this.#channel,
          messages,
        ])
      } catch {
        // The connection is gone: said again over the next one.
        for (const message of messages) this.#waiting.add(message)
        break
      }
    }
    this.#sending = undefined
  }

  /** Keeps the connection up until the channel is closed. */
  async #keep(): Promise<void> {
    const closing = this.#closing.signal
    while (!closing.aborted) {
      const client = this.#client
      if (client !== undefined) {
        await brokenOrTried(client, closing)
        continue
      }
      for (let tries = 0; this.#client === undefined && !closing.aborted; tries++) {
        await pause(Math.min(50 * 2 ** tries, LONGEST_PAUSE_MS), closing)
        this.#client = await this.#connect().catch((error: unknown) => {
          this.#onTrouble(error)
          return undefined
        })
      }
      if (closing.aborted) break
      for (const listener of this.#listeners) listener.missed()
      this.#sending ??= this.#send()
    }
    await this.#client?.end().catch(() => undefined)
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.#address.url,
      application_name: 'causeway signals',
      keepAlive: true,
      connectionTimeoutMillis: ANSWER_TIMEOUT_MS,
      query_timeout: ANSWER_TIMEOUT_MS,
    })
    client.on('error', this.#onTrouble)
    client.on('notification', ({ payload = '' }) => this.#hear(payload))
    client.once('end', () => {
      if (this.#client === client) this.#client = undefined
    })
    try {
      await client.connect()
      // Words are worth nothing after a crash: nobody waits for a disk.
      await client.query(`SET synchronous_commit = off; LISTEN ${client.escapeIdentifier(this.#channel)}`)
      return client
    } catch (error) {
      await client.end().catch(() => undefined)
      throw isSyncError(error) ? error : openingError(this.#address.name, error)
    }
  }

  #hear(payload: string): void {
    const said: unknown = parsed(payload)
    if (!Array.isArray(said) || said[0] === this.#instance || typeof said[1] !== 'string') return
    for (const listener of this.#listeners) listener.heard(said[1])
  }
}

/** Resolves when a connection has broken; or after a while, when it has been tried and still answers. */
async function brokenOrTried(client: pg.Client, closing: AbortSignal): Promise<void> {
  const over = new AbortController()
  const end = () => over.abort()
  client.once('end', end)
  try {
    await pause(TRIED_EVERY_MS, AbortSignal.any([over.signal, closing]))
    if (over.signal.aborted || closing.aborted) return
    await client.query('SELECT 1')
  } catch {
    await client.end().catch(() => undefined)
  } finally {
    client.off('end', end)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
