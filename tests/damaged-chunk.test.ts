import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MetricsSchema } from '@causeway/protocol'
import { get, historyOf, lastPosition } from './support/api.ts'
import { startCoordinator, type Coordinator } from './support/coordinator.ts'
import { eventually } from './support/eventually.ts'
import { testLifetime } from './support/hooks.ts'
import { startNode, startNodeUnsynced, type SyncNode } from './support/node.ts'
import { writeRandomFile } from './support/random.ts'
import { scratchDirectory } from './support/scratch.ts'
import { sha256Of } from './support/tree.ts'

const SIZE_BYTES = 6 * 1024 * 1024
/** See the record's form in packages/store/src/packs/record.ts. */
const RECORD = { magic: Buffer.from('CWPK'), headerBytes: 56, hashAt: 8, storedSizeAt: 44 }

test(
  'what the disk of the coordinator spoilt comes back from a node that holds it, and nobody ever gets it spoilt',
  { timeout: 180_000 },
  async () => {
    const life = testLifetime()
    const scratch = await scratchDirectory(life)
    const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
    const placeOf = (name: string) => ({ coordinator, dir: join(scratch, name), name })
    const ash = await startNode(life, placeOf('ash'))
    const birch = await startNode(life, placeOf('birch'))
    await writeFile(ash.path('note.txt'), 'a small content, one chunk by itself')
    await writeFile(ash.path('other.txt'), 'nothing happens to this one')
    await writeRandomFile(ash.path('film.mkv'), SIZE_BYTES, 31)
    await Promise.all([ash.wait(), birch.wait()])
    await birch.wait()
    const sums = { note: await sha256Of(birch.path('note.txt')), film: await sha256Of(birch.path('film.mkv')) }
    await Promise.all([ash.stop(), birch.stop()])
    // A file may have been seen before all of it was written: that is a version of its own.
    const versionsBefore = await versionCounts(coordinator)

    await coordinator.stop()
    await damage(coordinator, ({ hash }) => hash === sums.note)
    await damage(coordinator, ({ storedSize }, index) => storedSize > 10_000 && index > 10)
    await coordinator.start()
    const positionBefore = await lastPosition(coordinator)

    // Nobody who holds the files is there: the new node takes what is sound, and says what is not.
    const cedar = await startNodeUnsynced(life, placeOf('cedar'))
    await eventually('cedar tells of both files', async () => {
      const { problems } = await cedar.status()
      expect(problems.map(({ path }) => path).sort()).toEqual(['film.mkv', 'note.txt'])
      for (const { code, message } of problems) {
        expect(code).toBe('chunk-missing')
        expect(message).toMatch(/damaged on the coordinator's disk: it is restored once a node/)
      }
    })
    expect(await cedar.view()).toEqual({ 'other.txt': 'nothing happens to this one' })
    expect(await damagedChunks(coordinator)).toEqual({ found: 2, awaited: 2 })

    // What is awaited is remembered across a restart.
    await coordinator.kill9()
    await coordinator.start()
    birch.up()
    await eventually('cedar has both files', async () => {
      for (const name of ['note.txt', 'film.mkv']) expect((await stat(cedar.path(name))).isFile()).toBe(true)
    })
    // They became visible whole: there is nothing to wait for.
    await expectSums(cedar, sums)
    expect(await damagedChunks(coordinator)).toEqual({ found: 0, awaited: 0 })
    await cedar.wait()
    expect((await cedar.status()).problems).toEqual([])
    expect(await lastPosition(coordinator)).toBe(positionBefore + 1)
    expect(await versionCounts(coordinator)).toEqual(versionsBefore)

    // And now from the coordinator's own disk.
    await Promise.all([birch.stop(), cedar.stop(), coordinator.stop()])
    await coordinator.start()
    const dogwood = await startNode(life, placeOf('dogwood'))
    await expectSums(dogwood, sums)
  },
)

async function versionCounts(coordinator: Coordinator): Promise<number[]> {
  const histories = ['note.txt', 'film.mkv'].map((name) => historyOf(coordinator, 'work', name))
  return (await Promise.all(histories)).map(({ versions }) => versions.length)
}

async function expectSums(node: SyncNode, sums: { note: string; film: string }): Promise<void> {
  expect(await sha256Of(node.path('note.txt'))).toBe(sums.note)
  expect(await sha256Of(node.path('film.mkv'))).toBe(sums.film)
}

async function damagedChunks(coordinator: Coordinator): Promise<{ found: number; awaited: number }> {
  return (await get(coordinator, '/api/metrics', MetricsSchema)).damagedChunks
}

interface Found {
  readonly hash: string
  readonly storedSize: number
}

/** Flips one bit in the middle of the stored bytes of the first record that is meant. */
async function damage(coordinator: Coordinator, isMeant: (record: Found, index: number) => boolean): Promise<void> {
  const packs = join(coordinator.dataDir, 'packs')
  for (const name of (await readdir(packs)).filter((file) => file.endsWith('.pack'))) {
    const bytes = await readFile(join(packs, name))
    for (let at = bytes.indexOf(RECORD.magic), index = 0; at !== -1; index++) {
      const storedSize = bytes.readUInt32BE(at + RECORD.storedSizeAt)
      const body = at + RECORD.headerBytes
      const hash = bytes.toString('hex', at + RECORD.hashAt, at + RECORD.hashAt + 32)
      if (isMeant({ hash, storedSize }, index)) {
        const middle = body + Math.floor(storedSize / 2)
        bytes[middle] = (bytes[middle] ?? 0) ^ 1
        await writeFile(join(packs, name), bytes)
        return
      }
      at = bytes.indexOf(RECORD.magic, body + storedSize)
    }
  }
  throw new Error('there is no such record')
}
