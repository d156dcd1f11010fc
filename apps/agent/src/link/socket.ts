import type { Socket } from 'node:net'
import WebSocket from 'ws'
import {
  LIMITS,
  LINK_VERSION,
  ROUTES,
  SyncError,
  encode,
  foreignAnswer,
  isSyncError,
  unreachableReason,
  type CoordinatorMessage,
  type NodeMessage,
} from '@causeway/protocol'
import { systemRandom } from '@causeway/time'
import { createBackoff } from './backoff.ts'
import type { Dialler } from './dialler.ts'
import type { Session } from './session.ts'
import { unpackSocketMessage } from './socket-message.ts'

/** What a node hears over its socket. Called one after the other, in the order of arrival. */
export interface SocketListener {
  /** The link stands: say again what is to be followed. */
  up(): void
  down(error: SyncError): void
  message(message: Exclude<CoordinatorMessage, { kind: 'welcome' }>): void
  /** A message could not be read; the link stands. Whatever it told must be asked for. */
  unreadable(error: SyncError): void
}

/** The node's standing connection: it reconnects by itself until it is stopped. */
export interface LinkSocket {
  start(listener: SocketListener): void
  /** Sends if the link stands; otherwise says `false` and sends nothing: `up` is the time to say it again. */
  send(message: NodeMessage): boolean
  readonly isUp: boolean
  stop(): Promise<void>
}

export interface LinkSocketOptions {
  readonly dialler: Dialler
  readonly session: Pick<Session, 'token' | 'forget'>
  readonly random?: () => number
  /** A link over which nothing has come for two of these is taken for dead. */
  readonly heartbeatMs?: number
  /**
   * Called when the link has gone silent, and again when it is back: whatever
   * other connections there are to the coordinator are as dead, and a request
   * that went out meanwhile may wait for an answer that never comes.
   */
  readonly onDead?: () => void
  /** Called when the coordinator has said that it restarts: it, or another one in its place, is back within seconds. */
  readonly onRestart?: () => void
  readonly handshakeTimeoutMs?: number
  readonly reconnect?: { firstMs: number; limitMs: number }
}

/** The close code for a message that can't be taken. */
const REFUSED = 1007
/** The close code of a coordinator that stops and expects its nodes elsewhere, or again. */
const RESTARTS = 1012
/** Nodes that were sent away together come back spread over this. */
const RESTART_SPREAD_MS = 500
const SILENT_BEATS = 2

