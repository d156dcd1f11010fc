import { createSleep, systemRandom, systemTimers } from '@causeway/time'

const sleep = createSleep(systemTimers)

/** Waits about as long, so that many cut off at once do not come back at once; ends early, and without an error, with the signal. */
export async function pauseAbout(milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return
  await sleep(milliseconds * (0.5 + systemRandom.fraction() / 2), signal).catch(() => undefined)
}
