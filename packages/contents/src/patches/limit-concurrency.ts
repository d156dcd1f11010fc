/** Runs pieces of work in the order of the calls, that many at once at most. */
export function limitConcurrency(count: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running >= count) await new Promise<void>((resolve) => void waiting.push(resolve))
    else running++
    try {
      return await work()
    } finally {
      // The place is handed on, so that nobody who comes meanwhile takes it.
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
}
