import { readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MetricsSchema } from '@causeway/protocol'
import { get } from './support/api.ts'
import { startCoordinator, type Coordinator } from './support/coordinator.ts'
import { eventually } from './support/eventually.ts'
import { testLifetime } from './support/hooks.ts'
import { startNode, type SyncNode } from './support/node.ts'
import { writeRandomFile } from './support/random.ts'
import { scratchDirectory } from './support/scratch.ts'

const LARGE_BYTES = 6 * 1024 * 1024

test(
  'a coordinator that lost its database says so and starts from its packs: what nodes send again is not stored twice',
  { timeout: 300_000 },
  async () => {
    const life = testLifetime()
    const scratch = await scratchDirectory(life)
    const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
    const placeOf = (name: string) => ({ coordinator, dir: join(scratch, name), name })
    const ash = await startNode(life, placeOf('ash'))
    const birch = await startNode(life, placeOf('birch'))
    await fill(ash)
    await ash.wait()
    await birch.wait()
    const tree = await ash.tree()
    await Promise.all([ash.stop(), birch.stop(), coordinator.stop()])

    const packsBefore = await packBytes(coordinator)
    for (const end of ['', '-wal', '-shm'])
      await rm(join(coordinator.dataDir, `coordinator.sqlite${end}`), { force: true })
    await expect(coordinator.start()).rejects.toThrow(/coordinator\.sqlite is missing.*--rebuild-index/s)
    expect(await packBytes(coordinator)).toBe(packsBefore)

    await coordinator.start({ more: ['--rebuild-index'] })
    // As docs/troubleshooting.md says it: the marker goes, and the node joins with a state directory of its own.
    for (const node of [ash, birch]) await rm(node.path('.causeway/marker.json'))
    const again = [
      await startNode(life, { ...placeOf('ash'), stateDir: join(scratch, 'ash.again') }),
      await startNode(life, { ...placeOf('birch'), stateDir: join(scratch, 'birch.again') }),
    ] as const
    await Promise.all(again.map((node) => node.wait()))
    for (const node of again) expect(await node.tree()).toEqual(tree)
    // Whose the chunks were went with the database: nodes show that they have them by sending them.
    const { conflicts } = await get(coordinator, '/api/metrics', MetricsSchema)
    expect(conflicts).toBe(0)
    expect((await packBytes(coordinator)) - packsBefore).toBeLessThan(LARGE_BYTES / 10)

    await coordinator.stop()
    await coordinator.start()
    const cedar = await startNode(life, placeOf('cedar'))
    await cedar.wait()
    expect(await cedar.tree()).toEqual(tree)
  },
)

test(
  'packs that are deleted under a running fleet come back from the nodes, and somebody new gets every file',
  { timeout: 300_000 },
  async () => {
    const life = testLifetime()
    const scratch = await scratchDirectory(life)
    const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
    const placeOf = (name: string) => ({ coordinator, dir: join(scratch, name), name })
    const ash = await startNode(life, placeOf('ash'))
    await fill(ash)
    await ash.wait()
    await rm(join(coordinator.dataDir, 'packs'), { recursive: true })
    // What is saved from now on is as safe as ever.
    await writeFile(ash.path('later.txt'), 'saved when the packs were gone')
    await ash.wait()
    await eventually(
      'all that was lost has come again',
      async () => {
        const { damagedChunks } = await get(coordinator, '/api/metrics', MetricsSchema)
        expect(damagedChunks.found).toBeGreaterThan(0)
        expect(damagedChunks.awaited).toBe(0)
      },
      { timeoutMs: 120_000 },
    )
    await coordinator.kill9()
    await coordinator.start()
    const birch = await startNode(life, placeOf('birch'))
    await birch.wait()
    expect(await birch.tree()).toEqual(await ash.tree())
  },
)

async function fill(node: SyncNode): Promise<void> {
  await writeRandomFile(node.path('film.mkv'), LARGE_BYTES, 17)
  for (let index = 0; index < 50; index++) await writeFile(node.path(`note ${index}`), `the note number ${index}`)
}

async function packBytes({ dataDir }: Coordinator): Promise<number> {
  const packs = (await readdir(join(dataDir, 'packs'))).filter((name) => name.endsWith('.pack'))
  const sizes = await Promise.all(packs.map(async (name) => (await stat(join(dataDir, 'packs', name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
