import { mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { CountingProxy } from '../bench/support/proxy.ts'
import { startCoordinator, type Coordinator } from './support/coordinator.ts'
import { eventually } from './support/eventually.ts'
import { testLifetime } from './support/hooks.ts'
import type { Lifetime } from './support/lifetime.ts'
import { startNode, SyncNode } from './support/node.ts'
import { writeRandomFile } from './support/random.ts'
import { scratchDirectory } from './support/scratch.ts'
import { sha256Of } from './support/tree.ts'

const KIB = 1024
const SIZE_BYTES = Number(process.env['CAUSEWAY_SIZE_MIB'] ?? 24) * KIB * KIB

test('what a node holds of a large file, in whatever folder, does not come to it again', async () => {
  const life = testLifetime()
  const scratch = await scratchDirectory(life)
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
  const ash = await startInTwoFolders(life, coordinator, scratch, 'ash')
  const birch = await startInTwoFolders(life, coordinator, scratch, 'birch')

  async function costOf(what: string, change: () => Promise<void>, in_: 'work' | 'photos', name: string) {
    birch.proxy.reset()
    const beganMs = performance.now()
    await change()
    const hash = await sha256Of(join(ash.dirs[in_], name))
    const shows = async (): Promise<void> => expect(await sha256Of(join(birch.dirs[in_], name))).toBe(hash)
    await eventually(`birch shows ${what}`, shows, { timeoutMs: 100_000, everyMs: 50 })
    const { toServer, fromServer } = birch.proxy.bytes
    const tookMs = Math.round(performance.now() - beganMs)
    if (process.env['CAUSEWAY_FIGURES'] === '1') {
      process.stderr.write(`${what}: ${toServer + fromServer} B down, ${tookMs} ms until it was seen\n`)
    }
    return toServer + fromServer
  }

  const path = join(ash.dirs.work, 'disk.img')
  const first = await costOf('a new file', () => writeRandomFile(path, SIZE_BYTES, 7), 'work', 'disk.img')
  expect(first).toBeGreaterThan(SIZE_BYTES)
  expect(first).toBeLessThan(SIZE_BYTES * 1.02)

  const overwritten = await costOf('4 KiB overwritten', () => overwriteInMiddle(path), 'work', 'disk.img')
  expect(overwritten).toBeLessThan(16 * KIB)

  const move = (): Promise<void> => rename(path, join(ash.dirs.photos, 'moved.img'))
  expect(await costOf('a move to another folder', move, 'photos', 'moved.img')).toBeLessThan(16 * KIB)
  await eventually('birch has it in one folder only', async () => {
    expect((await birch.node.run('wait', '--timeout', '1')).code).toBe(0)
    await expect(sha256Of(join(birch.dirs.work, 'disk.img'))).rejects.toMatchObject({ code: 'ENOENT' })
  })
}, 300_000)

interface TwoFolders {
  readonly node: SyncNode
  readonly dirs: { readonly work: string; readonly photos: string }
  readonly proxy: CountingProxy
}

async function startInTwoFolders(
  life: Lifetime,
  coordinator: Coordinator,
  scratch: string,
  name: string,
): Promise<TwoFolders> {
  const proxy = await CountingProxy.start(coordinator.port)
  life.add(() => proxy.stop())
  const linkTo = (folder: string): Promise<string> => coordinator.invite({ folder, throughPort: proxy.port })
  const dirs = { work: join(scratch, name, 'work'), photos: join(scratch, name, 'photos') }
  const first = await startNode(life, { coordinator, dir: dirs.work, name, link: await linkTo('work') })
  await first.stop()
  await mkdir(dirs.photos, { recursive: true })
  const node = new SyncNode(life, { name, dir: dirs.photos, stateDir: first.stateDir, env: {} })
  await node.join(await linkTo('photos'), 'photos')
  await eventually(`${name} has caught up in both`, () => node.wait(60), { timeoutMs: 90_000, everyMs: 200 })
  return { node, dirs, proxy }
}

async function overwriteInMiddle(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.write(randomBytes(4 * KIB), 0, 4 * KIB, SIZE_BYTES / 2)
  } finally {
    await file.close()
  }
}
