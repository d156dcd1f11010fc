import { cp, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { createCoordinator, type Coordinator } from '../coordinator.ts'
import { openDataDirectory } from './data-directory.ts'
import { fileOf, handClock } from '../test-support/running.ts'
import { openStores } from './open-stores.ts'
import { readPacksBack } from './read-packs-back.ts'

const DAY_MS = 86_400_000
const LARGE = 'a text that is kept in a pack '.repeat(5000)

test('a missing database beside packs is refused, names both, and leaves no new one behind', async () => {
  const data = await dataWith(['kept'])
  const database = join(data, 'coordinator.sqlite')
  for (const end of ['', '-wal', '-shm']) await rm(`${database}${end}`, { force: true })
  const packs = await packsIn(data)
  await expect(start(data)).rejects.toMatchObject({
    code: 'store-mismatch',
    message: expect.stringMatching(new RegExp(`${database}.*${join(data, 'packs')}.*--rebuild-index`)),
  })
  await expect(stat(database)).rejects.toMatchObject({ code: 'ENOENT' })
  expect(await packsIn(data)).toEqual(packs)
})

test('a database path that is mistyped is refused, and the right one starts as ever', async () => {
  const data = await dataWith(['kept'])
  await expect(start(data, { databasePath: join(data, 'cordinator.sqlite') })).rejects.toMatchObject({
    code: 'store-mismatch',
  })
  const again = await start(data)
  expect(await again.holds('kept')).toBe(true)
})

test('the database of another coordinator is refused', async () => {
  const [data, other] = [await dataWith(['kept']), await dataWith(['other'])]
  await expect(start(data, { databasePath: join(other, 'coordinator.sqlite') })).rejects.toMatchObject({
    code: 'store-mismatch',
    message: expect.stringContaining('another coordinator'),
  })
})

test('the packs of another installation are refused, and stay as they are', async () => {
  const [data, other] = [await dataWith(['kept']), await dataWith(['other'])]
  await rm(join(data, 'packs'), { recursive: true })
  await cp(join(other, 'packs'), join(data, 'packs'), { recursive: true })
  const packs = await packsIn(data)
  await expect(start(data)).rejects.toMatchObject({ code: 'store-mismatch' })
  expect(await packsIn(data)).toEqual(packs)
})

test('a place where the packs were, and are not, is refused; with --rebuild-index nodes are asked for all', async () => {
  const data = await dataWith(['kept'])
  await rm(join(data, 'packs'), { recursive: true })
  await expect(start(data)).rejects.toMatchObject({
    code: 'store-mismatch',
    message: expect.stringContaining('not mounted'),
  })
  const rebuilt = await start(data, { rebuild: true })
  expect(await rebuilt.coordinator.contents.repair.awaitedCount()).toBe(1)
  await rebuilt.end()
  // Once is enough.
  await start(data)
})

test('a coordinator whose id was lost takes it from its database: nodes know it by that', async () => {
  const data = await dataWith(['kept'])
  const before: unknown = JSON.parse(await readFile(join(data, 'coordinator.json'), 'utf8'))
  await rm(join(data, 'coordinator.json'))
  await start(data)
  expect(JSON.parse(await readFile(join(data, 'coordinator.json'), 'utf8'))).toEqual(before)
})

test('an older installation, whose stores carry no ids, is taken as one where its index finds its chunks, and refused else', async () => {
  const [data, other] = [await dataWith(['kept']), await dataWith(['other'])]
  for (const path of [data, other]) {
    const database = new DatabaseSync(join(path, 'coordinator.sqlite'))
    database.exec("DELETE FROM settings WHERE key IN ('coordinator', 'packs')")
    database.close()
    await rm(join(path, 'packs', 'identity.json'))
  }
  await expect(start(data, { databasePath: join(other, 'coordinator.sqlite') })).rejects.toMatchObject({
    code: 'store-mismatch',
  })
  const adopted = await start(data)
  expect(await adopted.holds('kept')).toBe(true)
  await adopted.end()
  // From then on the ids tell.
  await expect(start(other, { databasePath: join(data, 'coordinator.sqlite') })).rejects.toMatchObject({
    code: 'store-mismatch',
  })
})

test('packs that an older database does not know are read back, and outlive every upkeep of the next weeks', async () => {
  const data = await temporaryDirectory()
  const first = await start(data)
  await first.keep('early')
  await first.end()
  const backup = await temporaryDirectory()
  await cp(join(data, 'coordinator.sqlite'), join(backup, 'coordinator.sqlite'))
  const second = await start(data)
  const many = Array.from({ length: 150 }, (_, index) => `late ${index}`)
  for (const text of many) await second.keep(text)
  await second.end()
  await rm(join(data, 'coordinator.sqlite-wal'), { force: true })
  await rm(join(data, 'coordinator.sqlite-shm'), { force: true })
  await cp(join(backup, 'coordinator.sqlite'), join(data, 'coordinator.sqlite'))

  const clock = handClock()
  const restored = await start(data, { clock })
  for (const text of ['early', ...many]) expect(await restored.holds(text)).toBe(true)
  const housekeeping = restored.coordinator.housekeeping
  for (let day = 0; day < 20; day++) {
    await housekeeping.run()
    clock.advance(DAY_MS)
  }
  expect(await restored.holds(many.at(-1) ?? '')).toBe(true)
  // Then what nothing uses goes as ever.
  clock.advance(20 * DAY_MS)
  await housekeeping.run()
  clock.advance(2 * DAY_MS)
  await housekeeping.run()
  expect(await restored.holds(many.at(-1) ?? '')).toBe(false)
})

test('with --rebuild-index a new database knows every chunk of the packs, and the id stays', async () => {
  const data = await dataWith(['kept', LARGE])
  const id: unknown = JSON.parse(await readFile(join(data, 'coordinator.json'), 'utf8'))
  for (const end of ['', '-wal', '-shm']) await rm(join(data, `coordinator.sqlite${end}`), { force: true })
  const rebuilt = await start(data, { rebuild: true })
  for (const text of ['kept', LARGE]) expect(await rebuilt.holds(text)).toBe(true)
  expect(JSON.parse(await readFile(join(data, 'coordinator.json'), 'utf8'))).toEqual(id)
})

test('packs removed beside their note while nothing ran are noticed at the start', async () => {
  const data = await dataWith(['kept'])
  for (const name of await packsIn(data)) await rm(join(data, 'packs', name))
  const again = await start(data)
  expect(await again.holds('kept')).toBe(false)
  expect(await again.coordinator.contents.repair.awaitedCount()).toBe(1)
})

test('packs removed under a running coordinator are noticed, and what comes afterwards is safe', async () => {
  const data = await temporaryDirectory()
  const running = await start(data)
  await running.keep('before')
  await rm(join(data, 'packs'), { recursive: true })
  await running.keep('after')
  await running.coordinator.packWatch.look()
  expect(await running.coordinator.contents.repair.awaitedCount()).toBe(1)
  await running.end()
  const again = await start(data)
  expect(await again.holds('after')).toBe(true)
  expect(await again.holds('before')).toBe(false)
})

test('packs that were away and are put back are read into the index again', async () => {
  const data = await dataWith(['kept'])
  const aside = await temporaryDirectory()
  const names = await packsIn(data)
  for (const name of names) {
    await cp(join(data, 'packs', name), join(aside, name))
    await rm(join(data, 'packs', name))
  }
  const running = await start(data)
  expect(await running.holds('kept')).toBe(false)
  for (const name of names) await cp(join(aside, name), join(data, 'packs', name))
  await running.coordinator.packWatch.look()
  expect(await running.holds('kept')).toBe(true)
  expect(await running.coordinator.contents.repair.awaitedCount()).toBe(0)
})

interface Started {
  readonly coordinator: Coordinator
  readonly packs: Awaited<ReturnType<typeof openStores>>['packs']
  /** As an upload does. */
  keep(text: string): Promise<void>
  /** Index and pack both have it. */
  holds(text: string): Promise<boolean>
  end(): Promise<void>
}

async function start(
  path: string,
  options: { databasePath?: string; rebuild?: boolean; clock?: { now(): number } } = {},
): Promise<Started> {
  const { databasePath = join(path, 'coordinator.sqlite'), rebuild = false, clock } = options
  const closers: (() => Promise<void>)[] = []
  const end = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close()
  }
  onTestFinished(end)
  const data = await openDataDirectory(path)
  const { id, metadata, packs } = await openStores({
    data,
    databasePath,
    rebuild,
    opened: (close) => closers.push(close),
  }).catch(async (error: unknown) => {
    await end()
    throw error
  })
  const coordinator = createCoordinator({ id, metadata, packs, ...(clock && { clock }) })
  closers.push(async () => coordinator.contents.close())
  await readPacksBack(coordinator.context, { packs, packWatch: coordinator.packWatch }, rebuild)
  await coordinator.folders.ensure('default')
  return {
    coordinator,
    packs,
    async keep(text) {
      const rows = await coordinator.contents.keep([fileOf(text).named])
      await metadata.write((tx) => tx.addChunks(rows))
    },
    async holds(text) {
      const { hash } = fileOf(text).chunk
      const [row] = await metadata.read((tx) => tx.chunks([hash]))
      if (row === undefined) return false
      return packs.read(hash, row).then(
        () => true,
        () => false,
      )
    },
    end,
  }
}

/** A data directory that was in use by a coordinator which has ended. */
async function dataWith(texts: readonly string[]): Promise<string> {
  const data = await temporaryDirectory()
  const running = await start(data)
  for (const text of texts) await running.keep(text)
  await running.end()
  return data
}

async function packsIn(data: string): Promise<string[]> {
  return (await readdir(join(data, 'packs'))).filter((name) => name.endsWith('.pack'))
}

async function temporaryDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'coordinator-stores-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}
