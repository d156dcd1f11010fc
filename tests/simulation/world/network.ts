import { SyncError } from '@causeway/protocol'
import { createSleep, type VirtualTime } from '@causeway/time'
import type { Coordinator } from '../../../apps/coordinator/src/coordinator.ts'
import type { Chance } from './chance.ts'
import type { SimulatedCoordinator } from './simulated-coordinator.ts'

const FAST_MS = 20
const SLOW_MS = 3_000

/** The wires of a world: what crosses them takes time, and may be lost or come twice. */
export class Network {
  readonly time: VirtualTime
  readonly chance: Chance
  readonly log: (line: string) => void
  coordinators: readonly SimulatedCoordinator[] = []

  constructor(world: { time: VirtualTime; chance: Chance; log: (line: string) => void }) {
    this.time = world.time
    this.chance = world.chance
    this.log = world.log
  }

  /** How long the next message takes. */
  delayMs(): number {
    return 1 + this.chance.random.below(this.chance.hits('slow') ? SLOW_MS : FAST_MS)
  }

  /** As behind a balancer: any coordinator that is up. */
  route(): SimulatedCoordinator | undefined {
    const up = this.coordinators.filter(({ isUp }) => isUp)
    return up.length === 0 ? undefined : this.chance.random.pick(up)
  }

  /** One request and its answer. */
  async ask<T>(who: string, what: string, ask: (coordinator: Coordinator) => Promise<T>): Promise<T> {
    const { chance } = this
    await this.#travel()
    if (chance.hits('lostRequest')) throw new SyncError('offline', 'the request was lost')
    let answer = await this.#deliver(who, what, ask)
    if (chance.hits('doubledRequest')) {
      await this.#travel()
      answer = await this.#deliver(who, `${what} again`, ask)
    }
    await this.#travel()
    if (chance.hits('lostAnswer')) throw new SyncError('offline', 'the answer was lost')
    return answer
  }

  #deliver<T>(who: string, what: string, ask: (coordinator: Coordinator) => Promise<T>): Promise<T> {
    const coordinator = this.route()
    if (coordinator === undefined) throw new SyncError('offline', 'no coordinator is up')
    this.log(`${who} asks ${coordinator.name}: ${what}`)
    return coordinator.answer(ask)
  }

  #travel(): Promise<void> {
    return createSleep(this.time.timers)(this.delayMs())
  }
}
