import { SyncError } from '@causeway/protocol'
import { PACK_OWNER_LEASES, type MetadataStore } from '@causeway/store'
import type { Place } from './place.ts'
import type { MovingPorts } from './moving-ports.ts'

/** A coordinator says that it is there once a minute. */
const WATCHED_MS = 75_000

/**
 * Throws `state-locked` where a coordinator runs on a database that several may share. One that was killed has not said
 * goodbye: then it takes a minute to know.
 */
export async function refuseWhileOthersRun(
  from: Place,
  metadata: MetadataStore,
  { say, sleep }: Pick<MovingPorts, 'say' | 'sleep'>,
): Promise<void> {
  // A file on a disk is one coordinator's, and the lock on its directory is held.
  if (from.databaseUrl === null) return
  const before = await beats(metadata)
  if (before.size === 0) return
  say('A coordinator of this database has not said goodbye: watching for 75 s whether it still runs.')
  await sleep(WATCHED_MS)
  const after = await beats(metadata)
  if ([...after].every(([name, beat]) => before.get(name) === beat)) return
  throw new SyncError(
    'state-locked',
    'cannot migrate: a coordinator is still running on this database. Stop all of them first.',
  )
}

async function beats(metadata: MetadataStore): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (const [name, holder, token, beat] of await metadata.read((tx) => tx.dump('leases', null, 100_000))) {
    if (holder !== null && String(name).startsWith(PACK_OWNER_LEASES)) found.set(String(name), `${token} ${beat}`)
  }
  return found
}
