import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { loadFreeMemory } from '@causeway/replica'
import { systemTimers, type Timer, type Timers } from '@causeway/time'

/** Gives back what a large sync needed once the node has come to rest: by themselves neither V8 nor the C library do. */
export interface MemoryRelease {
  /** Something was done just now: the wait begins anew. */
  worked(): void
  stop(): void
}

export interface MemoryReleaseOptions {
  readonly restMs?: number
  readonly timers?: Timers
  /** So much more than after the last time must be held for it to be worth a pause. */
  readonly grownBytes?: number
  /** What the process holds. */
  readonly heldBytes?: () => number
  readonly release?: () => Promise<void>
}

const MIB = 1024 * 1024

export function createMemoryRelease(options: MemoryReleaseOptions = {}): MemoryRelease {
  const { restMs = 3_000, grownBytes = 24 * MIB, heldBytes = residentBytes, release = releaseAll } = options
  const { timers = systemTimers } = options
  let timer: Timer | undefined
  let heldAfter = 0

  async function atRest(): Promise<void> {
    timer = undefined
    if (heldBytes() - heldAfter < grownBytes) return
    await release()
    heldAfter = heldBytes()
  }

  return {
    worked() {
      timer?.cancel()
      timer = timers.after(restMs, () => void atRest()).unref()
    },
    stop: () => timer?.cancel(),
  }
}

function residentBytes(): number {
  return process.memoryUsage.rss()
}

async function releaseAll(): Promise<void> {
  collectGarbage()
  const freeMemory = await loadFreeMemory()
  freeMemory()
}

/** See docs/decisions/0018: V8 has no reason to collect while nothing is allocated. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
