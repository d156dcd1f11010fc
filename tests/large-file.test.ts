import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startCoordinator } from './support/coordinator.ts'
import { eventually } from './support/eventually.ts'
import { testLifetime } from './support/hooks.ts'
import { startNode } from './support/node.ts'
import { writeRandomFile } from './support/random.ts'
import { scratchDirectory } from './support/scratch.ts'
import { sha256Of } from './support/tree.ts'

const SIZE_BYTES = 300 * 1024 * 1024

test(
  'a file of 300 MB arrives with the same hash, and so does an edit of a few of its bytes',
  { timeout: 300_000 },
  async () => {
    const life = testLifetime()
    const scratch = await scratchDirectory(life)
    const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
    const start = (name: string) => startNode(life, { coordinator, dir: join(scratch, name), name })
    const ash = await start('ash')
    const [birch, cedar] = await Promise.all([start('birch'), start('cedar')])

    await writeRandomFile(ash.path('film.mkv'), SIZE_BYTES, 7)
    const first = await sha256Of(ash.path('film.mkv'))
    for (const node of [birch, cedar]) {
      await eventually(
        `${node.name} has the whole file`,
        async () => expect((await stat(node.path('film.mkv'))).size).toBe(SIZE_BYTES),
        {
          timeoutMs: 200_000,
          everyMs: 100,
        },
      )
      // It became visible whole: there is nothing to wait for.
      expect(await sha256Of(node.path('film.mkv'))).toBe(first)
    }

    const file = await open(birch.path('film.mkv'), 'r+')
    await file.write('an edit in the middle', SIZE_BYTES / 2)
    await file.close()
    const second = await sha256Of(birch.path('film.mkv'))
    for (const node of [ash, cedar]) {
      await eventually(
        `${node.name} has the edit`,
        async () => expect(await sha256Of(node.path('film.mkv'))).toBe(second),
        {
          timeoutMs: 100_000,
          everyMs: 300,
        },
      )
    }
  },
)
