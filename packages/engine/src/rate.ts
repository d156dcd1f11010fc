/** Bytes per second, smoothed. Times are milliseconds of any steady clock. */
export interface RateMeter {
  /** Counts bytes that passed by `nowMs`. */
  add(bytes: number, nowMs: number): void
  /** Bytes per second: each byte's weight fades as it ages. Falls towards 0 while nothing passes. */
  bytesPerSecond(nowMs: number): number
}

/**
 * A meter that starts now. It holds two numbers, however much it is told. A
 * clock that steps back counts as standing still.
 */
export function createRateMeter(startMs: number, smoothingMs: number = 2000): RateMeter {
  let weighted = 0
  let lastMs = startMs

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

  return {
    add(bytes, nowMs) {
      fade(nowMs)
      weighted += bytes
    },
    bytesPerSecond,
  }
}
