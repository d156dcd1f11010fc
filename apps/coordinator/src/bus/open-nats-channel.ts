import type { SignalChannel } from '@causeway/log'
import type { Random, Sleep } from '@causeway/time'
import type { NatsConnection } from '@nats-io/transport-node'
import type { BusAddress } from './bus-address.ts'
import { createSeal, type Seal } from './seal.ts'

/** Short words between all coordinators of one installation, by a NATS server. */
export interface NatsChannel extends SignalChannel {
  close(): Promise<void>
}

export interface NatsChannelOptions {
  readonly address: BusAddress
  /** Known to all coordinators of the installation, and to nobody else: nobody else can say or read anything. */
  readonly secret: string
  /** Names this run of this process among all others, and was never used before. */
  readonly instance: string
  readonly sleep: Sleep
  readonly random: Pick<Random, 'fraction'>
  /** Told once when the server is gone, or can't be had, until it is there again. */
  readonly onTrouble: (error: unknown) => void
  /** Told when it is there again after a trouble. */
  readonly onBack: () => void
}

interface Link {
  readonly nats: NatsConnection
  /** Resolves when the server has taken all that was said before. */
  readonly flush: () => Promise<void>
}

type Listener = Parameters<SignalChannel['subscribe']>[0]

/** So many different words wait for a server that is away; who comes back looks at everything anyway. */
const MOST_WAITING = 10_000
/** So much goes in one message, where it is several words; servers take a megabyte unless they are told otherwise. */
const MOST_CHARS = 32_768
const LONGEST_PAUSE_MS = 5_000
const CONNECT_TIMEOUT_MS = 3_000
/** A server that does not answer two of these in a row is gone. */
const TRIED_EVERY_MS = 5_000
/** What was said last is still to go out, if it can. */
const LAST_WORDS_MS = 1_000

/** Tries once to reach the server; where that fails, goes on trying without end. */
export async function openNatsChannel(options: NatsChannelOptions): Promise<NatsChannel> {
  const channel = new ReconnectingChannel(options)
  await channel.open()
  return channel
}

class ReconnectingChannel implements NatsChannel {
  readonly #options: NatsChannelOptions
  readonly #seal: Seal
  readonly #subject: string
  readonly #listeners = new Set<Listener>()
  readonly #waiting = new Set<string>()
  readonly #closing = new AbortController()
  #isTroubled = false
  #link: Link | undefined
  #sending: Promise<void> | undefined
  #keeping: Promise<void> | undefined

  constructor(options: NatsChannelOptions) {
    this.#options = options
    this.#seal = createSeal(options.secret, options.instance)
    this.#subject = `causeway.${this.#seal.group}`
  }

  async open(): Promise<void> {
    await this.#try()
    this.#keeping = this.#keep()
  }

