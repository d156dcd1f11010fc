import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { FolderIdSchema, type ContentHash, type FileContent, type Manifest } from '@causeway/protocol'
import type { Files } from '@causeway/replica'
import { createMemoryFiles, type MemoryFiles } from '@causeway/testkit'
import { createTransfer } from '../create-transfer.ts'
import { keepLeftovers } from './leftovers.ts'
import { contentHashOf, createMemoryLink, sha256, type MemoryLink } from '../test-support/memory-link.ts'

const folder = FolderIdSchema.parse('work')
const forever = new AbortController().signal
const silent = { planned() {}, moved() {}, finished() {} }
const CHUNK_BYTES = 256 * 1024
const CHUNKS = 24
const DAY_MS = 86_400_000

let nowMs: number
let disk: MemoryFiles
let link: MemoryLink

beforeEach(() => {
  nowMs = 1_800_000_000_000
  disk = createMemoryFiles({ now: () => BigInt(nowMs) * 1_000_000n })
  link = createMemoryLink()
})

test('a download that a killed process had begun fetches only the rest', async () => {
  const { content, bytes } = await held(1)
  await left(bytes.subarray(0, 20 * CHUNK_BYTES + 1000))
  expect(await downloaded(content)).toEqual(sha256(bytes))
  expect(link.counts.fetched).toBe(CHUNKS - 20)
})

test('whatever became of the bytes that were left, what is downloaded is right', async () => {
  const { content, bytes } = await held(1)
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 17, max: CHUNKS }), async (at, chunks) => {
      disk = createMemoryFiles({ now: () => BigInt(nowMs) * 1_000_000n })
      const damaged = bytes.slice(0, chunks * CHUNK_BYTES)
      if (at < damaged.length) damaged[at] = (damaged[at] ?? 0) ^ 1
      await left(damaged)
      const before = link.counts.fetched
      expect(await downloaded(content)).toBe(sha256(bytes))
      const sound = Math.min(chunks, Math.floor(at / CHUNK_BYTES))
      expect(link.counts.fetched - before).toBe(CHUNKS - sound)
    }),
    { numRuns: 10 },
  )
})

test('bytes that change after they were looked at are fetched instead', async () => {
  const { content, bytes } = await held(1)
  await left(bytes.subarray(0, 20 * CHUNK_BYTES))
  expect(await downloaded(content, damagedLater)).toBe(sha256(bytes))
  expect(link.counts.fetched).toBe(CHUNKS)
})

test('of two that began the same content the one that goes further is used, and the other is removed', async () => {
  const { content, bytes } = await held(1)
  await left(bytes.subarray(0, 17 * CHUNK_BYTES + 5))
  await left(bytes.subarray(0, 20 * CHUNK_BYTES + 5))
  await left((await held(2)).bytes)
  expect(await downloaded(content)).toEqual(sha256(bytes))
  expect(link.counts.fetched).toBe(CHUNKS - 20)
  expect((await sizesLeft()).toSorted((a, b) => a - b)).toEqual([20 * CHUNK_BYTES + 5, CHUNKS * CHUNK_BYTES])
})

test('a content that took another way after its beginning takes the beginning', async () => {
  const { bytes } = await held(1)
  const other = Buffer.concat([bytes.subarray(0, 18 * CHUNK_BYTES), noise(CHUNK_BYTES * 3, 9)])
  const content = hold(other)
  await left(bytes)
  expect(await downloaded(content)).toEqual(sha256(other))
  expect(link.counts.fetched).toBe(3)
  expect(await sizesLeft()).toEqual([bytes.length])
})

test('nothing is left once everything is', async () => {
  await left((await held(1)).bytes)
  disk.restart()
  const leftovers = await keepLeftovers(disk.files, () => nowMs)
  expect(await leftovers.discardAll()).toBe(true)
  expect(await leftovers.discardAll()).toBe(false)
  expect(await sizesLeft()).toEqual([])
})

