import type { ChangeBatch } from '@causeway/protocol'

/** What may happen to a push on its way. */
export interface PushFaults {
  losesPush(): boolean
  repeatsPush(): boolean
  delaysPush(): boolean
}

/**
 * Pushes on their way to one node. They keep their order, but may arrive
 * after any answer, not at all, or once more behind later ones.
 */
export class PushLine {
  readonly #faults: PushFaults
  #underWay: ChangeBatch[] = []
  #hasLost = false

  constructor(faults: PushFaults) {
    this.#faults = faults
  }

  /** True if something was lost since the line was last cleared: only asking makes up for it. */
  get hasLost(): boolean {
    return this.#hasLost
  }

  send(batch: ChangeBatch): void {
    if (this.#faults.losesPush()) this.#hasLost = true
    else this.#underWay.push(batch)
  }

  /** Those that arrive now. */
  arrived(): readonly ChangeBatch[] {
    const arrived: ChangeBatch[] = []
    while (this.#underWay.length > 0 && !this.#faults.delaysPush()) {
      const [next] = this.#underWay.splice(0, 1)
      if (next === undefined) break
      arrived.push(next)
      if (this.#faults.repeatsPush()) this.#underWay.push(next)
    }
    return arrived
  }

  clear(): void {
    this.#underWay = []
    this.#hasLost = false
  }
}
