import { setTimeout } from 'node:timers/promises'

/** Waits for about that long, each time a little else: who collided once does not again. A signal ends it early. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await setTimeout(ms * (0.5 + Math.random()), undefined, { signal }).catch((error: unknown) => {
    if (signal?.aborted !== true) throw error
  })
}
