import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ThroughputResponseSchema, type ThroughputResponse } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { get } from './support/api.ts'
import { startCoordinator } from './support/coordinator.ts'
import { eventually } from './support/eventually.ts'
import { testLifetime } from './support/hooks.ts'
import { startNode } from './support/node.ts'
import { Random } from './support/random.ts'
import { scratchDirectory } from './support/scratch.ts'

test('what moved is told over time, by node and by folder, also after a restart of the coordinator', async () => {
  const life = testLifetime()
  const scratch = await scratchDirectory(life)
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
  const ash = await startNode(life, { coordinator, dir: join(scratch, 'ash'), name: 'ash' })
  const birch = await startNode(life, { coordinator, dir: join(scratch, 'birch'), name: 'birch' })
  await writeFile(ash.path('large.bin'), new Random(4).bytes(2_000_000))
  await writeFile(ash.path('small.txt'), 'a few words\n')
  for (const node of [ash, birch, ash]) await node.wait()

  const sums = async (query: string): Promise<readonly (readonly number[])[]> =>
    sumsOf(await get(coordinator, `/api/v1/throughput?${query}`, ThroughputResponseSchema))
  await eventually('both ways are told', async () => {
    const [[changes = 0, up = 0, down = 0] = []] = await sums('by=folder&folder=work')
    expect(changes).toBeGreaterThanOrEqual(2)
    expect(Math.min(up, down)).toBeGreaterThan(2_000_000)
    expect(Math.max(up, down)).toBeLessThan(2_300_000)
  })
  const before = await sums('span=day&by=node')
  expect(before.length).toBeGreaterThanOrEqual(2)

  await coordinator.stop()
  await coordinator.start()
  const after = await sums('span=day&by=node')
  expect(after).toHaveLength(before.length)
  after.forEach((one, index) => {
    // Nodes that connect again may be told a little more.
    one.forEach((sum, at) => expect(sum).toBeGreaterThanOrEqual(before[index]?.[at] ?? 0))
  })
})

/** The whole of each series: changes, bytes up, bytes down. */
function sumsOf({ series }: ThroughputResponse): readonly (readonly number[])[] {
  return series.map(({ changes, bytesUp, bytesDown }) =>
    [changes, bytesUp, bytesDown].map((values) => values.reduce((sum, value) => sum + value, 0)),
  )
}
