import { setTimeout as sleep } from 'node:timers/promises'
import type { Lifetime } from './lifetime.ts'
import { LiveEvents } from './live.ts'

/** Follows the events of a cluster as a page does: whenever its socket ends, it comes back with its cursor. */
export class EventFollower {
  readonly positions: number[] = []
  #live: LiveEvents | undefined
  #isOpen = true
  readonly #url: string

  private constructor(url: string) {
    this.#url = url
  }

  static open(life: Lifetime, url: string): EventFollower {
    const follower = new EventFollower(url)
    void follower.#follow()
    // The way to all coordinators may be gone by then: who is just opening it would wait for ever.
    life.add(() => {
      follower.#isOpen = false
      return follower.#live?.close()
    })
    return follower
  }

  async #follow(): Promise<void> {
    while (this.#isOpen) {
      const live = await LiveEvents.open({ url: this.#url }, this.positions.at(-1) ?? 0).catch(() => undefined)
      if (live !== undefined) {
        this.#live = live
        if (!this.#isOpen) await live.close()
        await live.ended
        this.positions.push(...live.events.map(({ position }) => position))
      }
      await sleep(100)
    }
  }

  /** All that it has heard, also over the socket that is open. */
  heard(): readonly number[] {
    const { events = [], isOpen = false } = this.#live ?? {}
    return isOpen ? [...this.positions, ...events.map(({ position }) => position)] : this.positions
  }
}
