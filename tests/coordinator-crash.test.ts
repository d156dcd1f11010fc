import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { eventually } from './support/eventually.ts'
import { converged, startFleet } from './support/fleet.ts'
import { testLifetime } from './support/hooks.ts'
import { startNode } from './support/node.ts'
import { Random, writeRandomFile } from './support/random.ts'
import { treeOf } from './support/tree.ts'

const FILES = 1500
const BIG_BYTES = 60 * 1024 * 1024

test(
  'a coordinator killed four times in mid-transfer loses nothing and doubles nothing',
  { timeout: 240_000 },
  async () => {
    const { ash, birch, coordinator, nodes } = await startFleet(testLifetime())
    await mkdir(ash.path('many'))
    const random = new Random(11)
    for (let i = 0; i < FILES; i++) await writeFile(ash.path('many', `${i}.bin`), random.bytes(random.below(8000)))
    await writeRandomFile(ash.path('big.bin'), BIG_BYTES, 12)
    const sent = await treeOf(ash.dir)

    for (const [round, pauseMs] of [0, 150, 400, 50].entries()) {
      await eventually(`the transfer has begun (round ${round})`, async () => {
        const arrived = await readdir(birch.path('many')).catch(() => [])
        expect(arrived.length).toBeGreaterThan(round === 0 ? 0 : -1)
      })
      await sleep(pauseMs)
      await coordinator.kill9()
      await coordinator.start()
    }

    const tree = await converged(nodes, 120_000)
    expect([...tree.keys()].sort()).toEqual([...sent.keys()].sort())
    expect(tree).toEqual(sent)
  },
)

test('what the coordinator acknowledged before it was killed is on a node that joins afterwards', async () => {
  const life = testLifetime()
  const { ash, birch, cedar, coordinator, scratch } = await startFleet(life)
  for (let i = 0; i < 40; i++) await writeFile(ash.path(`${i}.txt`), `content ${i}`)
  await ash.wait()
  await coordinator.kill9()
  // Only the coordinator's disk can give it now.
  await Promise.all([ash.stop(), birch.stop(), cedar.stop()])
  await coordinator.start()

  const dogwood = await startNode(life, { coordinator, dir: join(scratch, 'dogwood'), name: 'dogwood' })
  const expected = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${i}.txt`, `content ${i}`]))
  expect(await dogwood.view()).toEqual(expected)
})
