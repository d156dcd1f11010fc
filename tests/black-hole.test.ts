import { readFile, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { startSilentProxy } from '@causeway/testkit'
import { expect, test } from 'vitest'
import { startCoordinator } from './support/coordinator.ts'
import { eventually } from './support/eventually.ts'
import { testLifetime } from './support/hooks.ts'
import { startNode } from './support/node.ts'
import { scratchDirectory } from './support/scratch.ts'

/** Longer than it takes to notice, so that requests that went out meanwhile hang too. */
const SILENCE_MS = 15_000

test('a link that lost everything without a word ends its requests, and the node is in step when it is back', async () => {
  const life = testLifetime()
  const dir = await scratchDirectory(life)
  const coordinator = await startCoordinator(life, { dataDir: join(dir, 'data') })
  const proxy = await startSilentProxy(coordinator.port)
  life.add(() => proxy.close())
  const link = await coordinator.invite({ folder: 'work', throughPort: proxy.port })
  const ada = await startNode(life, { coordinator, name: 'ada', dir: join(dir, 'ada'), link })
  const bob = await startNode(life, { coordinator, name: 'bob', dir: join(dir, 'bob') })

  // A large file is on its way up when the line goes dead.
  const passedBefore = proxy.passedBytes
  await writeFile(join(ada.dir, 'large.bin'), randomBytes(128 * 1024 * 1024))
  await eventually(
    'the upload has begun',
    () => expect(proxy.passedBytes - passedBefore).toBeGreaterThan(1024 * 1024),
    { everyMs: 5 },
  )
  proxy.isSilent = true
  await writeFile(join(bob.dir, 'from bob'), 'bob')
  await bob.wait()
  await writeFile(join(ada.dir, 'from ada'), 'ada')
  await eventually('the node has noticed', async () => expect((await ada.status()).state).toBe('offline'))
  await new Promise((resolve) => setTimeout(resolve, SILENCE_MS))

  proxy.isSilent = false
  const healedAt = performance.now()
  await eventually('what was saved meanwhile has crossed, both ways', async () => {
    expect(await readFile(join(ada.dir, 'from bob'), 'utf8')).toBe('bob')
    expect(await readFile(join(bob.dir, 'from ada'), 'utf8')).toBe('ada')
  })
  console.log(`in step ${Math.round(performance.now() - healedAt)} ms after the line was back`)
  await ada.wait()
  await bob.wait()
  expect(await bob.tree()).toEqual(await ada.tree())
}, 300_000)
