import { stat as statFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { spliceParts } from '@causeway/engine'
import { packDelta } from '@causeway/packing'
import { encodeManifest, ListDigestSchema, SyncError, type FileContent, type Patch } from '@causeway/protocol'
import { contentHashOf, createMemoryLink, sha256, type MemoryLink } from '../test-support/memory-link.ts'
import { ChunkTable } from './chunk-table.ts'
import { keepingRecentlyRemoved } from './recently-removed.ts'
import { createNodeContents, type NodeContents } from './node-contents.ts'
import {
  expectSame,
  hold as holdIn,
  listOf,
  manifestOf,
  noise,
  openFolder,
  type Folder,
} from './test-support/folder.ts'

let link: MemoryLink
let contents: NodeContents
let work: Folder
let photos: Folder

beforeEach(async () => {
  link = createMemoryLink()
  contents = createNodeContents()
  work = await openFolder('work', link, contents)
  photos = await openFolder('photos', link, contents)
})

afterEach(async () => {
  await work.close()
  await photos.close()
})

describe('what replaces a file', () => {
  test('whatever is known of the old one, and whatever came along, comes out as it should be', async () => {
    await fc.assert(
      fc.asyncProperty(anyVersions, anyKnowledge, async ({ older, newer }, knowledge) => {
        const base = await work.place('file', older)
        const content = hold(newer)
        let patch = await patchBetween(older, newer)
        if (!knowledge.isListKnown) work.state.putChunkList(base.content.hash, listOf(photosOf(1)))
        if (knowledge.patch === 'absent') patch = null
        if (knowledge.patch === 'corrupt') patch = corrupted(patch)
        if (knowledge.patch === 'of another base') patch = await patchBetween(photosOf(2), newer)
        if (knowledge.isTouched) await writeFile(join(work.root, 'file'), photosOf(3))
        if (!knowledge.isAsked) refuse('patch')
        else link.before = () => undefined
        const replaces = { path: 'file', base: knowledge.isRacy ? { ...base, racy: true } : base }
        expectSame(await work.download(content, { replaces, patch }), Buffer.from(newer))
      }),
      { numRuns: 60 },
    )
  })

  test('is patched with what came along, and nothing is asked', async () => {
    const { base, content, newer, patch } = await edited()
    link.calls.length = 0
    expectSame(await work.download(content, { replaces: { path: 'file', base }, patch }), newer)
    expect(link.calls).toEqual([])
  })

  test('is patched by what the coordinator says of it, in one request', async () => {
    const { base, content, newer } = await edited()
    link.calls.length = 0
    expectSame(await work.download(content, { replaces: { path: 'file', base }, patch: null }), newer)
    expect(link.calls).toEqual(['patch'])
  })

  test('with a delta that makes other bytes than it says, only its chunks are fetched', async () => {
    const { base, content, older, newer, patch } = await edited()
    if (patch === null) throw new Error('there is no patch')
    const [delta] = patch.deltas
    if (delta === undefined) throw new Error('there is no delta')
    const sizeBytes = ChunkTable.decode(delta.chunks).sizeBytes
    const region = older.subarray(delta.base.offset, delta.base.offset + delta.base.length)
    const deltas = [{ ...delta, bytes: await packDelta(region, noise(sizeBytes, 9)) }]
    link.calls.length = 0
    expectSame(await work.download(content, { replaces: { path: 'file', base }, patch: { ...patch, deltas } }), newer)
    expect(new Set(link.calls)).toEqual(new Set(['fetch']))
  })

  test('is known by its chunks afterwards, so that the next version is patched too', async () => {
    const { base, content, newer } = await edited()
    await work.download(content, { replaces: { path: 'file', base }, patch: null })
    const again = await work.place('file', newer)
    work.state.putChunkList(again.content.hash, listOf(newer))
    const third = Buffer.concat([newer, noise(3000, 77)])
    link.calls.length = 0
    expectSame(await work.download(hold(third), { replaces: { path: 'file', base: again }, patch: null }), third)
    expect(link.calls).toEqual(['patch'])
  })

  test('a file whose bytes changed behind the back of its stat costs a second try, never the content', async () => {
    const { base, content, newer, older } = await edited()
    const { atime, mtime } = await statFile(join(work.root, 'file'))
    await writeFile(join(work.root, 'file'), noise(older.length, 5))
    await utimes(join(work.root, 'file'), atime, mtime)
    const stat = await work.files.stat('file')
    if (stat === undefined) throw new Error('there is no file')
    const replaces = { path: 'file', base: { ...base, stat } }
    expectSame(await work.download(content, { replaces, patch: null }), newer)
    expect(await work.stagedNames()).toEqual([])
  })
})

describe('what the node holds already', () => {
  test('in the same folder or another, is copied without a request', async () => {
    const bytes = noise(3_000_000)
    await work.place('here', bytes)
    const content = hold(bytes)
    link.calls.length = 0
    expectSame(await work.download(content), bytes)
    expectSame(await photos.download(content), bytes)
    expect(link.calls).toEqual([])
    expect(photos.state.chunkList(content.hash)).toEqual(listOf(bytes))
  })

  test('is not taken from a file that was changed since', async () => {
    const bytes = noise(300_000)
    await work.place('here', bytes)
    await writeFile(join(work.root, 'here'), noise(300_000, 9))
    expectSame(await photos.download(hold(bytes)), bytes)
    expect(link.counts.fetched).toBeGreaterThan(0)
  })

  test('nor from one whose bytes are others though its stat is the same', async () => {
    const bytes = noise(300_000)
    const base = await work.place('here', bytes)
    await writeFile(join(work.root, 'here'), noise(300_000, 9))
    const stat = await work.files.stat('here')
    if (stat === undefined) throw new Error('there is no file')
    work.state.putBase({ ...base, stat })
    expectSame(await photos.download(hold(bytes)), bytes)
    expect(await photos.stagedNames()).toEqual([])
  })

  test('or held until a moment ago, in whatever order a move to another folder arrives', async () => {
    const bytes = noise(3_000_000)
    const base = await work.place('here', bytes)
    const files = keepingRecentlyRemoved(work.files, work.state, contents.recentlyRemoved)
    expect(await files.removeFile('here', base.stat)).toEqual({ kind: 'removed' })
    work.state.removeBase(base.id)
    const content = hold(bytes)
    link.calls.length = 0
    expectSame(await photos.download(content), bytes)
    expect(link.calls).toEqual([])
    await contents.recentlyRemoved.letGo()
    expect(await contents.open(content.hash)).toBeUndefined()
  })

  test('of a content that is new as a whole, only the rest is fetched', async () => {
    const bytes = noise(5_000_000)
    await work.place('draft', bytes)
    const newer = Buffer.concat([noise(10_000, 3), bytes, noise(10_000, 4)])
    const content = hold(newer)
    expectSame(await photos.download(content), newer)
    expect(link.counts.fetched).toBeLessThan(10)
  })
})

describe('long runs of zeros', () => {
  test('take no room on the disk, and one chunk on the wire', async () => {
    const bytes = Buffer.concat([noise(500_000), new Uint8Array(40_000_000), noise(500_000, 2)])
    expectSame(await work.download(hold(bytes)), bytes)
    expect((await statFile(join(work.root, 'out'))).blocks * 512).toBeLessThan(3_000_000)
    expect(link.wire.down).toBeLessThan(3_000_000)
  })

  test('are left out of a copy too, and at a file’s end', async () => {
    const bytes = Buffer.concat([noise(500_000), new Uint8Array(20_000_000)])
    await work.place('here', bytes)
    expectSame(await photos.download(hold(bytes)), bytes)
    expect((await statFile(join(photos.root, 'out'))).blocks * 512).toBeLessThan(1_500_000)
  })
})

/** A file, and a version of it with a few bytes more in the middle. */
async function edited() {
  const older = noise(3_000_000)
  const newer = Buffer.concat([older.subarray(0, 1_000_000), noise(500, 2), older.subarray(1_000_000)])
  const base = await work.place('file', older)
  return { older, newer, base, content: hold(newer), patch: await patchBetween(older, newer) }
}

function hold(bytes: Uint8Array): FileContent {
  return holdIn(link, bytes)
}

async function patchBetween(older: Uint8Array, newer: Uint8Array): Promise<Patch | null> {
  const [base, next] = [manifestOf(older), manifestOf(newer)]
  const held = new Set(base.map(({ hash }) => hash))
  const chunks = next.filter(({ hash }) => !held.has(hash))
  const region = older.subarray(0, Math.min(older.length, 1_000_000))
  let at = 0
  const spans = next.map((chunk) => ({ chunk, bytes: newer.subarray(at, (at += chunk.size)) }))
  const plain = Buffer.concat(spans.filter(({ chunk }) => !held.has(chunk.hash)).map(({ bytes }) => bytes))
  const deltas =
    chunks.length === 0 || region.length === 0 || plain.length > 4_000_000
      ? []
      : [
          {
            base: { content: contentHashOf(older), offset: 0, length: region.length },
            chunks: encodeManifest(chunks),
            encoding: 'dictionary' as const,
            bytes: await packDelta(region, plain),
          },
        ]
  const digest = ListDigestSchema.parse(sha256(encodeManifest(next)))
  const splice = { base: contentHashOf(older), parts: [...spliceParts(base, next)], digest }
  return { content: contentHashOf(newer), splice, deltas }
}

function corrupted(patch: Patch | null): Patch | null {
  if (patch === null) return null
  const deltas = patch.deltas.map((delta) => ({
    ...delta,
    bytes: delta.bytes.map((byte, at) => (at === 20 ? ~byte : byte)),
  }))
  return deltas.length > 0
    ? { ...patch, deltas }
    : { ...patch, splice: { ...patch.splice, digest: ListDigestSchema.parse(sha256(photosOf(8))) } }
}

function refuse(refused: string): void {
  link.before = (call) => {
    if (call === refused) throw new SyncError('chunk-missing', 'not now')
  }
}

function photosOf(seed: number): Uint8Array {
  return noise(100_000, seed + 100)
}

const anyVersions = fc
  .record({
    length: fc.oneof(fc.nat(60_000), fc.nat(700_000)),
    zeros: fc.oneof(fc.constant(0), fc.nat(600_000)),
    repeat: fc.integer({ min: 1, max: 3 }),
    mutations: fc.array(
      fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), removed: fc.nat(5000), added: fc.nat(5000) }),
      { maxLength: 3 },
    ),
  })
  .map(({ length, zeros, repeat, mutations }) => {
    const part = Buffer.concat([noise(length), new Uint8Array(zeros)])
    const older = Buffer.concat([...Array.from({ length: repeat }, () => part), noise(70_000, 6)])
    const newer = mutations.reduce((bytes, { at, removed, added }) => {
      const from = Math.floor(at * bytes.length)
      return Buffer.concat([bytes.subarray(0, from), noise(added, added + 2), bytes.subarray(from + removed)])
    }, older)
    return { older, newer }
  })

const anyKnowledge = fc.record({
  patch: fc.constantFrom('right', 'absent', 'corrupt', 'of another base'),
  isListKnown: fc.boolean(),
  isTouched: fc.boolean(),
  isRacy: fc.boolean(),
  isAsked: fc.boolean(),
})
