/** Removes files that nobody sees any more, when there is time for it. */
export interface Disposal {
  /** Hands one over. False if it is to be removed at once: it is large, or too many wait. */
  take(name: string, sizeBytes: number): boolean
  /** Leaves what waits to the next run, which clears the staging area. */
  stop(): void
}

export interface DisposalOptions {
  /** Removes one; what fails is left to the next run. */
  readonly remove: (name: string) => Promise<void>
  /** Nothing was handed over for so long. */
  readonly restMs?: number
  readonly mostFiles?: number
}

/** The room of a larger file may be wanted at once. */
const MOST_BYTES = 64 * 1024

/**
 * To remove a file takes a disk several times as long as to move it, and
 * holds up what else happens in the same directory: a removed tree is out of
 * sight sooner if its files are only moved at first.
 */
export function createDisposal({ remove, restMs = 100, mostFiles = 50_000 }: DisposalOptions): Disposal {
  let waiting: string[] = []
  let timer: NodeJS.Timeout | undefined
  let isRunning = false
  let lastTakenAt = -Infinity

  async function run(): Promise<void> {
    isRunning = true
    for (let name = next(); name !== undefined; name = next()) await remove(name).catch(() => undefined)
    isRunning = false
    if (waiting.length > 0) schedule()
  }

  function next(): string | undefined {
    return performance.now() - lastTakenAt < restMs ? undefined : waiting.pop()
  }

  function schedule(): void {
    clearTimeout(timer)
    timer = setTimeout(() => void run(), restMs + 1)
    timer.unref()
  }

  return {
    take(name, sizeBytes) {
      if (sizeBytes > MOST_BYTES || waiting.length >= mostFiles) return false
      waiting.push(name)
      lastTakenAt = performance.now()
      if (!isRunning) schedule()
      return true
    },
    stop() {
      clearTimeout(timer)
      waiting = []
    },
  }
}
