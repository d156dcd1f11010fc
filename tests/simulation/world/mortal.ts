/** What a process that has ended throws at whatever of it still runs. */
export class Ended extends Error {}

/** Whether a simulated process lives, and what happens when it ends. */
export class Life {
  #isOver = false
  readonly #ends: (() => void)[] = []

  get isOver(): boolean {
    return this.#isOver
  }

  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const end of this.#ends.splice(0)) end()
  }

  /** Called when it ends; at once if it has. */
  onEnd(end: () => void): void {
    if (this.#isOver) end()
    else this.#ends.push(end)
  }

  check(): void {
    if (this.#isOver) throw new Ended('the process has ended')
  }

  /** What comes of work that only counts while the process lives: after its end, nothing ever does. */
  async whileAlive<T>(work: Promise<T>): Promise<T> {
    try {
      return await work
    } finally {
      if (this.#isOver) await never()
    }
  }
}

export function never(): Promise<never> {
  return new Promise(() => undefined)
}

/** The same object for a process that may end: from then on each call throws, as if it had never been made. */
export function mortal<T extends object>(target: T, life: Life, beforeCall: () => void = () => undefined): T {
  const calls = new Map<string | symbol, unknown>()
  return new Proxy(target, {
    get(_, name) {
      const known = calls.get(name)
      if (known !== undefined) return known
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      const call = (...given: unknown[]): unknown => {
        beforeCall()
        life.check()
        return Reflect.apply(value, target, given)
      }
      calls.set(name, call)
      return call
    },
  })
}
