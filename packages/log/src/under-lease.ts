import { fenced, type Leases, type MetadataStore } from '@causeway/store'
import { uuidOf, type Random, type Timers } from '@causeway/time'

/** Work that one process does at a time, of all that share the database. */
export interface UnderLease {
  /**
   * Runs the work as the only one, over a store that refuses its writes (`outdated`) once another has taken over; the
   * signal is aborted then. False, and nothing was done, where another is at it.
   */
  run(work: (metadata: MetadataStore, signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<boolean>
}

export interface LeaseOptions {
  readonly name: string
  readonly leases: Leases
  readonly ttlMs?: number
}

/** A process that is gone is succeeded after this. */
export const LEASE_TTL_MS = 60_000

export interface LeasePorts {
  readonly metadata: MetadataStore
  readonly timers: Timers
  readonly random: Random
}

export function underLease({ metadata, timers, random }: LeasePorts, options: LeaseOptions): UnderLease {
  const { name, leases, ttlMs = LEASE_TTL_MS } = options
  const holder = uuidOf(random)

  async function keepAlive(token: number, lost: AbortController): Promise<void> {
    const isStillOurs = await leases.renew(name, token).catch(() => true)
    if (!isStillOurs) lost.abort()
  }

  return {
    async run(work, signal) {
      const token = await leases.acquire(name, holder, ttlMs)
      if (token === null) return false
      const lost = new AbortController()
      const timer = timers.every(ttlMs / 4, () => void keepAlive(token, lost)).unref()
      try {
        await work(fenced(metadata, { name, token }), AbortSignal.any([signal, lost.signal]))
      } finally {
        timer.cancel()
        await leases.release(name, token).catch(() => undefined)
      }
      return true
    },
  }
}