describe('at the start of a process', () => {
  test('small leftovers are cleared', async () => {
    await left(noise(4 * 1024 * 1024 - 1))
    await left(noise(4 * 1024 * 1024))
    disk.restart()
    await keepLeftovers(disk.files, () => nowMs)
    expect(await sizesLeft()).toEqual([4 * 1024 * 1024])
  })

  test('so are those of a week ago', async () => {
    await left(noise(5 * 1024 * 1024))
    disk.restart()
    await keepLeftovers(disk.files, () => nowMs + 7 * DAY_MS - 1)
    expect(await sizesLeft()).toHaveLength(1)
    await keepLeftovers(disk.files, () => nowMs + 7 * DAY_MS)
    expect(await sizesLeft()).toEqual([])
  })
})

test('a disk too full for the download and what was left gives the latter up', async () => {
  const { content, bytes } = await held(1)
  disk = createMemoryFiles({ now: () => BigInt(nowMs) * 1_000_000n, capacityBytes: () => bytes.length + 1000 })
  await left(bytes.subarray(0, 20 * CHUNK_BYTES))
  expect(await downloaded(content)).toEqual(sha256(bytes))
  expect(link.counts.fetched).toBe(CHUNKS)
  expect(await sizesLeft()).toEqual([])
})

/** A content that the coordinator holds, in chunks of one size. */
async function held(seed: number): Promise<{ content: FileContent; bytes: Uint8Array }> {
  const bytes = noise(CHUNKS * CHUNK_BYTES, seed)
  return { content: hold(bytes), bytes }
}

function hold(bytes: Uint8Array): FileContent {
  const hash = contentHashOf(bytes)
  link.manifests.set(hash, manifestOf(bytes))
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    const chunk = bytes.subarray(at, at + CHUNK_BYTES)
    link.chunks.set(sha256(chunk), chunk)
  }
  return { kind: 'file', hash, size: bytes.length, mode: 0o644, mtimeNs: '1700000000000000000' }
}

function manifestOf(bytes: Uint8Array): Manifest {
  return Array.from({ length: Math.ceil(bytes.length / CHUNK_BYTES) }, (_, index) => {
    const chunk = bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES)
    return { hash: sha256(chunk), size: chunk.length }
  })
}

/** A staged file that nobody finished. */
async function left(bytes: Uint8Array): Promise<void> {
  const staging = await disk.files.stage(bytes.length)
  await staging.write(bytes)
}

async function sizesLeft(): Promise<readonly number[]> {
  return (await disk.files.leftovers()).map(({ sizeBytes }) => sizeBytes)
}

/** The hash of what a new process downloads. */
async function downloaded(content: FileContent, altered = (files: Files) => files): Promise<ContentHash> {
  disk.restart()
  const files = altered(disk.files)
  const leftovers = await keepLeftovers(files, () => nowMs)
  const transfer = createTransfer({ folder, files, link, progress: silent, now: () => nowMs, leftovers })
  const staged = await transfer.download(content, { replaces: null, patch: null }, forever)
  await files.syncStaged([staged])
  disk.user.remove('out')
  await files.placeNew(staged, 'out')
  return contentHashOf(disk.user.read('out') ?? new Uint8Array())
}

/** Everything in a leftover is sound when it is looked at first, and nothing afterwards. */
function damagedLater(files: Files): Files {
  const seen = new Set<number>()
  return {
    ...files,
    leftovers: async () =>
      (await files.leftovers()).map((leftover) => ({
        ...leftover,
        async open() {
          const file = await leftover.open()
          return (
            file && {
              ...file,
              async read(offset: number, length: number) {
                const bytes = await file.read(offset, length)
                for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
                  if (seen.has(offset + at)) bytes[at] = (bytes[at] ?? 0) ^ 1
                  seen.add(offset + at)
                }
                return bytes
              },
            }
          )
        },
      })),
  }
}

/** Bytes that nothing can cut twice alike; the same for the same seed. */
function noise(length: number, seed = 1): Uint8Array {
  const words = new Uint32Array(length / 4 + 1)
  let state = seed * 2_654_435_761
  for (let at = 0; at < words.length; at++) words[at] = state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
  return new Uint8Array(words.buffer, 0, length)
}
