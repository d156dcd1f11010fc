import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startCoordinator } from './support/coordinator.ts'
import { eventually } from './support/eventually.ts'
import { testLifetime } from './support/hooks.ts'
import { startNode } from './support/node.ts'
import { scratchDirectory } from './support/scratch.ts'
import { givenSmallDisk, whyNoSmallDisk } from './support/small-disk.ts'
import { expectSameTrees } from './support/tree.ts'

const MB = 1024 * 1024

const why = whyNoSmallDisk()
if (why !== undefined) console.log(`A reserve on a small disk is not tried: ${why}.`)

test.skipIf(why !== undefined)(
  'below the reserve new contents wait at their node, named; renames and deletes go on; with room, all is sent',
  async () => {
    const life = testLifetime()
    const scratch = await scratchDirectory(life)
    const disk = await givenSmallDisk(life, join(scratch, 'disk'), 96)
    const coordinator = await startCoordinator(life, {
      dataDir: join(disk.dir, 'coordinator'),
      env: { DISK_RESERVE: '30M' },
    })
    const ash = await startNode(life, { coordinator, dir: join(scratch, 'ash'), name: 'ash' })
    const birch = await startNode(life, { coordinator, dir: join(scratch, 'birch'), name: 'birch' })
    for (const name of ['moved', 'gone']) await writeFile(ash.path(name), name)
    await ash.wait()

    const ballast = join(disk.dir, 'ballast')
    await writeFile(ballast, Buffer.alloc(70 * MB))
    await eventually('the coordinator noticed', async () => {
      expect(await metrics(coordinator.url)).toMatchObject({ storageProblems: [expect.stringContaining('refused')] })
    })
    // In one step: a file that is still empty needs no room.
    await writeFile(join(scratch, 'small'), 'new bytes')
    await rename(join(scratch, 'small'), ash.path('small'))
    await writeFile(ash.path('large'), Buffer.alloc(3 * MB, 'large'))
    await rename(ash.path('moved'), ash.path('renamed'))
    await rm(ash.path('gone'))
    await eventually('renames and deletes arrive', async () => {
      expect(await birch.view()).toEqual({ renamed: 'moved' })
    })
    await eventually('both files are named', async () => {
      const { state, problems } = await ash.status()
      expect(state).not.toBe('halted')
      expect(problems.map(({ path, code }) => `${path} ${code}`).sort()).toEqual(['large no-room', 'small no-room'])
      expect(problems[0]?.message).toContain('are kept in reserve')
    })

    await rm(ballast)
    await eventually('all is sent', async () => {
      expectSameTrees({ ash: await ash.tree(), birch: await birch.tree() })
      expect((await ash.status()).problems).toEqual([])
    })
    expect(await metrics(coordinator.url)).toMatchObject({ storageProblems: [], disk: { isShort: false } })
  },
  180_000,
)

async function metrics(url: string): Promise<unknown> {
  return (await fetch(new URL('/api/metrics', url))).json()
}