export function createLinkSocket(options: LinkSocketOptions): LinkSocket {
  const { dialler, session, heartbeatMs = 2_000, handshakeTimeoutMs = 2_500 } = options
  const { url } = dialler
  const random = options.random ?? systemRandom.fraction
  const backoff = createBackoff({ ...(options.reconnect ?? { firstMs: 200, limitMs: 2_000 }), random })

  const restarting = `the coordinator at ${url} is restarting`

  let listener: SocketListener | undefined
  let socket: WebSocket | undefined
  let welcomed = false
  let stopped = false
  let reconnectTimer: NodeJS.Timeout | undefined
  /** The coordinator ended the last link over a message of ours, which may well be sent again. */
  let wasRefused = false
  /** A session that had ended was renewed, and no welcome came since. */
  let hasSignedInAgain = false
  /** The link was lost by silence and is not up again yet. */
  let wasSilent = false

  async function connect(): Promise<void> {
    let token: string
    try {
      token = await session.token()
    } catch (error) {
      lost(isSyncError(error) ? error : new SyncError('offline', 'the sign-in failed', { cause: error }))
      return
    }
    if (stopped) return
    open(token)
  }

  function open(token: string): void {
    const current = dialler.openWebSocket(ROUTES.link.socket.path, {
      headers: { authorization: `Bearer ${token}` },
      handshakeTimeout: handshakeTimeoutMs,
      maxPayload: LIMITS.inflatedBytes,
      perMessageDeflate: false,
    })
    socket = current
    let failure: SyncError | undefined
    let isSessionOver = false
    let wire: Socket | undefined
    let receivedBytes = 0
    let silentBeats = 0
    const heartbeat = setInterval(() => {
      // Whatever comes counts, also a part of a large message on a slow line.
      const received = wire?.bytesRead ?? 0
      silentBeats = received > receivedBytes ? 0 : silentBeats + 1
      receivedBytes = received
      if (silentBeats >= SILENT_BEATS) {
        failure = new SyncError('offline', `the link to ${url} has gone silent`)
        wasSilent = true
        current.terminate()
        return
      }
      if (current.readyState === WebSocket.OPEN) current.ping()
    }, heartbeatMs)

    current.on('upgrade', (response) => (wire = response.socket))
    current.on('message', (data: Buffer) => {
      if (current !== socket) return
      try {
        receive(data)
      } catch (error) {
        failure = isSyncError(error)
          ? error
          : new SyncError('internal', 'a message could not be taken', { cause: error })
        current.terminate()
      }
    })
    current.on('unexpected-response', (_request, response) => {
      const { statusCode = 0, headers } = response
      // The session has ended, or the node was removed: the next sign-in tells which.
      isSessionOver = statusCode === 401
      if (isSessionOver) session.forget(token)
      // A coordinator that stops says when to try again; a proxy without one behind it does not.
      const isRestart = statusCode === 503 && headers['retry-after'] !== undefined
      failure = new SyncError('offline', isRestart ? restarting : foreignAnswer(url, statusCode))
      current.terminate()
    })
    current.on('error', (error) => {
      failure ??= new SyncError('offline', unreachableReason(url, error), { cause: error })
    })
    current.on('close', (code, reason) => {
      clearInterval(heartbeat)
      if (current !== socket) return
      // 4401: the coordinator ended the session.
      if (code === 4401) session.forget(token)
      wasRefused = code === REFUSED
      if (code === RESTARTS) return sentAway()
      if (isSessionOver && !hasSignedInAgain) {
        // As with a request: a coordinator that was restarted may not know the token any more.
        hasSignedInAgain = true
        socket = undefined
        return void connect()
      }
      const why = wasRefused ? `the coordinator can't take a message of this node: ${reason.toString()}` : undefined
      lost(failure ?? new SyncError('offline', why ?? `the link to ${url} was closed (${code})`))
    })
  }

  function receive(data: Buffer): void {
    const message = readMessage(data)
    if (message === null) return
    if (message.kind !== 'welcome') {
      if (!welcomed) throw new SyncError('protocol-mismatch', `${url} began with "${message.kind}"`)
      listener?.message(message)
      return
    }
    if (message.version !== LINK_VERSION) {
      throw new SyncError(
        'protocol-mismatch',
        `${url} speaks link version ${message.version}, this node ${LINK_VERSION}`,
      )
    }
    welcomed = true
    hasSignedInAgain = false
    if (!wasRefused) backoff.reset()
    if (wasSilent) options.onDead?.()
    wasSilent = false
    listener?.up()
  }

  /** Before the welcome, what can't be read is no coordinator of this version; after it, one message. */
  function readMessage(data: Uint8Array): CoordinatorMessage | null {
    try {
      return unpackSocketMessage(data)
    } catch (error) {
      if (!welcomed || !isSyncError(error)) throw error
      listener?.unreadable(error)
      return null
    }
  }

  function sentAway(): void {
    backoff.reset()
    options.onRestart?.()
    lost(new SyncError('offline', restarting), random() * RESTART_SPREAD_MS)
  }

  function lost(error: SyncError, waitMs?: number): void {
    socket = undefined
    welcomed = false
    if (stopped) return
    reconnectTimer = setTimeout(() => void connect(), waitMs ?? backoff.next())
    if (wasSilent) options.onDead?.()
    listener?.down(error)
  }

  return {
    get isUp() {
      return welcomed
    },
    start(events) {
      listener = events
      void connect()
    },
    send(message) {
      if (!welcomed || socket?.readyState !== WebSocket.OPEN) return false
      socket.send(encode(message))
      return true
    },
    async stop() {
      stopped = true
      clearTimeout(reconnectTimer)
      const current = socket
      if (current === undefined || current.readyState === WebSocket.CLOSED) return
      await new Promise<void>((resolve) => {
        const force = setTimeout(() => current.terminate(), 500)
        current.on('close', () => {
          clearTimeout(force)
          resolve()
        })
        current.close(1000)
      })
    },
  }
}
