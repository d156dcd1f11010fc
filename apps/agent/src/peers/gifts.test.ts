import { beforeEach, expect, test } from 'vitest'
import {
  encodeManifest,
  entryIdOf,
  FolderIdSchema,
  ChunkIdSchema,
  NodeIdSchema,
  ROOT_ID,
  type ChunkId,
} from '@causeway/protocol'
import { openReplicaState } from '@causeway/replica'
import { createMemoryFiles } from '@causeway/testkit'
import type { SharedDownload } from '../ports.ts'
import { ChunkTable } from '../transfer/down/chunk-table.ts'
import { contentHashOf, sha256 } from '../transfer/test-support/memory-link.ts'
import { createGifts, type Gifts } from './gifts.ts'
import { createRecentChunks } from './recent-chunks.ts'

const [docs, photos] = [FolderIdSchema.parse('docs'), FolderIdSchema.parse('photos')]
const ash = NodeIdSchema.parse('ash')
const CHUNKS = ['one', 'two', 'three'].map((text) => Buffer.from(text))
const LIST = CHUNKS.map((bytes) => ({ hash: sha256(bytes), size: bytes.length }))
const HASHES = LIST.map(({ hash }) => hash)
const WHOLE = Buffer.concat(CHUNKS)
const CONTENT = contentHashOf(WHOLE)
const UNKNOWN = ChunkIdSchema.parse('0'.repeat(64))

let gifts: Gifts
beforeEach(() => {
  gifts = createGifts()
})

test('what a file of the folder holds is given, and to nobody who asks for another folder', async () => {
  await withFile(async (close) => {
    expect([gifts.stateOf(docs, CONTENT), gifts.stateOf(photos, CONTENT)]).toEqual(['whole', 'none'])
    expect(await given(docs, [...HASHES, UNKNOWN])).toEqual(['one', 'two', 'three'])
    expect(await given(photos, HASHES)).toEqual([])
    expect(gifts.has(photos, CONTENT, HASHES)).toEqual([false, false, false])
    expect([gifts.chunkList(docs, CONTENT), gifts.chunkList(photos, CONTENT)]).toEqual([
      encodeManifest(LIST),
      undefined,
    ])
    close()
    expect(await given(docs, HASHES)).toEqual([])
  })
})

test('a file that was changed since is not given', async () => {
  await withFile(async (_, change) => {
    change()
    expect(await given(docs, HASHES)).toEqual([])
  })
})

test('of what is being fetched, that is given which is written, and what came a moment ago', async () => {
  const download: SharedDownload = {
    content: CONTENT,
    list: ChunkTable.of(LIST),
    done: () => 1,
    read: async (offset, length) => WHOLE.subarray(offset, offset + length),
  }
  const leave = gifts.share(docs, download)
  expect([gifts.stateOf(docs, CONTENT), gifts.stateOf(photos, CONTENT)]).toEqual(['coming', 'none'])
  expect(gifts.has(docs, CONTENT, HASHES)).toEqual([true, false, false])
  gifts.came(docs, { hash: HASHES[2]!, bytes: CHUNKS[2]! })
  expect(gifts.has(docs, CONTENT, HASHES)).toEqual([true, false, true])
  expect(gifts.has(photos, CONTENT, HASHES)).toEqual([false, false, false])
  expect(await given(docs, HASHES)).toEqual(['one', 'three'])
  expect(await given(photos, HASHES)).toEqual([])
  leave()
  expect(gifts.stateOf(docs, CONTENT)).toBe('none')
})

test('bytes that are not yet what they are to be are not given', async () => {
  const list = ChunkTable.of(LIST)
  gifts.share(docs, { content: CONTENT, list, done: () => 3, read: async (_, length) => new Uint8Array(length) })
  expect(await given(docs, HASHES)).toEqual([])
})

test('what came longest ago makes room', () => {
  const recent = createRecentChunks(8)
  for (const [at, bytes] of CHUNKS.entries()) recent.put(docs, { hash: HASHES[at]!, bytes })
  expect(HASHES.map((hash) => recent.has(docs, hash))).toEqual([false, true, true])
})

async function given(folder: typeof docs, hashes: readonly ChunkId[]): Promise<string[]> {
  const texts: string[] = []
  for await (const { bytes } of gifts.fetch(folder, CONTENT, hashes)) texts.push(Buffer.from(bytes).toString())
  return texts
}

/** Both folders are open; the file is in `docs`. */
async function withFile(work: (close: () => void, change: () => void) => Promise<void>): Promise<void> {
  let ticks = 0n
  const disk = createMemoryFiles({ now: () => (ticks += 1n) })
  const states = [docs, photos].map((folder) => openReplicaState({ path: ':memory:', folder, node: ash }))
  const [state, other] = states as [(typeof states)[0], (typeof states)[0]]
  disk.user.write('file', WHOLE)
  const stat = await disk.files.stat('file')
  if (stat === undefined) throw new Error('it is not there')
  state.putBase({
    id: entryIdOf(ash, 1),
    seq: 1,
    parent: ROOT_ID,
    name: 'file',
    placeVector: {},
    content: { kind: 'file', hash: CONTENT, size: WHOLE.length, mode: 0o644, mtimeNs: '0' },
    contentVector: {},
    existenceVector: {},
    stat,
    racy: false,
  })
  state.putChunkList(CONTENT, encodeManifest(LIST))
  const close = gifts.open(docs, { files: disk.files, state })
  gifts.open(photos, { files: createMemoryFiles({ now: () => 1n }).files, state: other })
  await work(close, () => disk.user.write('file', Buffer.from('another text')))
  for (const opened of states) opened.close()
}
