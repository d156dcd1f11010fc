import { copyFile, open, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { CountingProxy } from '../bench/support/proxy.ts'
import { startCoordinator } from './support/coordinator.ts'
import { eventually } from './support/eventually.ts'
import { testLifetime } from './support/hooks.ts'
import { startNode, type SyncNode } from './support/node.ts'
import { writeRandomFile } from './support/random.ts'
import { scratchDirectory } from './support/scratch.ts'
import { sha256Of } from './support/tree.ts'

const KIB = 1024
const MIB = 1024 * KIB
const SIZE_BYTES = Number(process.env['CAUSEWAY_SIZE_MIB'] ?? 32) * MIB

test('an edit of a large file sends little more than what is new', { timeout: 300_000 }, async () => {
  const { ash, cost } = await startPair()
  const path = ash.path('disk.img')
  const first = await cost('a new file', () => writeRandomFile(path, SIZE_BYTES, 7))
  expect(first.up).toBeLessThan(SIZE_BYTES * 1.01)

  const overwrite = await cost('4 KiB overwritten', () => overwriteAt(path, SIZE_BYTES / 2, randomBytes(4 * KIB)))
  expect(overwrite.up).toBeLessThan(16 * KIB)

  const insert = await cost('a byte put at the front', async () => {
    const bytes = await readFile(path)
    await writeFile(`${path}.new`, Buffer.concat([Buffer.from('!'), bytes]))
    await rename(`${path}.new`, path)
  })
  expect(insert.up).toBeLessThan(16 * KIB)

  const append = await cost('1 MiB appended', () => writeFile(path, randomBytes(MIB), { flag: 'a' }))
  expect(append.up).toBeLessThan(1.05 * MIB)

  const copy = await cost('a copy', () => copyFile(path, ash.path('copy.img')), 'copy.img')
  expect(copy.up).toBeLessThan(16 * KIB)
})

test('what a file held before stays at hand for its next edit, until it is purged', async () => {
  const { ash, birch, cost } = await startPair()
  const path = ash.path('notes.txt')
  const lines = Array.from({ length: 60_000 }, (_, line) => `line ${line} says ${(line * 7919) % 10_007}\n`)
  await cost('a new text', () => writeFile(path, lines.join('')), 'notes.txt')
  const bases = async (): Promise<unknown> => JSON.parse(await ash.cli('bases', '--json')).folders
  await eventually('a copy is kept', async () => expect(await bases()).toMatchObject([{ files: 1 }]))
  expect([...(await birch.tree()).keys()]).toEqual(['notes.txt'])

  const scattered = lines.map((line, at) => (at % 500 === 0 ? line.replace('says', 'does not say') : line))
  const edit = await cost('120 scattered words', () => writeFile(path, scattered.join('')), 'notes.txt')
  expect(edit.up).toBeLessThan(24 * KIB)

  // The copy of the last save may still be on its way.
  await eventually('nothing is kept', async () => {
    await ash.cli('bases', '--purge')
    expect(await bases()).toMatchObject([{ files: 0, bytes: 0 }])
  })
})

interface Cost {
  readonly up: number
  readonly down: number
}

interface Pair {
  readonly ash: SyncNode
  readonly birch: SyncNode
  /** What a change of a file costs on the wire until the other node shows it: both directions of each node's link. */
  cost(what: string, change: () => Promise<void>, name?: string): Promise<Cost>
}

async function startPair(): Promise<Pair> {
  const life = testLifetime()
  const scratch = await scratchDirectory(life)
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
  const start = async (name: string): Promise<{ node: SyncNode; proxy: CountingProxy }> => {
    const proxy = await CountingProxy.start(coordinator.port)
    life.add(() => proxy.stop())
    const link = await coordinator.invite({ folder: 'work', throughPort: proxy.port })
    return { node: await startNode(life, { coordinator, dir: join(scratch, name), name, link }), proxy }
  }
  const ash = await start('ash')
  const birch = await start('birch')
  return {
    ash: ash.node,
    birch: birch.node,
    async cost(what, change, name = 'disk.img') {
      for (const { proxy } of [ash, birch]) proxy.reset()
      await change()
      const hash = await sha256Of(ash.node.path(name))
      await eventually(
        `birch shows ${what}`,
        async () => {
          await stat(birch.node.path(name))
          expect(await sha256Of(birch.node.path(name))).toBe(hash)
        },
        { timeoutMs: 100_000, everyMs: 50 },
      )
      await ash.node.wait()
      const [up = Infinity, down = Infinity] = [ash, birch].map(
        ({ proxy }) => proxy.bytes.toServer + proxy.bytes.fromServer,
      )
      if (process.env['CAUSEWAY_FIGURES'] === '1') process.stderr.write(`${what}: ${up} B up, ${down} B down\n`)
      return { up, down }
    },
  }
}

async function overwriteAt(path: string, offset: number, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.write(bytes, 0, bytes.length, offset)
  } finally {
    await file.close()
  }
}
