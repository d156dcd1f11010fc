import type { FastifyRequest } from 'fastify'
import WebSocket from 'ws'
import type { SessionEnd } from '../access/sessions.ts'
import { RESTART_CODE, RESTART_REASON } from './drain.ts'

/** A socket with more than this before it is full: nothing is read from it until it has taken half. */
export const FULL_BYTES = 4 * 1024 * 1024
/** A socket with more than this before it is closed, whatever it was that could not wait. */
export const TOO_FULL_BYTES = 2 * FULL_BYTES
/** Messages that wait to be taken; no more are read from a socket then. */
const MOST_WAITING = 32
const HEARTBEAT_MS = 5_000
/** How long a peer may take to answer that it, too, closes. */
const CLOSE_MS = 1_000

/** A WebSocket with both of its queues bounded. */
export interface BoundedSocket {
  /** Closes it instead where it is too full already: whoever was here comes back and asks. */
  send(message: Uint8Array | string): void
  /** True while the network has not taken much of what was given to `send`. */
  readonly isFull: boolean
  /** Resolves once the socket is not full, or is closed. */
  drained(): Promise<void>
  close(code: number, reason: string): void
}

export interface SocketEvents {
  /** Called one after the other, and not while the socket is full. */
  message(data: WebSocket.RawData, isBinary: boolean): Promise<void> | void
  /** A call of `message` failed. */
  failed(error: unknown): void
  closed(): void
  roundTrip?(milliseconds: number): void
}

/**
 * Looks after one peer's socket: it takes messages in turn, stops to read
 * where the peer does not, ends the socket of a peer that has gone silent, and
 * ends it with the session that it came by, or with the coordinator.
 */
export function openBoundedSocket(
  socket: WebSocket,
  request: FastifyRequest,
  listen: (bounded: BoundedSocket) => SocketEvents,
): void {
  const waiting: { readonly data: WebSocket.RawData; readonly isBinary: boolean }[] = []
  let wakers: (() => void)[] = []
  let isTaking = false

  const bounded: BoundedSocket = {
    send(message) {
      if (socket.readyState !== WebSocket.OPEN) return
      if (socket.bufferedAmount > TOO_FULL_BYTES) bounded.close(1013, 'too slow: reconnect')
      else socket.send(message, wakeWhenDrained)
    },
    get isFull() {
      return socket.bufferedAmount > FULL_BYTES
    },
    async drained() {
      if (isOpen() && socket.bufferedAmount > FULL_BYTES) await new Promise<void>((resolve) => wakers.push(resolve))
    },
    close(code, reason) {
      if (!isOpen()) return
      socket.close(code, reason)
      setTimeout(() => socket.terminate(), CLOSE_MS).unref()
    },
  }
  const events = listen(bounded)

  function isOpen(): boolean {
    return socket.readyState === WebSocket.OPEN
  }

  function wakeWhenDrained(): void {
    if (isOpen() && socket.bufferedAmount > FULL_BYTES / 2) return
    const woken = wakers
    wakers = []
    for (const wake of woken) wake()
  }

  async function takeAll(): Promise<void> {
    if (isTaking) return
    isTaking = true
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await bounded.drained()
      if (!isOpen()) break
      try {
        await events.message(next.data, next.isBinary)
      } catch (error) {
        events.failed(error)
      }
    }
    isTaking = false
    if (isOpen()) socket.resume()
  }

  socket.on('message', (data, isBinary) => {
    if (!isOpen()) return
    waiting.push({ data, isBinary })
    if (waiting.length >= MOST_WAITING || socket.bufferedAmount > FULL_BYTES) socket.pause()
    void takeAll()
  })

  const stopHeartbeat = startHeartbeat(socket, request, (milliseconds) => events.roundTrip?.(milliseconds))
  const forget = request.held?.watch({
    ended: (why) => bounded.close(...CLOSED_FOR[request.identity?.kind === 'node' ? why : 'signed-out']),
    // Whoever comes back is sent what they may see now.
    changed: () => bounded.close(1012, 'what you may see has changed: reconnect'),
  })
  const stay = request.server.drain.onSendAway(() => bounded.close(RESTART_CODE, RESTART_REASON))
  socket.on('error', () => socket.terminate())
  socket.on('close', () => {
    stopHeartbeat()
    forget?.()
    stay()
    waiting.length = 0
    wakeWhenDrained()
    events.closed()
  })
}

const CLOSED_FOR: Readonly<Record<SessionEnd, [code: number, reason: string]>> = {
  'signed-out': [4401, 'the session has ended'],
  expired: [4401, 'the session has ended'],
  removed: [4403, 'this node was removed'],
}

/**
 * Ends a socket over which nothing moved between two beats. A peer on a slow
 * line whose answer waits behind much else is alive: bytes arrive, or leave.
 */
function startHeartbeat(
  socket: WebSocket,
  request: FastifyRequest,
  onRoundTrip: (milliseconds: number) => void,
): () => void {
  const { socket: wire } = request.raw
  let hasAnswered = true
  let pingedAt = performance.now()
  let movedBefore = moved()

  /** Bytes that have come, and that have gone. */
  function moved(): number {
    return wire.bytesRead + wire.bytesWritten - wire.writableLength
  }

  function ping(): void {
    hasAnswered = false
    pingedAt = performance.now()
    if (socket.readyState === WebSocket.OPEN && socket.bufferedAmount <= FULL_BYTES) socket.ping()
    movedBefore = moved()
  }

  socket.on('pong', () => {
    if (!hasAnswered) onRoundTrip(performance.now() - pingedAt)
    hasAnswered = true
  })
  const timer = setInterval(() => {
    // What has come and was not read yet, for want of time here, may be the answer.
    const isHeldBack = socket.isPaused && socket.bufferedAmount <= FULL_BYTES
    if (!hasAnswered && !isHeldBack && moved() === movedBefore) socket.terminate()
    else ping()
  }, HEARTBEAT_MS)
  ping()
  return () => clearInterval(timer)
}
