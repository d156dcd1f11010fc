import { createLeases, packOwnerLease, type MetadataStore } from '@causeway/store'
import { systemRandom, systemTimers, uuidOf } from '@causeway/time'

/** This process as one that appends to packs. Others know by a lease that it is still there. */
export interface PackOwner {
  /** Another name, where others took this process for gone and sealed what it had open. */
  readonly name: string
  stop(): Promise<void>
}

const TTL_MS = 5 * 60_000

export async function openPackOwner(metadata: MetadataStore): Promise<PackOwner> {
  const leases = createLeases(metadata, systemTimers.now)
  let current = await begin()

  async function begin(): Promise<{ readonly name: string; readonly token: number }> {
    const name = uuidOf(systemRandom)
    return { name, token: (await leases.acquire(packOwnerLease(name), name, TTL_MS)) ?? 0 }
  }

  async function keepAlive(): Promise<void> {
    if (!(await leases.renew(packOwnerLease(current.name), current.token))) current = await begin()
  }

  // What fails is tried again in time: the lease outlasts several rounds.
  const timer = systemTimers.every(TTL_MS / 5, () => void keepAlive().catch(() => undefined)).unref()
  return {
    get name() {
      return current.name
    },
    async stop() {
      timer.cancel()
      await leases.release(packOwnerLease(current.name), current.token)
    },
  }
}
