import { hash as digest } from 'node:crypto'
import {
  decodeManifest,
  encodeManifest,
  LIMITS,
  onlyChunkOf,
  type Delta,
  type ChunkId,
  type ContentHash,
  type NamedBytes,
} from '@causeway/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { largeOf, noise, overwritten, patchOf } from '@causeway/testkit'
import { chunkList } from './chunk-list.ts'
import { createRebuilder } from './rebuild.ts'

const BEFORE = largeOf(noise(200_000, 1))
const AFTER = largeOf(overwritten(BEFORE.bytes, 50_000, noise(1000, 2)))

test('whatever a delta holds, only chunks that are what they are named are kept, and the others are named', async () => {
  const { deltas } = await patchOf(BEFORE, AFTER)
  const [right] = deltas
  if (right === undefined) throw new Error('a changed file needs a delta')
  const anyBytes = fc.uint8Array({ maxLength: 40 })
  const anyDelta = fc
    .record({
      offset: fc.oneof(fc.constant(right.base.offset), fc.nat({ max: 300_000 })),
      length: fc.oneof(fc.constant(right.base.length), fc.integer({ min: 1, max: 300_000 })),
      content: fc.constantFrom(BEFORE.hash, AFTER.hash),
      chunks: fc.constantFrom(right.chunks, encodeManifest(BEFORE.manifest.slice(0, 2)), renamed(right.chunks)),
      encoding: fc.constantFrom('dictionary' as const, 'copies' as const, 'packed-copies' as const),
      bytes: fc.oneof(
        fc.constant(right.bytes),
        anyBytes,
        anyBytes.map((bytes) => Buffer.concat([right.bytes, bytes])),
      ),
    })
    .map(({ offset, length, content, chunks, encoding, bytes }): Delta => {
      return { base: { content, offset, length }, chunks, encoding, bytes }
    })
  await fc.assert(
    fc.asyncProperty(fc.array(anyDelta, { maxLength: 4 }), async (several) => {
      const kept: NamedBytes[] = []
      const heard: ChunkId[] = []
      const { sound, rejected } = await rebuilder(kept).rebuild(several, (chunk) => heard.push(chunk))
      for (const { hash, bytes } of kept) expect(digest('sha256', bytes)).toBe(hash)
      const names = kept.map(({ hash }) => hash)
      expect(heard).toEqual(names)
      const asked = several.flatMap(({ chunks }) => decodeManifest(chunks).map(({ hash }) => hash))
      expect(new Set([...names, ...rejected])).toEqual(new Set(asked))
      for (const { chunks } of sound) {
        for (const { hash } of decodeManifest(chunks)) expect(names).toContain(hash)
      }
    }),
    { numRuns: 150 },
  )
})

test('one request can have a bounded number of bytes read, and what goes beyond is to be sent whole', async () => {
  const reads: number[] = []
  const { deltas } = await patchOf(BEFORE, AFTER)
  const [delta] = deltas
  if (delta === undefined) throw new Error('a changed file needs a delta')
  const greedy = { ...delta, base: { content: BEFORE.hash, offset: 0, length: LIMITS.deltaBaseBytes } }
  const most = Math.floor((1024 * 1024 * 1024) / LIMITS.deltaBaseBytes)
  const many = Array.from({ length: 100 }, () => greedy)
  const { sound, rejected } = await rebuilder([], reads).rebuild(many, () => undefined)
  expect(sound).toEqual([])
  expect(rejected).toEqual(decodeManifest(delta.chunks).map(({ hash }) => hash))
  expect(reads.length).toBeLessThan(most)
  expect(reads.length).toBeGreaterThan(most / 2)
})

test('a delta that would make more than one may is not even begun', async () => {
  const reads: number[] = []
  const chunks = encodeManifest(
    Array.from({ length: LIMITS.deltaBytes / LIMITS.chunkBytes + 1 }, () => ({
      hash: onlyChunkOf(AFTER.hash),
      size: LIMITS.chunkBytes,
    })),
  )
  const base = { content: BEFORE.hash, offset: 0, length: 1 }
  const delta = { base, chunks, encoding: 'copies' as const, bytes: new Uint8Array(1) }
  const { rejected } = await rebuilder([], reads).rebuild([delta], () => undefined)
  expect(rejected).toEqual([AFTER.hash])
  expect(reads).toEqual([])
})

/** Over a coordinator that holds one content. */
function rebuilder(kept: NamedBytes[], reads: number[] = []) {
  const list = chunkList(BEFORE.hash, encodeManifest(BEFORE.manifest))
  const held = {
    list: async (content: ContentHash) => (content === BEFORE.hash ? list : undefined),
    bytes: async (_list: unknown, { offset, length }: { offset: number; length: number }) => {
      reads.push(length)
      if (offset + length > BEFORE.bytes.length) throw new RangeError('behind the end')
      return BEFORE.bytes.subarray(offset, offset + length)
    },
  }
  const keep = async (chunks: readonly NamedBytes[]) => {
    kept.push(...chunks)
    return []
  }
  return createRebuilder(held, { keep })
}

function renamed(chunks: Uint8Array): Uint8Array {
  const other = chunks.slice()
  other[0] = (other[0] ?? 0) ^ 1
  return other
}
