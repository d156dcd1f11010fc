/**
 * The coordinator's housekeeping on a data directory, its days at once: what is found unused is marked on one day, removed
 * and compacted on the next. In a process of its own, so that it can be killed in the middle of it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { openPackDirectory, openSqliteMetadataStore, packRegistry } from '@causeway/store'
import { createCoordinator } from '../../apps/coordinator/src/coordinator.ts'
import { openDataDirectory } from '../../apps/coordinator/src/stores/data-directory.ts'

const DAY_MS = 86_400_000
const LEASE_TTL_MS = 2000
const DAYS = [0, 40, 42, 44, 46, 48]

const [directory] = process.argv.slice(2)
if (directory === undefined) throw new Error('housekeeping-process DATA')
const data = await openDataDirectory(directory)
const metadata = await openSqliteMetadataStore({ path: `${directory}/coordinator.sqlite` })
const registry = packRegistry(metadata, { owner: () => 'housekeeping', now: Date.now })
const packs = await openPackDirectory({ path: data.packsPath, registry })
let day = 0
const clock = { now: () => Date.now() + day * DAY_MS }
const options = { id: data.id ?? 'unnamed', metadata, packs, clock, leaseTtlMs: LEASE_TTL_MS }
const { contents, housekeeping } = createCoordinator(options)
for (day of DAYS) {
  // A process that was killed in the middle of it is waited for.
  while (!(await housekeeping.run())) await sleep(LEASE_TTL_MS / 10)
}
await housekeeping.stop()
await contents.close()
await packs.close()
await metadata.close()
