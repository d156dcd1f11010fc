/** A process that takes the lease "upkeep", prints its token and keeps it until it is killed: `node hold-lease.ts PATH`. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createLeases } from '../leases/leases.ts'
import { openMetadata } from './open-metadata.ts'

const [path = ''] = process.argv.slice(2)
const leases = createLeases(await openMetadata(path), () => performance.now())
const token = (await leases.acquire('upkeep', 'holder', 500)) ?? 0
process.stdout.write(`${token}\n`)
while (await leases.renew('upkeep', token)) await sleep(50)
