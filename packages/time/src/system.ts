import type { Clock, Random, Timer, Timers } from './ports.ts'

export const systemClock: Clock = { now: () => Date.now() }

export const systemTimers: Timers = {
  now: () => performance.now(),
  after(milliseconds, work) {
    const handle = setTimeout(work, milliseconds)
    return timerOf(handle, () => clearTimeout(handle))
  },
  every(milliseconds, work) {
    const handle = setInterval(work, milliseconds)
    return timerOf(handle, () => clearInterval(handle))
  },
}

export const systemRandom: Random = {
  hex: (bytes) =>
    Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join(''),
  fraction: () => Math.random(),
}

function timerOf(handle: unknown, cancel: () => void): Timer {
  const timer: Timer = {
    cancel,
    unref() {
      // A browser's timers are numbers, and hold nothing.
      if (canUnref(handle)) handle.unref()
      return timer
    },
  }
  return timer
}

function canUnref(handle: unknown): handle is { unref(): void } {
  return typeof handle === 'object' && handle !== null && 'unref' in handle && typeof handle.unref === 'function'
}
