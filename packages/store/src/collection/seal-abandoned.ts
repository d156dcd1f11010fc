import type { Leases } from '../leases/leases.ts'
import type { MetadataStore } from '../metadata-store.ts'
import type { PackStore } from '../pack-store.ts'

/** How the names of all these leases begin. */
export const PACK_OWNER_LEASES = 'packs of '

/** The name of the lease that a process keeps while it may append to its packs. */
export function packOwnerLease(owner: string): string {
  return `${PACK_OWNER_LEASES}${owner}`
}

export interface SealOptions {
  readonly metadata: MetadataStore
  readonly packs: PackStore
  readonly leases: Leases
  /** Who seals. */
  readonly holder: string
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/**
 * Seals the open packs of processes that are gone: those whose lease was seen to stand still, and those that name
 * nobody. Returns their names. Should an owner turn up again after all, what it stored in such a pack counts as long
 * as the pack is there, and is refused once it is not (`addChunks`).
 */
export async function sealAbandoned({ metadata, packs, leases, holder, now }: SealOptions): Promise<readonly string[]> {
  const open = (await metadata.read((tx) => tx.packs())).filter(({ state }) => state === 'open')
  const gone = new Set<string | null>([null])
  for (const owner of new Set(open.map((row) => row.owner))) {
    if (owner === null) continue
    const name = packOwnerLease(owner)
    const token = await leases.acquire(name, holder, 1)
    if (token === null) continue
    gone.add(owner)
    await leases.release(name, token)
  }
  const abandoned = open.filter(({ owner }) => gone.has(owner))
  if (abandoned.length === 0) return []
  const at = new Date(now()).toISOString()
  for (const { pack } of abandoned) {
    // Taken over first: an owner that turns up while the pack is finished adds nothing that would then be missing in it.
    if (!(await metadata.write((tx) => tx.openPack(pack, holder)))) continue
    const bytes = await packs.finish(pack)
    await metadata.write((tx) => tx.sealPack(pack, { owner: holder, bytes, at }))
  }
  return abandoned.map(({ pack }) => pack)
}
