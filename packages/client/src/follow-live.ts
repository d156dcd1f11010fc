import { isSyncError, LiveMessageSchema, type LiveMessage } from '@causeway/protocol'
import { pauseAbout } from './pause.ts'
import type { WebSocketLike } from './web-socket.ts'

export interface LiveOptions {
  /** Called with every message, in order. Events come once each, without a gap, also across lost sockets. */
  message(message: LiveMessage): void
  /** Called when the feed comes up or is lost. `error` says why it can't be had, where that is known. */
  state(state: 'live' | 'lost', error?: unknown): void
  /** The position of the last event that is known already. */
  readonly after: number
  readonly signal: AbortSignal
}

export interface LiveSource {
  open(): WebSocketLike
  /** A plain request: tells by its error whether a socket can be had at all. */
  probe(after: number): Promise<void>
}

const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 5_000

/** Keeps a feed of everything that is told to people; ends with the signal, or rejects where no sign-in stands any more. */
export async function followLive(source: LiveSource, options: LiveOptions): Promise<void> {
  const { signal } = options
  let after = options.after
  let pauseMs = FIRST_PAUSE_MS
  while (!signal.aborted) {
    await oneSocket(source.open(), {
      after,
      signal,
      up() {
        pauseMs = FIRST_PAUSE_MS
        options.state('live')
      },
      take(message) {
        if (message.kind === 'event') {
          if (message.event.position <= after) return
          after = message.event.position
        }
        options.message(message)
      },
    })
    if (signal.aborted) return
    try {
      await source.probe(after)
      options.state('lost')
    } catch (error) {
      options.state('lost', error)
      if (!isSyncError(error, 'offline')) throw error
    }
    await pauseAbout(pauseMs, signal)
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
  }
}

interface OneSocket {
  readonly after: number
  readonly signal: AbortSignal
  up(): void
  take(message: LiveMessage): void
}

/** Resolves when the socket is gone. */
function oneSocket(socket: WebSocketLike, { after, signal, up, take }: OneSocket): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      signal.removeEventListener('abort', end)
      socket.close()
      resolve()
    }
    signal.addEventListener('abort', end, { once: true })
    socket.addEventListener('open', () => {
      socket.send(JSON.stringify({ subscribe: { after } }))
      up()
    })
    socket.addEventListener('message', ({ data }) => {
      const message = LiveMessageSchema.safeParse(parse(data))
      // A newer coordinator may know more kinds.
      if (message.success) take(message.data)
    })
    socket.addEventListener('close', end)
    socket.addEventListener('error', end)
  })
}

function parse(data: unknown): unknown {
  try {
    return JSON.parse(String(data))
  } catch {
    return undefined
  }
}
