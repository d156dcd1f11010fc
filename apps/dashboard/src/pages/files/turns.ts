/** Lets so many works run at once; of those that wait the newest goes first: it is what a person looks at now. */
export function createTurns(atOnce: number): { run<T>(work: () => Promise<T>): Promise<T> } {
  const waiting: (() => void)[] = []
  let free = atOnce
  return {
    async run(work) {
      // Whoever waits is handed the turn of one that ended.
      if (free > 0) free--
      else await new Promise<void>((resolve) => waiting.push(resolve))
      try {
        return await work()
      } finally {
        const next = waiting.pop()
        if (next === undefined) free++
        else next()
      }
    },
  }
}
