import { SyncError, encode, type NodeId, type NodeMessage } from '@causeway/protocol'
import type { VirtualTime } from '@causeway/time'
import type { LinkSession } from '../../../apps/coordinator/src/feed/node-feed.ts'
import { unpackSocketMessage } from '../../../apps/agent/src/link/socket-message.ts'
import type { LinkSocket, SocketListener } from '../../../apps/agent/src/link/socket.ts'
import type { Life } from './mortal.ts'
import type { Network } from './network.ts'

const RECONNECT_MS = 2_000

/** A node's socket to whichever coordinator it reaches: in order while it stands, and gone at once when it breaks. */
export class SimulatedSocket implements LinkSocket {
  readonly #node: NodeId
  readonly #network: Network
  readonly #life: Life
  #listener: SocketListener | undefined
  #connection: Connection | null = null

  constructor(node: NodeId, network: Network, life: Life) {
    this.#node = node
    this.#network = network
    this.#life = life
    life.onEnd(() => this.#connection?.cut())
  }

  get isUp(): boolean {
    return this.#connection?.isWelcome === true
  }

  start(listener: SocketListener): void {
    this.#listener = listener
    this.#connectIn(this.#network.delayMs())
  }

  send(message: NodeMessage): boolean {
    return this.#connection?.toCoordinator(encode(message)) ?? false
  }

  stop(): Promise<void> {
    this.#listener = undefined
    this.#connection?.cut()
    return Promise.resolve()
  }

  /** The wire breaks; the node comes back by itself. */
  cut(): void {
    this.#connection?.cut()
  }

  #connectIn(milliseconds: number): void {
    this.#network.time.timers.after(milliseconds, () => this.#connect())
  }

  #connect(): void {
    if (this.#listener === undefined || this.#life.isOver) return
    const coordinator = this.#network.route()
    if (coordinator === undefined) {
      this.#lost()
      return
    }
    const { log } = this.#network
    log(`${this.#node} is linked to ${coordinator.name}`)
    const connection: Connection = new Connection(this.#network, coordinator.life, {
      arrived: (bytes) => this.#arrived(connection, bytes),
      ended: () => {
        if (this.#connection === connection) this.#connection = null
        this.#lost()
      },
    })
    this.#connection = connection
    coordinator.life.onEnd(() => connection.cut())
    try {
      connection.session = coordinator.openSession(this.#node, connection)
    } catch (error) {
      log(`${this.#node} was not taken: ${String(error)}`)
      connection.cut()
    }
  }

  #lost(): void {
    if (this.#life.isOver || this.#listener === undefined) return
    this.#listener.down(new SyncError('offline', 'the link is down'))
    this.#connectIn(1 + this.#network.chance.random.below(RECONNECT_MS))
  }

  #arrived(connection: Connection, bytes: Uint8Array): void {
    if (this.#life.isOver || this.#listener === undefined) return
    const message = unpackSocketMessage(bytes)
    if (message.kind === 'welcome') {
      connection.isWelcome = true
      this.#listener.up()
    } else {
      this.#network.log(`${this.#node} hears ${message.kind}`)
      this.#listener.message(message)
    }
  }
}

interface NodeEnd {
  arrived(bytes: Uint8Array): void
  ended(): void
}

/** One socket, from both ends. */
class Connection {
  session: LinkSession | null = null
  isWelcome = false
  #isOpen = true
  readonly #network: Network
  readonly #coordinator: Life
  readonly #node: NodeEnd
  readonly #down: Line
  readonly #up: Line
  #taking: Promise<void> = Promise.resolve()

  constructor(network: Network, coordinator: Life, node: NodeEnd) {
    this.#coordinator = coordinator
    this.#network = network
    this.#node = node
    this.#down = new Line(network.time)
    this.#up = new Line(network.time)
  }

  /** Now and then the network takes nothing. */
  get isFull(): boolean {
    return this.#network.chance.hits('slow')
  }

  send(message: Uint8Array): void {
    const { chance } = this.#network
    // Whoever packed it may share it among several sockets.
    const bytes = Uint8Array.from(message)
    const times = this.isWelcome && chance.hits('doubledPush') ? 2 : 1
    for (let time = 0; time < times; time++) {
      this.#down.carry(this.#network.delayMs(), () => {
        if (!this.#isOpen) return
        if (chance.hits('cut')) this.cut()
        else this.#node.arrived(bytes)
      })
    }
  }

  close(_code: number, reason: string): void {
    this.#network.log(`a link is closed: ${reason}`)
    this.cut()
  }

  toCoordinator(message: Uint8Array): boolean {
    if (!this.#isOpen || !this.isWelcome) return false
    this.#up.carry(this.#network.delayMs(), () => {
      this.#taking = this.#taking.then(() => this.#take(message))
    })
    return true
  }

  /** Nothing that is under way arrives. Either end notices when it does. */
  cut(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    const { time } = this.#network
    time.timers.after(this.#network.delayMs(), () => this.#node.ended())
    time.timers.after(this.#network.delayMs(), () => {
      if (!this.#coordinator.isOver) this.session?.closed()
    })
  }

  async #take(message: Uint8Array): Promise<void> {
    if (!this.#isOpen || this.#coordinator.isOver) return
    try {
      await this.session?.receive(message)
    } catch (error) {
      if (this.#coordinator.isOver) return
      this.#network.log(`a message was not taken: ${String(error)}`)
      this.cut()
    }
  }
}

/** Messages one way: none overtakes another. */
class Line {
  readonly #time: VirtualTime
  #lastMs = 0

  constructor(time: VirtualTime) {
    this.#time = time
  }

  carry(delayMs: number, arrive: () => void): void {
    this.#lastMs = Math.max(this.#lastMs, this.#time.nowMs + delayMs)
    this.#time.timers.after(this.#lastMs - this.#time.nowMs, arrive)
  }
}
