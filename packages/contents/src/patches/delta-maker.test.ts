import { encodeManifest, onlyChunkOf, SyncError, type ContentHash } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { largeOf, noise, overwritten, type LargeFile } from '@causeway/testkit'
import { chunkList, type ChunkList } from './chunk-list.ts'
import { createDeltaMaker, type DeltaWanted } from './delta-maker.ts'
import type { HeldBytes } from './held-bytes.ts'
import { createRecentDeltas } from './recent-deltas.ts'

const BEFORE = largeOf(noise(300_000, 1))
const AFTER = largeOf(overwritten(BEFORE.bytes, 1000, noise(500, 2)))

test('a delta that many want at once is made once, and then remembered', async () => {
  const held = holding(BEFORE, AFTER)
  const recent = createRecentDeltas()
  const maker = createDeltaMaker(held, recent)
  const wanted = firstChunk(AFTER, BEFORE)
  const made = await Promise.all([1, 2, 3].map(() => maker.make(wanted)))
  expect(held.reads).toBe(2)
  expect(made[0]?.bytes.length).toBeLessThan(1000)
  expect(new Set(made).size).toBe(1)
  const { bytes = new Uint8Array(), ...remembered } =
    recent.find(BEFORE.hash, wanted.chunks[0]?.hash ?? onlyChunkOf(BEFORE.hash)) ?? {}
  expect(made[0]).toMatchObject(remembered)
  expect(Buffer.compare(bytes, made[0]?.bytes ?? new Uint8Array())).toBe(0)
})

test('a delta that was no use is not tried again', async () => {
  const other = largeOf(noise(300_000, 9))
  const held = holding(BEFORE, other)
  const maker = createDeltaMaker(held, createRecentDeltas())
  expect(await maker.make(firstChunk(other, BEFORE))).toBeNull()
  expect(await maker.make(firstChunk(other, BEFORE))).toBeNull()
  expect(held.reads).toBe(2)
})

test('lost bytes make no delta, until they are there again', async () => {
  const held = holding(BEFORE, AFTER)
  const maker = createDeltaMaker(held, createRecentDeltas())
  held.lost = true
  expect(await maker.make(firstChunk(AFTER, BEFORE))).toBeNull()
  held.lost = false
  expect(await maker.make(firstChunk(AFTER, BEFORE))).not.toBeNull()
})

function listOf({ hash, manifest }: LargeFile): ChunkList {
  return chunkList(hash, encodeManifest(manifest))
}

function firstChunk(next: LargeFile, base: LargeFile): DeltaWanted {
  const chunks = next.manifest.slice(0, 1)
  const sizeBytes = chunks[0]?.size ?? 0
  const region = { offset: 0, length: base.manifest[0]?.size ?? 0 }
  return { next: listOf(next), base: listOf(base), chunks, offset: 0, sizeBytes, region, belowBytes: sizeBytes }
}

function holding(...files: readonly LargeFile[]): HeldBytes & { reads: number; lost: boolean } {
  const byHash = new Map<ContentHash, LargeFile>(files.map((file) => [file.hash, file]))
  const held = {
    reads: 0,
    lost: false,
    list: async (content: ContentHash) => {
      const file = byHash.get(content)
      return file && listOf(file)
    },
    bytes: async ({ content }: ChunkList, { offset, length }: { offset: number; length: number }) => {
      held.reads++
      if (held.lost) throw new SyncError('chunk-missing', 'the chunk is lost')
      return byHash.get(content)?.bytes.subarray(offset, offset + length) ?? new Uint8Array()
    },
  }
  return held
}
