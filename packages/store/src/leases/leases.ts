import type { MetadataStore, MetadataWriter } from '../metadata-store.ts'
import { SyncError } from '@causeway/protocol'

/**
 * Who may do something alone, among all processes on one database.
 *
 * Contract, held by `leasesConformance`:
 * - A name has one holder at a time. Each that takes it gets a higher token than all before.
 * - Who neither renews nor releases is succeeded once somebody who wants the name has seen it
 *   stand still for its whole ttl, by the taker's own clock, which never goes back: clocks of two
 *   machines are not compared, and one that is set takes nothing from anybody.
 * - A token that was succeeded renews and releases nothing.
 */
export interface Leases {
  /** The token, or null while another holds the name. */
  acquire(name: string, holder: string, ttlMs: number): Promise<number | null>
  /** Says that the holder is still there; false where it was succeeded. To be called well within the ttl. */
  renew(name: string, token: number): Promise<boolean>
  /** Lets the next in at once. */
  release(name: string, token: number): Promise<void>
}

/** How a lease was seen to stand, and when that was seen first. */
interface Sighting {
  readonly token: number
  readonly beat: number
  readonly since: number
}

/** Leases in the metadata. `now` gives milliseconds of a clock that never goes back. */
export function createLeases(metadata: MetadataStore, now: () => number): Leases {
  const sightings = new Map<string, Sighting>()

  /** True where the lease was seen like this a whole ttl ago. */
  function standsStill(name: string, row: { token: number; beat: number; ttlMs: number }, askedAt: number): boolean {
    const before = sightings.get(name)
    if (before?.token === row.token && before.beat === row.beat) return askedAt - before.since >= row.ttlMs
    sightings.set(name, { token: row.token, beat: row.beat, since: now() })
    return false
  }

  return {
    async acquire(name, holder, ttlMs) {
      const askedAt = now()
      const seen = await metadata.read((tx) => tx.lease(name))
      const isFree = seen === undefined || seen.holder === null
      if (!isFree && !standsStill(name, seen, askedAt)) return null
      const token = await metadata.write(async (tx) => {
        const current = await tx.lease(name)
        if (current?.token !== seen?.token || current?.beat !== seen?.beat) return null
        const next = (current?.token ?? 0) + 1
        await tx.putLease({ name, holder, token: next, beat: 0, ttlMs })
        return next
      })
      if (token !== null) sightings.delete(name)
      return token
    },
    renew: (name, token) =>
      metadata.write(async (tx) => {
        const row = await tx.lease(name)
        if (row?.token !== token || row.holder === null) return false
        await tx.putLease({ ...row, beat: row.beat + 1 })
        return true
      }),
    release: (name, token) =>
      metadata.write(async (tx) => {
        const row = await tx.lease(name)
        // The row stays: the next token must be higher.
        if (row?.token === token) await tx.putLease({ ...row, holder: null, beat: row.beat + 1 })
      }),
  }
}

/** The store for work under a lease: every write is refused (`outdated`) once the lease is another's. */
export function fenced(
  metadata: MetadataStore,
  lease: { readonly name: string; readonly token: number },
): MetadataStore {
  const { name, token } = lease
  const check = async (tx: MetadataWriter): Promise<void> => {
    const row = await tx.lease(name)
    if (row?.token === token && row.holder !== null) return
    throw new SyncError('outdated', `the lease "${name}" is no longer held here: another process has taken over`)
  }
  return {
    read: (work) => metadata.read(work),
    write: (work, scope) =>
      metadata.write(async (tx) => {
        await check(tx)
        return work(tx)
      }, scope),
    giveBackSpace: (signal) => metadata.giveBackSpace(signal),
    close: () => metadata.close(),
  }
}
