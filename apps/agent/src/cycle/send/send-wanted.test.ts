import { afterEach, beforeEach, expect, test } from 'vitest'
import { onlyChunkOf, SyncError, type ChunkId, type ContentHash } from '@causeway/protocol'
import { hashOf } from './read-content.ts'
import { World, type TestNode } from '../test-support/world.ts'

let world: World
let ash: TestNode
let birch: TestNode

beforeEach(async () => {
  world = new World()
  ash = world.join('ash')
  birch = world.join('birch')
})
afterEach(() => world.close())

test('a small content and the chunk of a large one are sent again, and nothing else is', async () => {
  const film = await filmEverywhere()
  const [chunk] = lose(film.chunks.slice(3, 4))
  const [note] = lose([onlyChunkOf(hashOf(Buffer.from('note')))])
  const head = world.folder.head
  birch.traffic.up = 0
  ask(birch, [film.content, hashOf(Buffer.from('note'))])
  await birch.cycle()
  for (const lost of [chunk, note]) expect(world.folder.chunks.get(lost!.hash)).toEqual(lost?.bytes)
  expect(birch.traffic.up).toBe((chunk?.bytes.length ?? 0) + (note?.bytes.length ?? 0))
  expect(world.folder.head).toBe(head)
  expect(birch.memory.send.wanted.size).toBe(0)
})

test('a file that changes in that moment sends what it still holds of the content, never other bytes', async () => {
  const film = await filmEverywhere()
  const lost = lose(film.chunks)
  const edited = Buffer.from(film.bytes).fill(0, 0, 300_000)
  ask(birch, [film.content])
  birch.beforeDisk = ({ method, path }) => {
    if (method === 'open' && path === 'film') birch.user.write('film', edited)
  }
  await birch.cycle()
  const { chunks } = world.folder
  expect(chunks.has(lost[0]!.hash)).toBe(false)
  expect(chunks.get(lost.at(-1)!.hash)).toEqual(lost.at(-1)?.bytes)
  for (const [hash, bytes] of chunks) expect(hashOf(bytes)).toBe(hash)
})

test('what nobody here holds is forgotten', async () => {
  ask(birch, [hashOf(Buffer.from('unknown'))])
  await birch.cycle()
  expect(birch.memory.send.wanted.size).toBe(0)
  expect(birch.traffic.up).toBe(0)
})

test('what could not be sent while the link was down is sent by the next cycle', async () => {
  const film = await filmEverywhere()
  lose(film.chunks.slice(0, 1))
  ask(birch, [film.content])
  birch.beforeDisk = ({ method, path }) => {
    if (method === 'read' && path === 'film') throw new SyncError('offline', 'the link broke')
  }
  await birch.brokenCycle()
  expect(birch.memory.send.wanted.size).toBe(1)
  birch.beforeDisk = () => undefined
  await birch.cycle()
  expect(world.folder.chunks.has(film.chunks[0]!)).toBe(true)
})

test('a small content that the coordinator has lost is told of, and holds up no other', async () => {
  ash.user.write('lost', 'lost')
  ash.user.write('kept', 'kept')
  await ash.cycle()
  lose([onlyChunkOf(hashOf(Buffer.from('lost')))])
  const report = await birch.cycle()
  expect(await birch.tree()).toEqual({ kept: 'kept' })
  expect(report.problems).toMatchObject([{ path: 'lost', code: 'chunk-missing' }])
  expect(report.pendingDown).toBe(1)

  ask(ash, [hashOf(Buffer.from('lost'))])
  await ash.cycle()
  expect((await birch.cycle()).problems).toEqual([])
  expect(await birch.tree()).toEqual({ kept: 'kept', lost: 'lost' })
})

interface Film {
  readonly content: ContentHash
  readonly bytes: Uint8Array
  readonly chunks: readonly ChunkId[]
}

/** A large file and a small one, with everybody. */
async function filmEverywhere(): Promise<Film> {
  const words = Uint32Array.from({ length: 500_000 }, (_, index) => Math.imul(index, 2_654_435_761) ^ (index >>> 3))
  const bytes = new Uint8Array(words.buffer)
  ash.user.write('film', bytes)
  ash.user.write('note', 'note')
  await world.settle()
  const content = hashOf(bytes)
  return { content, bytes, chunks: world.folder.manifest(content).map(({ hash }) => hash) }
}

/** Takes chunks from the coordinator's disk; returns what they were. */
function lose(hashes: readonly ChunkId[]): readonly { hash: ChunkId; bytes: Uint8Array }[] {
  return hashes.map((hash) => {
    const bytes = world.folder.chunks.get(hash)
    if (bytes === undefined) throw new Error(`there is no chunk ${hash}`)
    world.folder.chunks.delete(hash)
    return { hash, bytes }
  })
}

function ask(node: TestNode, contents: readonly ContentHash[]): void {
  for (const content of contents) node.memory.send.wanted.add(content)
}
