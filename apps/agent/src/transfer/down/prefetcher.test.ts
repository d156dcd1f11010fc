import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { encodeManifest, NodeIdSchema, SyncError, type Coming } from '@causeway/protocol'
import { createMemoryLink, type MemoryLink } from '../test-support/memory-link.ts'
import { createNodeContents, type NodeContents } from './node-contents.ts'
import { expectSame, hold as holdIn, manifestOf, noise, openFolder, type Folder } from './test-support/folder.ts'

const elsewhere = NodeIdSchema.parse('birch')

let link: MemoryLink
let contents: NodeContents
let work: Folder

beforeEach(async () => {
  link = createMemoryLink()
  contents = createNodeContents()
  work = await openFolder('work', link, contents)
})

afterEach(() => work.close())

const bytes = noise(12_000_000, 40)
const list = manifestOf(bytes)

test('what another node is still sending is fetched before its commit, and no chunk twice', async () => {
  const content = holdIn(link, bytes)
  announce(0, 60)
  announce(60, 120)
  await fetched(120)
  link.calls.length = 0
  expectSame(await work.download(content), bytes)
  expect(link.counts.fetched).toBe(list.length)
  expect(await work.stagedNames()).toEqual([])
})

test('what another node is still sending is joined by a download that comes while it is being fetched', async () => {
  const content = holdIn(link, bytes)
  announce(0, 100)
  expectSame(await work.download(content), bytes)
  expect(link.counts.fetched).toBe(list.length)
})

test('what another node is still sending is of use as far as it came when the coordinator went away', async () => {
  const content = holdIn(link, bytes)
  announce(0, 50)
  await fetched(50)
  const refused = Promise.withResolvers<void>()
  link.before = (call) => {
    refused.resolve()
    if (call === 'fetch') throw new SyncError('offline', 'gone')
  }
  announce(50, 120)
  await refused.promise
  link.before = () => undefined
  expectSame(await work.download(content), bytes)
  expect(link.counts.fetched).toBe(list.length)
})

test('what another node is still sending is given up when it turns out to be something else', async () => {
  holdIn(link, bytes)
  announce(0, 60)
  const other = noise(9_000_000, 41)
  expectSame(await work.download(holdIn(link, other)), other)
  await work.transfer.dropPrefetched()
  expect(await work.stagedNames()).toEqual([])
})

test('what another node is still sending leaves nothing when it is never committed, or goes on elsewhere than it ended', async () => {
  holdIn(link, bytes)
  announce(0, 60)
  await fetched(60)
  expect(await work.stagedNames()).toHaveLength(1)
  announce(70, 80)
  await expect.poll(() => work.stagedNames()).toEqual([])
  announce(0, 60)
  await work.transfer.dropPrefetched()
  expect(await work.stagedNames()).toEqual([])
  announce(80, 90)
  expect(await work.stagedNames()).toEqual([])
})

test('what another node is still sending is left alone if it is small, begins in the middle, or makes no sense', async () => {
  holdIn(link, bytes)
  const chunks = encodeManifest(list.slice(0, 10))
  const coming: Coming = { upload: 'u', sizeBytes: bytes.length, first: 0, chunks }
  work.transfer.prefetch({ ...coming, sizeBytes: 1_000_000 }, elsewhere)
  work.transfer.prefetch({ ...coming, first: 3 }, elsewhere)
  work.transfer.prefetch({ ...coming, chunks: chunks.subarray(0, 35) }, elsewhere)
  await pause(20)
  expect(link.calls).toEqual([])
  expect(await work.stagedNames()).toEqual([])
})

test('what another node is still sending is fetched for two uploads at once and no more', async () => {
  holdIn(link, bytes)
  for (const upload of ['a', 'b', 'c']) announce(0, 10, upload)
  await fetched(20)
  expect(await work.stagedNames()).toHaveLength(2)
  await work.transfer.dropPrefetched()
})

test('what another node is still sending is not fetched where the node holds most of it', async () => {
  await work.place('copy', bytes)
  holdIn(link, bytes)
  announce(0, 100)
  await pause(20)
  expect(link.calls).toEqual([])
})

function announce(first: number, end: number, upload = 'upload-1'): void {
  const chunks = encodeManifest(list.slice(first, end))
  work.transfer.prefetch({ upload, sizeBytes: bytes.length, first, chunks }, elsewhere)
}

function fetched(count: number): Promise<void> {
  return expect.poll(() => link.counts.fetched, { interval: 5 }).toBe(count)
}
