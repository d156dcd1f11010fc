import type { RequestListener } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Duplex } from 'node:stream'
import type { ServedTls } from '../ports/served-tls.ts'
import { plainAnswer } from './plain-on-tls.ts'
import { PATIENCE } from './patience.ts'

/** Whoever connects and has not begun by then is cut off. */
const FIRST_BYTE_MS = 10_000
/** How long one that was refused may take to read why. */
const REFUSAL_MS = 5_000
/** The first byte of a TLS connection: a handshake record. */
const HANDSHAKE = 0x16
const MIN_VERSION = 'TLSv1.2'

/**
 * An HTTPS server that is not listening yet. New connections get new
 * credentials as soon as there are some; those that are open stay. Plain HTTP
 * is answered in words.
 */
export function createTlsServer(listener: RequestListener, tls: ServedTls): Server {
  const server = createServer(
    { ...tls.credentials, ...PATIENCE, minVersion: MIN_VERSION, handshakeTimeout: FIRST_BYTE_MS },
    listener,
  )
  const stop = tls.subscribe(() => server.setSecureContext({ ...tls.credentials, minVersion: MIN_VERSION }))
  server.once('close', stop)
  // A server that speaks TLS has one listener of its own for connections: it begins the handshake.
  const shakeHands = server.listeners('connection')
  server.removeAllListeners('connection')
  const open = new Set<Duplex>()
  server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    whenBegun(socket, (beginning) => {
      if (beginning[0] !== HANDSHAKE) return refuse(socket, beginning)
      socket.unshift(beginning)
      for (const begin of shakeHands) begin.call(server, socket)
    })
  })
  const closeRequests = server.closeAllConnections.bind(server)
  server.closeAllConnections = () => {
    closeRequests()
    // It knows only those that have shaken hands.
    for (const socket of open) socket.destroy()
  }
  return server
}

/** Calls back with the first bytes; never, where none come in time. */
function whenBegun(socket: Duplex, begun: (beginning: Buffer) => void): void {
  const giveUp = (): void => void socket.destroy()
  const timer = setTimeout(giveUp, FIRST_BYTE_MS)
  socket.on('error', giveUp)
  socket.once('close', () => clearTimeout(timer))
  socket.once('readable', () => {
    clearTimeout(timer)
    const beginning: unknown = socket.read()
    if (!(beginning instanceof Buffer)) return giveUp()
    socket.off('error', giveUp)
    begun(beginning)
  })
}

function refuse(socket: Duplex, beginning: Buffer): void {
  socket.on('error', () => socket.destroy())
  const timer = setTimeout(() => socket.destroy(), REFUSAL_MS)
  socket.once('close', () => clearTimeout(timer))
  // What else was sent is read and dropped: a connection that is closed over unread bytes loses the answer.
  socket.resume()
  socket.end(plainAnswer(beginning.toString('latin1')))
}
