import { hash } from 'node:crypto'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { buildConnector, Dispatcher1Wrapper, Pool } from 'undici'
import WebSocket, { type ClientOptions } from 'ws'
import { OTHER_KEY, SyncError, type KeyPin } from '@causeway/protocol'

/** Where a coordinator is, and how it shows that it is the one. */
export interface Address {
  /** Its origin. */
  readonly url: string
  /** The TLS keys it may show. Without any, its certificate must be one that this machine trusts. */
  readonly pins?: readonly KeyPin[] | undefined
}

/**
 * Makes every connection to one coordinator. Where there are pins, nothing
 * else counts: no authority's word, no name, no date, and above all no
 * connection without TLS. Nothing is sent before the key was checked.
 */
export interface Dialler {
  readonly url: string
  /** The keys that the coordinator may show; empty where certificates are checked as usual. */
  readonly pins: readonly KeyPin[]
  /** What counts for connections from now on. */
  repin(pins: readonly KeyPin[]): void
  /** Connections for HTTP, kept alive: the caller's to close. */
  pool(options: Omit<Pool.Options, 'connect'> & { readonly connectTimeoutMs: number }): Pool
  openWebSocket(path: string, options: ClientOptions & { readonly handshakeTimeout: number }): WebSocket
  /** For the REST client. Each call has a connection of its own, so that there is nothing to close. */
  readonly fetch: typeof fetch
}

const REST_CONNECT_MS = 10_000

/** Throws `not-allowed` for pins at an address without TLS. */
export function createDialler({ url, pins: given = [] }: Address): Dialler {
  const { origin, protocol, host, hostname, port } = new URL(url)
  let pins = checked(given)

  function checked(next: readonly KeyPin[]): readonly KeyPin[] {
    if (next.length === 0 || protocol === 'https:') return next
    throw new SyncError(
      'not-allowed',
      `${url} is without TLS, and the coordinator's key is pinned: it must begin with https:`,
    )
  }

  /** Looks at the pins when a connection has been made, not when the pool was. */
  function connector(timeout: number): buildConnector.connector {
    const usual = buildConnector({ ...TLS, timeout })
    // A resumed session would not show its key again.
    const unchecked = buildConnector({ ...TLS, timeout, rejectUnauthorized: false, maxCachedSessions: 0 })
    return (options, callback) => {
      if (pins.length === 0) return usual(options, callback)
      return unchecked(options, (...[error, socket]) => {
        if (error !== null) return callback(error, null)
        if (isPinned(socket, pins)) return callback(null, socket)
        socket.destroy()
        callback(Object.assign(new Error(`${host} showed another key`), { code: OTHER_KEY }), null)
      })
    }
  }

  return {
    url,
    get pins() {
      return pins
    },
    repin(next) {
      pins = checked(next)
    },
    pool: ({ connectTimeoutMs, ...options }) => new Pool(origin, { ...options, connect: connector(connectTimeoutMs) }),
    openWebSocket(path, options) {
      const address = new URL(path, url)
      address.protocol = protocol === 'https:' ? 'wss:' : 'ws:'
      const connect = connector(options.handshakeTimeout)
      const target = { protocol, host, hostname: hostname.replace(/^\[|\]$/g, ''), port }
      const agent = protocol === 'https:' ? new HttpsAgent() : new HttpAgent()
      agent.createConnection = (_, created) => {
        // Beside an error nobody looks at the stream.
        connect(target, (...[error, socket]) => created?.(error, socket ?? new Duplex()))
        return undefined
      }
      return new WebSocket(address, { ...options, agent })
    },
    fetch: (input, init) => {
      const pool = new Pool(origin, { connect: connector(REST_CONNECT_MS), pipelining: 0 })
      return fetch(input, Object.assign({}, init, { dispatcher: new Dispatcher1Wrapper(pool) }))
    },
  }
}

const TLS = { allowH2: false, noDelay: true, minVersion: 'TLSv1.2' } as const

function isPinned(socket: unknown, pins: readonly KeyPin[]): boolean {
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
  if (certificate === undefined) return false
  const key = certificate.publicKey.export({ type: 'spki', format: 'der' })
  const shown = hash('sha256', key, 'base64url')
  return pins.some((pin) => pin === shown)
}
