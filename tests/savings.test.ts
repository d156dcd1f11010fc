import { open, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { SavingsResponseSchema, TransfersResponseSchema, type SavingsResponse } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { CountingProxy } from '../bench/support/proxy.ts'
import { get } from './support/api.ts'
import { startCoordinator } from './support/coordinator.ts'
import { eventually } from './support/eventually.ts'
import { testLifetime } from './support/hooks.ts'
import { startNode } from './support/node.ts'
import { writeRandomFile } from './support/random.ts'
import { scratchDirectory } from './support/scratch.ts'
import { sha256Of } from './support/tree.ts'

const MIB = 1024 * 1024

test('the ledger says what crossed, both ways, as a counter on the wire does', { timeout: 300_000 }, async () => {
  const life = testLifetime()
  const scratch = await scratchDirectory(life)
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
  const proxies: CountingProxy[] = []
  const nodes = []
  for (const name of ['ash', 'birch']) {
    const proxy = await CountingProxy.start(coordinator.port)
    life.add(() => proxy.stop())
    proxies.push(proxy)
    const link = await coordinator.invite({ folder: 'work', throughPort: proxy.port })
    nodes.push(await startNode(life, { coordinator, dir: join(scratch, name), name, link }))
  }
  const [ash, birch] = nodes
  if (ash === undefined || birch === undefined) throw new Error('there are two nodes')
  const counted = () => proxies.map(({ bytes }) => bytes.toServer + bytes.fromServer)
  const savings = async (): Promise<SavingsResponse> =>
    get(coordinator, '/api/v1/folders/work/savings', SavingsResponseSchema)
  const arrived = (name: string) =>
    eventually(`${name} arrives`, async () => {
      expect(await sha256Of(birch.path(name))).toBe(await sha256Of(ash.path(name)))
    })
  const settled = async (files: number): Promise<SavingsResponse> => {
    await eventually('both hops are noted', async () => {
      const { up, down } = await savings()
      expect([up.files, down.files]).toEqual([files, files])
    })
    return savings()
  }

  const before = counted()
  // Written elsewhere and moved in: what is seen of it is whole.
  await writeRandomFile(join(scratch, 'disk.img'), 20 * MIB, 7)
  await rename(join(scratch, 'disk.img'), ash.path('disk.img'))
  await arrived('disk.img')
  const first = await settled(1)
  for (const [index, hop] of [first.up, first.down].entries()) {
    const onTheWire = (counted()[index] ?? 0) - (before[index] ?? 0)
    expect(hop).toMatchObject({ logicalBytes: 20 * MIB, wholeFileBytes: 20 * MIB, reusedBytes: 0 })
    expect(hop.wireBytes / onTheWire).toBeGreaterThan(0.97)
    expect(hop.wireBytes).toBeLessThanOrEqual(onTheWire)
  }

  const file = await open(ash.path('disk.img'), 'r+')
  await file.write(randomBytes(4096), 0, 4096, 10 * MIB)
  await file.close()
  await arrived('disk.img')
  const second = await settled(2)
  for (const [now, then] of [
    [second.up, first.up],
    [second.down, first.down],
  ] as const) {
    expect(now.wireBytes - then.wireBytes).toBeLessThan(16 * 1024)
    expect(now.reusedBytes).toBeGreaterThan(19 * MIB)
    expect(now.deltaBytes).toBeGreaterThan(4096)
  }

  await writeFile(ash.path('note.txt'), 'small'.repeat(2000))
  await arrived('note.txt')
  const third = await settled(3)
  expect(third.up.packedBytes - second.up.packedBytes).toBe(10_000)
  const query = { order: 'most-saved' }
  const { transfers } = await get(coordinator, '/api/v1/folders/work/transfers', TransfersResponseSchema, query)
  expect(transfers[0]).toMatchObject({ path: 'disk.img', files: 1 })
  expect(await ash.cli('stats')).toMatch(/^6 files of 83\.9 MB crossed as 4[12]\.\d MB: (49|50)\.\d % saved/)
})
