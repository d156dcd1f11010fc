import { open, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { openS3PackObjects, parseS3Place, scrub } from '@causeway/store'
import { systemRandom, systemTimers } from '@causeway/time'
import { createCoordinator } from '../../apps/coordinator/src/coordinator.ts'
import { openDataDirectory } from '../../apps/coordinator/src/stores/data-directory.ts'
import { openStores } from '../../apps/coordinator/src/stores/open-stores.ts'
import { startCoordinator, type Coordinator } from './coordinator.ts'
import { eventually } from './eventually.ts'
import { converged } from './fleet.ts'
import type { Lifetime } from './lifetime.ts'
import { startNode } from './node.ts'
import { writeRandomFile } from './random.ts'
import { scratchDirectory } from './scratch.ts'

/** A running S3 server with a bucket. */
export interface S3Server {
  readonly endpoint: string
  readonly bucket: string
  /** What a client must have in its environment. */
  readonly env: Readonly<Record<string, string>>
}

const MIB = 1024 * 1024
const DAY_MS = 86_400_000
const SMALL_FILES = 60

/**
 * Two nodes and a coordinator that keeps its packs in an object store: small files, and a large one with an edit, with the
 * coordinator killed in the middle of each. Then everything is read back and what old versions held is collected; and a
 * node that joins afterwards gets every file from the store alone.
 */
export async function expectChunksInS3(life: Lifetime, server: S3Server): Promise<void> {
  Object.assign(process.env, server.env)
  const scratch = await scratchDirectory(life)
  const chunks = `s3://${server.bucket}/run-${process.pid}-${Date.now()}?endpoint=${server.endpoint}&pack-mib=4`
  const coordinator = await startCoordinator(life, {
    dataDir: join(scratch, 'coordinator'),
    env: { ...server.env, CHUNKS_URL: chunks },
  })
  const start = (name: string) => startNode(life, { coordinator, dir: join(scratch, name), name })
  const [ash, birch] = [await start('ash'), await start('birch')]

  for (let i = 0; i < SMALL_FILES; i++) await writeFile(ash.path(`small ${i}.txt`), `small file ${i}`)
  await killSoon(coordinator, 100)
  await converged([ash, birch])
  const large = ash.path('large.bin')
  await writeRandomFile(large, 20 * MIB, 5)
  await killSoon(coordinator, 700)
  await converged([ash, birch])
  const file = await open(large, 'r+')
  await file.write('an edit in the middle', 10 * MIB)
  await file.close()
  await killSoon(coordinator, 300)
  // An old version, of which nothing is left in the end.
  await writeRandomFile(ash.path('replaced.bin'), 6 * MIB, 6)
  await converged([ash, birch])
  await writeRandomFile(ash.path('replaced.bin'), 5 * MIB, 7)
  const tree = await converged([ash, birch])

  await Promise.all([ash.stop(), birch.stop(), coordinator.stop()])
  expect(await readdir(join(coordinator.dataDir, 'packs')).catch(() => [])).toEqual([])
  const before = await bytesIn(chunks)
  // The rest is in open packs.
  expect(before).toBeGreaterThan(20 * MIB)
  await upkeep(coordinator, chunks)
  const after = await bytesIn(chunks)
  expect(after).toBeLessThan(before - 3 * MIB)
  expect(after).toBeGreaterThan(16 * MIB)

  await rm(join(coordinator.dataDir, 'pack-cache'), { recursive: true })
  await coordinator.start()
  const cedar = await start('cedar')
  await eventually('a new node has every file', async () => expect(await cedar.tree()).toEqual(tree))
}

/** Stores that do not belong together are refused, whichever of the two is named wrongly. */
export async function expectMismatchesRefused(life: Lifetime, server: S3Server): Promise<void> {
  const scratch = await scratchDirectory(life)
  const at = (prefix: string): string[] => {
    return ['--chunks', `s3://${server.bucket}/${prefix}-${process.pid}-${Date.now()}?endpoint=${server.endpoint}`]
  }
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator'), env: server.env })
  const ash = await startNode(life, { coordinator, dir: join(scratch, 'ash'), name: 'ash' })
  await writeFile(ash.path('file.txt'), 'text')
  await ash.wait()
  await coordinator.stop()
  await expect(coordinator.start({ more: at('empty') })).rejects.toThrow(/there is not one pack in s3:.*--chunks/s)
  const another = at('theirs')
  const theirs = await startCoordinator(life, {
    dataDir: join(scratch, 'theirs'),
    env: { ...server.env, CHUNKS_URL: another[1] },
  })
  await theirs.stop()
  await expect(coordinator.start({ more: another })).rejects.toThrow(/does not belong to the packs in s3:/)
  await coordinator.start()
  await ash.wait()
}

/** Kills it in the middle of whatever it is doing, and starts it again. */
async function killSoon(coordinator: Coordinator, ms: number): Promise<void> {
  await sleep(ms)
  await coordinator.kill9()
  await coordinator.start()
}

/** Rereads every chunk, and does the housekeeping of the next weeks at once. */
async function upkeep({ dataDir }: Coordinator, chunks: string): Promise<void> {
  const closers: (() => Promise<void>)[] = []
  const data = await openDataDirectory(dataDir)
  const { id, metadata, packs } = await openStores({
    data,
    databasePath: join(dataDir, 'coordinator.sqlite'),
    chunks: parseS3Place(chunks),
    rebuild: false,
    opened: (close) => closers.push(close),
  })
  let day = 0
  const clock = { now: () => Date.now() + day * DAY_MS }
  const coordinator = createCoordinator({ id, metadata, packs, clock, leaseTtlMs: 100 })
  const { contents, folders, housekeeping, packWatch } = coordinator
  const settings = { keepAllDays: 1, keepThinnedDays: 2 }
  for (const { id: folder } of await folders.list()) await folders.change(folder, { settings })
  for (day of [0, 40, 42, 44, 46]) {
    while (!(await housekeeping.run())) await sleep(20)
  }
  const { chunks: read, damaged } = await scrub({ metadata, packs })
  expect([read > 20, damaged, packWatch.problems()]).toEqual([true, [], []])
  await housekeeping.stop()
  await contents.close()
  for (const close of closers.reverse()) await close()
}

async function bytesIn(chunks: string): Promise<number> {
  const objects = await openS3PackObjects({ place: parseS3Place(chunks), timers: systemTimers, random: systemRandom })
  const listed = await objects.list()
  objects.close()
  return listed.reduce((sum, { bytes }) => sum + bytes, 0)
}
