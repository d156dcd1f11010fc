import {
  contentOfOnlyChunk,
  FolderIdSchema,
  NodeIdSchema,
  ROOT_ID,
  type ContentHash,
  type EntryId,
  type ChunkId,
  type NamedBytes,
} from '@causeway/protocol'
import { openReplicaState, type OpenFile } from '@causeway/replica'
import { createMemoryFiles } from '@causeway/testkit'
import { describe, expect, test } from 'vitest'
import { createNodeContents } from '../down/node-contents.ts'
import { chunkSourceConformance } from '../test-support/chunk-source-conformance.ts'
import { createMemoryChunks } from '../test-support/memory-chunks.ts'
import { createMemoryLink, sha256 } from '../test-support/memory-link.ts'
import { cheapestFirst } from './cheapest-first.ts'
import { coordinatorChunks } from './coordinator-chunks.ts'
import { fileChunks, findChunks, type ChunkPlace } from './file-chunks.ts'
import { localContents } from './local-contents.ts'

const folder = FolderIdSchema.parse('work')
const forever = new AbortController().signal
let ticks = 0n
const now = (): bigint => (ticks += 1n)

chunkSourceConformance('the source in memory that tests use', async (chunks) => {
  const source = createMemoryChunks(1, chunks)
  return { source, spoil: (hash) => void source.chunks.delete(hash) }
})

chunkSourceConformance('the coordinator', async (chunks) => {
  const link = createMemoryLink()
  for (const { hash, bytes } of chunks) link.chunks.set(hash, bytes)
  return { source: coordinatorChunks(link, folder), spoil: (hash) => void link.chunks.delete(hash) }
})

chunkSourceConformance('an open file', async (chunks) => {
  const { file, places } = await fileOf(chunks)
  const source = fileChunks(file.opened, places)
  return { source, spoil: (hash) => file.spoil(places.get(hash)), end: () => source.close() }
})

chunkSourceConformance('what the files of a node hold', async (chunks) => {
  const node = await nodeWith(chunks)
  return { source: localContents(node.contents), spoil: (hash) => node.spoil(hash), end: () => node.state.close() }
})

chunkSourceConformance('several sources, each with a part', async ([first, ...others]) => {
  const near = createMemoryChunks(0, first === undefined ? [] : [first])
  const far = createMemoryChunks(9, others)
  const spoil = (hash: ChunkId): void => void [near, far].map(({ chunks }) => chunks.delete(hash))
  return { source: cheapestFirst([far, near]), spoil }
})

describe('of several sources', () => {
  const one = named('one')
  const two = named('two')
  const three = named('three')

  test('the cheapest that has a chunk is asked for it, whatever the order they were named in', async () => {
    const near = createMemoryChunks(0, [one])
    const middle = createMemoryChunks(1, [one, two])
    const far = createMemoryChunks(2, [one, two, three])
    expect(await texts(cheapestFirst([far, near, middle]), [three, two, one])).toEqual(['one', 'three', 'two'])
    expect([near.asked, middle.asked, far.asked]).toEqual([[[one.hash]], [[two.hash]], [[three.hash]]])
  })

  test('the next is asked together for all that one did not give though it said so', async () => {
    const near = createMemoryChunks(0, [one])
    near.claimed.add(two.hash).add(three.hash)
    const far = createMemoryChunks(1, [one, two, three])
    expect(await texts(cheapestFirst([near, far]), [one, two, three])).toEqual(['one', 'three', 'two'])
    expect(far.asked).toEqual([[two.hash, three.hash]])
  })

  test('one that breaks off costs nothing of what it gave before', async () => {
    const near = createMemoryChunks(0, [one, two])
    near.beforeEach = (hash) => {
      if (hash === two.hash) throw new Error('gone')
    }
    const far = createMemoryChunks(1, [one, two])
    expect(await texts(cheapestFirst([near, far]), [one, two])).toEqual(['one', 'two'])
    expect(far.asked).toEqual([[two.hash]])
  })

  test('one that can’t even be asked is passed over', async () => {
    const near = createMemoryChunks(0, [one])
    near.has = () => Promise.reject(new Error('gone'))
    expect(await texts(cheapestFirst([near, createMemoryChunks(1, [one])]), [one])).toEqual(['one'])
    expect(near.asked).toEqual([])
  })

  test('the last says why a chunk can’t be had', async () => {
    const far = createMemoryChunks(1)
    far.beforeEach = () => {
      throw new Error('it was lost')
    }
    await expect(texts(cheapestFirst([createMemoryChunks(0), far]), [one])).rejects.toThrow('it was lost')
  })

  test('the last is not asked where nothing is left', async () => {
    const far = createMemoryChunks(1)
    await texts(cheapestFirst([createMemoryChunks(0, [one]), far]), [one, one])
    expect(far.asked).toEqual([])
  })

  test('what nobody asked for is not handed on', async () => {
    const near = createMemoryChunks(0, [one])
    const fetch = near.fetch
    near.fetch = (hashes) => fetch([...hashes, ...hashes])
    expect(await texts(cheapestFirst([near]), [one])).toEqual(['one'])
  })
})

