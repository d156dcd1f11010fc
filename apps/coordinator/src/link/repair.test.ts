import { beforeEach, expect, test } from 'vitest'
import { contentOfOnlyChunk, encodeManifest, SyncError, type ChunkId, type SmallContent } from '@causeway/protocol'
import { createOf, DEFAULT_FOLDER, fileOf, run, type Running } from '../test-support/running.ts'

/** Chunks that can't be read from the packs, and how often not. */
let damaged: Map<ChunkId, number>

beforeEach(() => {
  damaged = new Map()
})

test('a chunk found damaged when it is fetched is out of the index, and in it again once it was sent', async () => {
  await using running = await withFile('a', 'text')
  const { hash, bytes, contents } = about(running, 'text')
  damaged.set(hash, Infinity)
  await expect(drained(await contents.fetch(DEFAULT_FOLDER, [hash]))).rejects.toMatchObject({ code: 'chunk-corrupt' })
  expect(await contents.missing(DEFAULT_FOLDER, [hash])).toEqual([hash])
  expect(await awaited(running)).toEqual([hash])
  expect(await contents.repair.wanted(DEFAULT_FOLDER)).toEqual([hash])
  await expect(contents.fetch(DEFAULT_FOLDER, [hash])).rejects.toThrow(/was damaged on the coordinator's disk/)
  await expect(contents.manifest(DEFAULT_FOLDER, contentOfOnlyChunk(hash))).rejects.toMatchObject({
    code: 'chunk-missing',
  })

  damaged.clear()
  await keep(running, [{ hash: contentOfOnlyChunk(hash), bytes }])
  expect(await awaited(running)).toEqual([])
  expect(await contents.repair.wanted(DEFAULT_FOLDER)).toEqual([])
  expect(await drained(await contents.fetch(DEFAULT_FOLDER, [hash]))).toBe(1)
  expect(await metrics(running)).toEqual({ found: 1, awaited: 0 })
})

test('a chunk that can be read at the second try is not taken for damaged', async () => {
  await using running = await withFile('a', 'text')
  const { hash, contents } = about(running, 'text')
  damaged.set(hash, 1)
  expect(await drained(await contents.fetch(DEFAULT_FOLDER, [hash]))).toBe(1)
  expect(await awaited(running)).toEqual([])
})

test('what lay in a pack that is gone is awaited, be it the only one there was', async () => {
  await using running = await withFile('a', 'text')
  const { hash, contents } = about(running, 'text')
  await removePackOf(running, hash)
  await running.coordinator.packWatch.look()
  expect(await awaited(running)).toEqual([hash])
  expect(await contents.repair.wanted(DEFAULT_FOLDER)).toEqual([hash])
  expect(await metrics(running)).toEqual({ found: 1, awaited: 1 })
})

test('a chunk whose pack cannot be found is damage when it is read', async () => {
  await using running = await withFile('a', 'text')
  const { hash, contents } = about(running, 'text')
  await removePackOf(running, hash)
  await expect(drained(await contents.fetch(DEFAULT_FOLDER, [hash]))).rejects.toMatchObject({ code: 'chunk-missing' })
  expect(await awaited(running)).toEqual([hash])
})

test('while the disk of the packs is away, nothing counts as lost, and a person is told', async () => {
  await using running = await withFile('a', 'text')
  const { hash, contents } = about(running, 'text')
  const { packs } = running
  await removePackOf(running, hash)
  packs.isInPlace = async () => false
  await expect(drained(await contents.fetch(DEFAULT_FOLDER, [hash]))).rejects.toMatchObject({ code: 'chunk-missing' })
  await running.coordinator.packWatch.look()
  await running.coordinator.housekeeping.run()
  expect(await awaited(running)).toEqual([])
  const problems = (await running.rest('GET', '/api/metrics')).body.storageProblems
  expect(problems).toEqual([expect.stringContaining('as if its disk were not mounted')])
})

test('of the chunks of a lost pack, those that came again are awaited no more', async () => {
  await using running = await run()
  const { contents } = running.coordinator
  const ada = await running.enrol('ada')
  const texts = Array.from({ length: 5 }, (_, index) => `text ${index}`)
  for (const [index, text] of texts.entries()) await ada.save(text, text, index + 1)
  const hashes = texts.map((text) => fileOf(text).content.hash)
  await removePackOf(running, fileOf('text 0').chunk.hash)
  await running.coordinator.packWatch.look()
  expect((await contents.repair.wanted(DEFAULT_FOLDER)).toSorted()).toEqual(hashes.toSorted())
  await keep(
    running,
    texts.slice(0, 3).map((text) => fileOf(text).named),
  )
  expect((await awaited(running)).toSorted()).toEqual(hashes.slice(3).toSorted())
})

test('a chunk that lies elsewhere by now is left in the index', async () => {
  await using running = await withFile('a', 'text')
  const { hash, context, contents } = about(running, 'text')
  const [row] = await context.metadata.read((tx) => tx.chunks([hash]))
  if (row === undefined) throw new Error('the chunk is not held')
  await contents.repair.found([{ ...row, offset: row.offset + 1 }])
  expect(await context.metadata.read((tx) => tx.chunks([hash]))).toEqual([row])
  expect(await metrics(running)).toEqual({ found: 0, awaited: 0 })
})

test('rereading every chunk takes out those that are damaged, and names the contents that hold them', async () => {
  await using running = await withFile('small', 'small')
  const parts = [fileOf('first part, '), fileOf('second part')]
  const whole = fileOf('first part, second part')
  const { contents, commits } = running.coordinator
  const bea = await running.enrol('bea')
  await keep(
    running,
    parts.map(({ named }) => named),
  )
  const manifest = parts.map(({ chunk }) => chunk)
  await commits.commit(DEFAULT_FOLDER, bea.id, {
    clock: {},
    operations: [createOf(bea.id, 1, 'whole', whole.content)],
    contents: [],
    manifests: [{ content: whole.content.hash, chunks: encodeManifest(manifest) }],
    approved: false,
  })
  const [, second] = manifest
  if (second === undefined) throw new Error('there is no second chunk')
  damaged.set(second.hash, Infinity)
  await running.coordinator.housekeeping.run()
  expect(await awaited(running)).toEqual([second.hash])
  expect(await contents.repair.wanted(DEFAULT_FOLDER)).toEqual([whole.content.hash])
  expect(
    await running.coordinator.contents.missing(
      DEFAULT_FOLDER,
      manifest.map(({ hash }) => hash),
    ),
  ).toEqual([second.hash])
})

test('nodes hear what is wanted when it is found, and whenever they follow', async () => {
  await using running = await withFile('a', 'text')
  const { hash, contents } = about(running, 'text')
  const bob = await running.enrol('bob')
  const socket = await bob.socket()
  const { cursor } = await bob.changes()
  socket.send({ kind: 'follow', folder: DEFAULT_FOLDER, cursor })
  damaged.set(hash, Infinity)
  await expect(drained(await contents.fetch(DEFAULT_FOLDER, [hash]))).rejects.toMatchObject({ code: 'chunk-corrupt' })
  const wanted = { kind: 'wanted', folder: DEFAULT_FOLDER, contents: [hash] }
  expect((await socket.next()).kind).toBe('welcome')
  expect(await socket.next()).toEqual(wanted)
  const again = await bob.socket()
  again.send({ kind: 'follow', folder: DEFAULT_FOLDER, cursor })
  expect((await again.next()).kind).toBe('welcome')
  expect(await again.next()).toEqual(wanted)
})

test('changes go on without the bytes that are damaged', async () => {
  await using running = await withFile('a', 'text')
  const { hash, contents } = about(running, 'text')
  damaged.set(hash, Infinity)
  // What passed through lately is still in memory: push it out.
  const filler = new Uint8Array(1024 * 1024)
  for (let at = 0; at < 40; at++) await contents.keep([fileOf(filler.fill(at + 1)).named])
  const bob = await running.enrol('bob')
  const batch = await bob.changes()
  expect(batch.states.map(({ name }) => name)).toEqual(['a'])
  expect(batch.contents).toEqual([])
  expect(await awaited(running)).toEqual([hash])
})

/** A coordinator that holds one small file, over packs that can be damaged. */
async function withFile(name: string, text: string): Promise<Running> {
  const running = await run()
  const { packs } = running
  const read = packs.read.bind(packs)
  packs.read = async (hash, location) => {
    const failures = damaged.get(hash) ?? 0
    if (failures === 0) return read(hash, location)
    damaged.set(hash, failures - 1)
    throw new SyncError('chunk-corrupt', `cannot read chunk ${hash}: its bytes have changed`)
  }
  const ada = await running.enrol('ada')
  await ada.save(name, text, 1)
  return running
}

/** As an upload does. */
async function keep({ coordinator: { context, contents } }: Running, chunks: readonly SmallContent[]): Promise<void> {
  const rows = await contents.keep(chunks)
  await context.metadata.write(async (tx) => {
    await tx.addChunks(rows)
    await tx.addToFolder(
      DEFAULT_FOLDER,
      chunks.map(({ hash }) => hash),
    )
  })
}

async function awaited({ coordinator }: Running): Promise<readonly ChunkId[]> {
  return coordinator.context.metadata.read((tx) => tx.lostAfter(undefined, 100))
}

/** As a person who deletes its file does. */
async function removePackOf({ coordinator, packs }: Running, hash: ChunkId | undefined): Promise<void> {
  if (hash === undefined) throw new Error('there is no such chunk')
  const [row] = await coordinator.context.metadata.read((tx) => tx.chunks([hash]))
  if (row === undefined) throw new Error('the chunk is not held')
  await packs.removePacks([row.pack])
}

function about({ coordinator }: Running, text: string) {
  const { chunk, bytes } = fileOf(text)
  return { hash: chunk.hash, bytes, context: coordinator.context, contents: coordinator.contents }
}

/** Takes all there is, and says how many there were. */
async function drained(frames: AsyncIterable<unknown>): Promise<number> {
  let count = 0
  for await (const _ of frames) count++
  return count
}

async function metrics(running: Running): Promise<unknown> {
  return (await running.rest('GET', '/api/metrics')).body.damagedChunks
}
