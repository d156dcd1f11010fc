import type { Server, Socket } from 'node:net'
import { networkOf } from '../access/guess-brake.ts'
import type { App } from './app.ts'
import { networks } from './networks.ts'

declare module 'fastify' {
  interface FastifyInstance {
    connections: Connections
  }
}

/** How many connections there may be, over all ports of a coordinator. */
export interface ConnectionLimits {
  readonly inAll: number
  readonly perAddress: number
  /** Of those over which nobody has shown yet who they are. */
  readonly strangers: number
  readonly strangersPerAddress: number
  /** From the moment it is taken until the headers of its first request are here, the TLS handshake included. */
  readonly firstRequestMs: number
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  inAll: 16_384,
  perAddress: 4_096,
  strangers: 1_024,
  strangersPerAddress: 256,
  firstRequestMs: 10_000,
}

/**
 * Bounds the connections of strangers apart from those of people and nodes
 * that are known. A stranger too many takes the place of the one that has been
 * here longest: whoever is about to sign in needs a moment, and whoever
 * only holds connections loses them.
 */
export interface Connections {
  readonly count: number
  watch(server: Server): void
  /** The headers of a request have come over this connection. */
  heard(socket: Socket): void
  /** Over this connection somebody has shown who they are. */
  known(socket: Socket): void
}

export interface ConnectionsOptions {
  /** Their addresses stand for many: they count in all, and not as one. */
  readonly trustedProxies?: readonly string[]
  readonly limits?: ConnectionLimits
}

interface Open {
  readonly socket: Socket
  readonly ends: string
  /** Null for a trusted proxy. */
  readonly network: string | null
  readonly deadline: NodeJS.Timeout
}

export function createConnections({
  trustedProxies = [],
  limits = CONNECTION_LIMITS,
}: ConnectionsOptions = {}): Connections {
  const isProxy = networks(trustedProxies)
  /** In the order in which they came. TLS wraps a socket in another one of the same ends. */
  const open = new Map<string, Open>()
  const strangers = createGroup()
  const everybody = createGroup()

  function forget(ends: string): void {
    const one = open.get(ends)
    if (one === undefined) return
    clearTimeout(one.deadline)
    open.delete(ends)
    strangers.delete(one)
    everybody.delete(one)
  }

  /** Ends the one that has been here longest. */
  function makeRoom(among: ReadonlySet<Open>): void {
    const [oldest] = among
    if (oldest === undefined) return
    forget(oldest.ends)
    oldest.socket.destroy()
  }

  function take(socket: Socket): void {
    const address = socket.remoteAddress
    if (address === undefined) return
    const network = isProxy(address) ? null : networkOf(address)
    if (open.size >= limits.inAll) makeRoom(strangers.all)
    if (open.size >= limits.inAll || everybody.of(network).size >= limits.perAddress) {
      socket.destroy()
      return
    }
    const deadline = setTimeout(() => socket.destroy(), limits.firstRequestMs).unref()
    const ends = endsOf(socket)
    const one: Open = { socket, ends, network, deadline }
    open.set(ends, one)
    strangers.add(one)
    everybody.add(one)
    socket.once('close', () => {
      if (open.get(ends) === one) forget(ends)
    })
    if (strangers.of(network).size > limits.strangersPerAddress) makeRoom(strangers.of(network))
    else if (strangers.all.size > limits.strangers) makeRoom(strangers.all)
  }

  return {
    get count() {
      return open.size
    },
    watch: (server) => void server.prependListener('connection', take),
    heard: (socket) => clearTimeout(open.get(endsOf(socket))?.deadline),
    known(socket) {
      const one = open.get(endsOf(socket))
      if (one !== undefined) strangers.delete(one)
    },
  }
}

/** Every request says that it has come, and who is behind it once that is known. Add it before and behind the gate. */
export function addConnections(app: App, connections: Connections): { readonly behindGate: () => void } {
  app.decorate('connections', connections)
  app.addHook('onRequest', async (request) => connections.heard(request.raw.socket))
  return {
    behindGate() {
      app.addHook('onRequest', async (request) => {
        if (request.identity !== null) connections.known(request.raw.socket)
      })
    },
  }
}

/** Connections, and those of one network among them; of the proxies' network, which is null, none are counted. */
function createGroup() {
  const all = new Set<Open>()
  const byNetwork = new Map<string, Set<Open>>()
  const NONE: ReadonlySet<Open> = new Set()
  return {
    all,
    of: (network: string | null): ReadonlySet<Open> => (network === null ? NONE : (byNetwork.get(network) ?? NONE)),
    add(one: Open): void {
      all.add(one)
      if (one.network !== null) byNetwork.set(one.network, (byNetwork.get(one.network) ?? new Set()).add(one))
    },
    delete(one: Open): void {
      all.delete(one)
      const own = one.network === null ? undefined : byNetwork.get(one.network)
      own?.delete(one)
      if (one.network !== null && own?.size === 0) byNetwork.delete(one.network)
    },
  }
}

/** What tells one connection of a machine from all others while it is open. */
function endsOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`
}