  publish(text: string): void {
    if (this.#waiting.size >= MOST_WAITING) return
    this.#waiting.add(text)
    this.#sending ??= this.#send()
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    const enough = new AbortController()
    await Promise.race([this.#sending, this.#wait(LAST_WORDS_MS, enough.signal)])
    enough.abort()
    this.#closing.abort()
    await this.#link?.nats.close()
    await this.#keeping
  }

  /** All that has come together while the last was being sent goes at once. What may not have arrived is said again. */
  async #send(): Promise<void> {
    // What is said in the same turn goes together.
    await Promise.resolve()
    while (this.#waiting.size > 0 && this.#link !== undefined) {
      const { nats, flush } = this.#link
      const texts = [...this.#waiting]
      this.#waiting.clear()
      try {
        for (const batch of batchesOf(texts)) nats.publish(this.#ownSubject, this.#seal.close(JSON.stringify(batch)))
        await flush()
      } catch {
        for (const text of texts) this.#waiting.add(text)
        break
      }
    }
    this.#sending = undefined
  }

  async #keep(): Promise<void> {
    const closing = this.#closing.signal
    for (let tries = 0; !closing.aborted; tries++) {
      if (this.#link !== undefined) {
        const error = await this.#link.nats.closed()
        this.#link = undefined
        if (closing.aborted) return
        this.#trouble(error ?? new Error('the server closed the connection'))
        tries = 0
      }
      // Those whom one server has left do not all come back in the same moment.
      const ms = Math.min(100 * 2 ** tries, LONGEST_PAUSE_MS) * (0.5 + this.#options.random.fraction())
      await this.#wait(ms, closing)
      if (closing.aborted || !(await this.#try())) continue
      for (const listener of this.#listeners) listener.missed()
      this.#sending ??= this.#send()
    }
  }

  /** Returns early where the signal says so. */
  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    await this.#options.sleep(ms, signal).catch(() => undefined)
  }

  /** Whether there is a connection now. */
  async #try(): Promise<boolean> {
    try {
      const link = await this.#connect()
      if (this.#closing.signal.aborted) {
        await link.nats.close()
        return false
      }
      this.#link = link
    } catch (error) {
      this.#trouble(error)
      return false
    }
    if (this.#isTroubled) this.#options.onBack()
    this.#isTroubled = false
    return true
  }

  async #connect(): Promise<Link> {
    // Who uses no bus does not pay for it.
    const { connect } = await import('@nats-io/transport-node')
    const { servers, credentials, tls } = this.#options.address
    const nats = await connect({
      servers: [...servers],
      ...credentials,
      ...(tls && { tls }),
      name: 'causeway',
      noEcho: true,
      // Done here: what waits is bounded, and everybody learns that something may have been missed.
      reconnect: false,
      timeout: CONNECT_TIMEOUT_MS,
      pingInterval: TRIED_EVERY_MS,
      maxPingOut: 2,
    })
    const link = { nats, flush: flushOf(nats) }
    try {
      await this.#listen(link)
      return link
    } catch (error) {
      await nats.close()
      throw error
    }
  }

  /** Throws where the server lets this user not hear or say what coordinators say to one another. */
  async #listen({ nats, flush }: Link): Promise<void> {
    const refusal = Promise.withResolvers<never>()
    refusal.promise.catch(() => undefined)
    nats.subscribe(`${this.#subject}.*`, {
      callback: (error, message) => {
        if (error !== null) refusal.reject(error)
        else this.#hear(message.subject, message.data)
      },
    })
    void (async () => {
      for await (const status of nats.status()) if (status.type === 'error') refusal.reject(status.error)
    })()
    nats.publish(this.#ownSubject)
    await Promise.race([flush(), refusal.promise])
    // A refusal that came before the answer to the flush is told a turn later.
    await Promise.race([this.#options.sleep(1), refusal.promise])
  }

  get #ownSubject(): string {
    return `${this.#subject}.${this.#options.instance}`
  }

  #hear(subject: string, bytes: Uint8Array): void {
    const speaker = subject.slice(this.#subject.length + 1)
    // Through a cluster, what was said over an earlier connection may come back.
    const batch = speaker === this.#options.instance ? undefined : this.#seal.open(speaker, bytes)
    for (const text of batch === undefined ? [] : textsOf(batch)) {
      for (const listener of this.#listeners) listener.heard(text)
    }
  }

  #trouble(error: unknown): void {
    if (this.#isTroubled) return
    this.#isTroubled = true
    this.#options.onTrouble(error)
  }
}

/** Sealing and sending cost the same for many short words as for one. */
function batchesOf(texts: readonly string[]): string[][] {
  const batches: string[][] = []
  let chars = MOST_CHARS
  for (const text of texts) {
    chars += text.length
    if (chars > MOST_CHARS) {
      batches.push([])
      chars = text.length
    }
    batches.at(-1)?.push(text)
  }
  return batches
}

/** Nobody but a coordinator of this installation has sealed it; one of a later version may say other things. */
function textsOf(batch: string): readonly string[] {
  try {
    const said: unknown = JSON.parse(batch)
    return Array.isArray(said) ? said.filter((text) => typeof text === 'string') : []
  } catch {
    return []
  }
}

/** Each flush rejects when the connection is over: the library's own would wait for ever. One at a time. */
function flushOf(nats: NatsConnection): () => Promise<void> {
  let giveUp: (error: Error) => void = () => undefined
  // Once a connection: whatever waits for a promise that lives long is kept as long.
  void nats.closed().then((error) => giveUp(error ?? new Error('the connection was closed')))
  return () =>
    new Promise((resolve, reject) => {
      giveUp = reject
      nats.flush().then(resolve, reject)
    })
}
