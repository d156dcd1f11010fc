import { Mutex } from '../mutex.ts'

/** Lets writes of one scope run one after another, in call order, and those of others beside them. */
export class WriteLanes {
  readonly #lanes = new Map<string, { readonly turns: Mutex; waiting: number }>()
  #whenEmpty: (() => void) | undefined

  async run<T>(scope: string, write: () => Promise<T>): Promise<T> {
    const lane = this.#lanes.get(scope) ?? { turns: new Mutex(), waiting: 0 }
    this.#lanes.set(scope, lane)
    lane.waiting++
    try {
      return await lane.turns.run(write)
    } finally {
      lane.waiting--
      if (lane.waiting === 0) this.#lanes.delete(scope)
      if (this.#lanes.size === 0) this.#whenEmpty?.()
    }
  }

  /** Resolves once nothing waits any more. */
  async empty(): Promise<void> {
    if (this.#lanes.size > 0) await new Promise<void>((resolve) => (this.#whenEmpty = resolve))
  }
}
