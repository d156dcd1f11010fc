/** Bytes per second, smoothed, and what follows from them. Times are milliseconds of any steady clock. */
export interface RateMeter {
  /** Counts bytes that passed by `nowMs`. */
  add(bytes: number, nowMs: number): void
  /** Bytes per second: each byte's weight fades as it ages. Falls towards 0 while nothing passes. */
  bytesPerSecond(nowMs: number): number
  /** Seconds until `bytesLeft` have passed at this rate; `null` while nobody can tell. 0 if none are left. */
  secondsLeft(bytesLeft: number, nowMs: number): number | null
  /** True if nothing has passed for some seconds. */
  isStalled(nowMs: number): boolean
}

/**
 * A meter that starts now. It holds three numbers, however much it is told. A
 * clock that steps back counts as standing still.
 */
export function createRateMeter(startMs: number, smoothingMs: number = 2000): RateMeter {
  let weighted = 0
  let lastMs = startMs
  let lastBytesMs = startMs

  function fade(nowMs: number): void {
    const elapsedMs = Math.max(0, nowMs - lastMs)
    weighted *= Math.exp(-elapsedMs / smoothingMs)
    lastMs += elapsedMs
  }

  function bytesPerSecond(nowMs: number): number {
    fade(nowMs)
    // The weight that a steady stream since the start would have by now, so that the first seconds are not too low.
    const fullWeightMs = smoothingMs * -Math.expm1(-(lastMs - startMs) / smoothingMs)
    return fullWeightMs === 0 ? 0 : (weighted / fullWeightMs) * 1000
  }

  function isStalled(nowMs: number): boolean {
    return nowMs - lastBytesMs >= STALLED_AFTER_MS
  }

  return {
    add(bytes, nowMs) {
      fade(nowMs)
      weighted += bytes
      if (bytes > 0) lastBytesMs = lastMs
    },
    bytesPerSecond,
    isStalled,
    secondsLeft(bytesLeft, nowMs) {
      if (bytesLeft <= 0) return 0
      if (isStalled(nowMs)) return null
      const rate = bytesPerSecond(nowMs)
      return rate < LEAST_BYTES_PER_SECOND ? null : bytesLeft / rate
    },
  }
}

/** The rate fades slowly, and an estimate from what is left of it grows without end. */
const STALLED_AFTER_MS = 5000
/** Below this a transfer stands, and any time left would be made up. */
const LEAST_BYTES_PER_SECOND = 1