test('a file is closed once what is being read was read, and gives nothing after that', async () => {
  const { file, places } = await fileOf([named('one'), named('two')])
  const events: string[] = []
  let finish: () => void = () => undefined
  const slow: OpenFile = {
    ...file.opened,
    async read(offset, length) {
      await new Promise<void>((resolve) => (finish = resolve))
      events.push('read')
      return file.opened.read(offset, length)
    },
    async close() {
      events.push('closed')
    },
  }
  const source = fileChunks(slow, places)
  const asked = texts(source, [named('one'), named('two')])
  await Promise.resolve()
  const closed = source.close()
  finish()
  await closed
  expect(await asked).toEqual(['one'])
  expect(events).toEqual(['read', 'closed'])
})

test('a file is looked through only if something is wanted of it', async () => {
  const disk = createMemoryFiles({ now, beforeCall: () => expect.unreachable() })
  expect((await findChunks(disk.files, 'a', new Set(), forever)).cost).toBe(0)
})

test('what was removed a moment ago is still held', async () => {
  const node = await nodeWith([named('one')])
  const file = await node.contents.open(contentOfOnlyChunk(named('one').hash))
  if (file === undefined) throw new Error('it is not held')
  node.state.removeBase('ash.0' as EntryId)
  const source = localContents(node.contents)
  expect((await source.has([named('one').hash])).size).toBe(0)
  node.contents.recentlyRemoved.keep(contentOfOnlyChunk(named('one').hash), file)
  expect((await source.has([named('one').hash])).size).toBe(1)
  expect(await texts(source, [named('one')])).toEqual(['one'])
  await node.contents.recentlyRemoved.letGo()
  node.state.close()
})

function named(text: string): NamedBytes {
  const bytes = new TextEncoder().encode(text)
  return { hash: sha256(bytes), bytes }
}

async function texts(source: Pick<ReturnType<typeof cheapestFirst>, 'fetch'>, chunks: readonly NamedBytes[]) {
  const found: string[] = []
  for await (const { bytes } of source.fetch(chunks.map(({ hash }) => hash)))
    found.push(new TextDecoder().decode(bytes))
  return found.toSorted()
}

/** One file in which these chunks follow one another. */
async function fileOf(chunks: readonly NamedBytes[]) {
  const disk = createMemoryFiles({ now })
  const whole = new Uint8Array(Buffer.concat(chunks.map(({ bytes }) => bytes)))
  disk.user.write('file', whole)
  const opened = await disk.files.open('file')
  if (opened === undefined) throw new Error('there is no file')
  const places = new Map<ChunkId, ChunkPlace>()
  let offset = 0
  for (const { hash, bytes } of chunks) {
    places.set(hash, { offset, size: bytes.length })
    offset += bytes.length
  }
  const spoilt = new Set<number>()
  const read: OpenFile['read'] = async (at, length) => {
    const bytes = (await opened.read(at, length)).slice()
    return spoilt.has(at) ? bytes.fill(1) : bytes
  }
  const spoil = (place: ChunkPlace | undefined): void => void spoilt.add(place?.offset ?? -1)
  return { file: { opened: { ...opened, read }, spoil }, places }
}

/** A node with a file for each chunk. */
async function nodeWith(chunks: readonly NamedBytes[]) {
  const disk = createMemoryFiles({ now })
  const state = openReplicaState({ path: ':memory:', folder, node: NodeIdSchema.parse('ash') })
  const contents = createNodeContents()
  contents.add({ files: disk.files, state })
  for (const [index, { hash, bytes }] of chunks.entries()) {
    const path = `file-${index}`
    disk.user.write(path, bytes)
    const stat = await disk.files.stat(path)
    if (stat === undefined) throw new Error(`there is no ${path}`)
    state.putBase({
      id: `ash.${index}` as EntryId,
      seq: 1,
      parent: ROOT_ID,
      name: path,
      placeVector: {},
      content: { kind: 'file', hash: contentOfOnlyChunk(hash), size: bytes.length, mode: 0o644, mtimeNs: '0' },
      contentVector: {},
      existenceVector: {},
      stat,
      racy: false,
    })
  }
  const spoilt = new Set<ContentHash>()
  const open: typeof contents.open = async (hash) => {
    const file = await contents.open(hash)
    return file !== undefined && spoilt.has(hash) ? { ...file, read: async () => new Uint8Array([1]) } : file
  }
  return { contents: { ...contents, open }, state, spoil: (hash: ChunkId) => void spoilt.add(contentOfOnlyChunk(hash)) }
}
