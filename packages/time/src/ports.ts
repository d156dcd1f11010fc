/** Wall clock, milliseconds since 1970: for people and expiry, never for the order of changes, and never for a wait. */
export interface Clock {
  now(): number
}

/** What was begun by `Timers`. */
export interface Timer {
  /** Nothing of it runs from now on. Harmless where it ran already, or was cancelled before. */
  cancel(): void
  /** The process need not stay alive for it. Returns the timer itself. */
  unref(): Timer
}

/**
 * Waiting, by a clock that nobody sets back. Work is never called before the
 * call that asked for it has returned; of two pieces of work the one that is
 * due first runs first, and of those due at once the one asked for first.
 */
export interface Timers {
  /** Milliseconds of that clock; where it begins means nothing. */
  now(): number
  /** Runs `work` once, `milliseconds` from now. */
  after(milliseconds: number, work: () => void): Timer
  /** Runs `work` every `milliseconds`, the first time after as many. */
  every(milliseconds: number, work: () => void): Timer
}

export interface Random {
  /** That many random bytes, unguessable in production, as lower-case hex. */
  hex(bytes: number): string
  /** A number from 0 up to, not including, 1. */
  fraction(): number
}
