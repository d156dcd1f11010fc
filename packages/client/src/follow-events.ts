import { isSyncError, LiveMessageSchema, type HistoryEvent } from '@causeway/protocol'
import { pauseAbout } from './pause.ts'
import type { WebSocketLike } from './web-socket.ts'

export interface EventsOptions {
  /** The position of the last event that is known already; 0 for all. */
  readonly after: number
  readonly folder?: string
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal
}

export interface EventSource {
  open(): WebSocketLike
  /** A plain request for what comes after: tells by its error whether a socket can be had at all. */
  probe(after: number): Promise<void>
}

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000

/** One socket after another; the cursor moves with every event handed on. */
export async function* followEvents(
  source: EventSource,
  { after, folder, signal }: EventsOptions,
): AsyncIterable<HistoryEvent> {
  let cursor = after
  let pauseMs = FIRST_PAUSE_MS
  const stopped = () => signal?.aborted === true
  while (!stopped()) {
    const socket = listenOn(source.open(), { after: cursor, folder, signal })
    try {
      for (;;) {
        const event = await socket.next()
        if (event === undefined) break
        pauseMs = FIRST_PAUSE_MS
        // A socket that repeats itself must not make us do so.
        if (event.position <= cursor) continue
        cursor = event.position
        yield event
      }
    } finally {
      socket.close()
    }
    if (stopped()) return
    try {
      await source.probe(cursor)
    } catch (error) {
      if (!isSyncError(error, 'offline')) throw error
    }
    await pauseAbout(pauseMs, signal)
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
  }
}

interface Listening {
  /** The next event; `undefined` once the socket is gone. */
  next(): Promise<HistoryEvent | undefined>
  close(): void
}

function listenOn(
  socket: WebSocketLike,
  { after, folder, signal }: { after: number; folder: string | undefined; signal: AbortSignal | undefined },
): Listening {
  const queue: HistoryEvent[] = []
  let ended = false
  let wake: (() => void) | undefined

  function end(): void {
    ended = true
    wake?.()
  }

  function take(data: unknown): void {
    const message = LiveMessageSchema.safeParse(parse(data))
    // Other kinds are not for this reader, and a newer coordinator may know more of them.
    if (!message.success || message.data.kind !== 'event') return
    queue.push(message.data.event)
    wake?.()
  }

  socket.addEventListener('open', () => socket.send(JSON.stringify({ subscribe: { after, folder } })))
  socket.addEventListener('message', ({ data }) => take(data))
  socket.addEventListener('close', end)
  socket.addEventListener('error', end)
  signal?.addEventListener('abort', end, { once: true })

  return {
    async next() {
      while (queue.length === 0 && !ended) {
        await new Promise<void>((resolve) => (wake = resolve))
      }
      return signal?.aborted === true ? undefined : queue.shift()
    },
    close() {
      signal?.removeEventListener('abort', end)
      socket.close()
    },
  }
}

function parse(data: unknown): unknown {
  try {
    return JSON.parse(String(data))
  } catch {
    return undefined
  }
}
