import { applySplice, spliceParts } from '@causeway/engine'
import {
  encodeManifest,
  ChunkIdSchema,
  ContentHashSchema,
  onlyChunkOf,
  type ChunkRef,
  type SplicePart,
} from '@causeway/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chunkList, chunksAt, chunksWithin, countAt, listDigest, nameAt, spliceEncoded } from './chunk-list.ts'

const CONTENT = ContentHashSchema.parse('f'.repeat(64))
const PLENTY = 1024 * 1024

const anyChunk: fc.Arbitrary<ChunkRef> = fc
  .record({ name: fc.integer({ min: 0, max: 20 }), size: fc.integer({ min: 1, max: 50 }) })
  .map(({ name, size }) => ({ hash: ChunkIdSchema.parse((name * 64 + size).toString(16).padStart(64, '0')), size }))
const anyList = fc.array(anyChunk, { maxLength: 12 })

test('chunks are found by the bytes they hold and by their position', () => {
  fc.assert(
    fc.property(anyList, fc.nat({ max: 700 }), fc.nat({ max: 300 }), (manifest, from, length) => {
      const list = chunkList(CONTENT, encodeManifest(manifest))
      const places = manifest.map((chunk, at) => ({ chunk, start: sizeOf(manifest.slice(0, at)) }))
      expect(list.sizeBytes).toBe(sizeOf(manifest))
      const within = places.filter(({ chunk, start }) => start < from + length && start + chunk.size > from)
      const run = chunksWithin(list, from, from + length)
      expect(run.chunks).toEqual(length === 0 ? [] : within.map(({ chunk }) => chunk))
      expect(run.chunks.length > 0 ? run.offset : undefined).toBe(length > 0 ? within[0]?.start : undefined)
      places.forEach(({ chunk, start }, at) => {
        expect(chunksAt(list, at, 1)).toEqual({ offset: start, chunks: [chunk] })
        expect(nameAt(list, at)).toBe(chunk.hash)
        expect(countAt(list, at, encodeManifest(manifest.slice(at)))).toBe(manifest.length - at)
        expect(countAt(list, at, encodeManifest([...manifest.slice(at), chunk]))).toBe(0)
      })
    }),
  )
})

test('a splice makes of the encoded list what it makes of the list', () => {
  fc.assert(
    fc.property(anyList, anyList, (base, next) => {
      const parts = spliceParts(base, next)
      const made = spliceEncoded(encodeManifest(base), parts, PLENTY)
      expect(made.encoded).toEqual(encodeManifest(applySplice(base, parts)))
      expect(made.sizeBytes).toBe(sizeOf(next))
      const held = new Set(base.map(({ hash }) => hash))
      expect(made.told).toEqual(next.filter(({ hash }) => !held.has(hash)))
    }),
  )
})

test.each<[string, SplicePart[]]>([
  ['chunks behind the end of its base', [[0, 3]]],
  ['new chunks that are no list', [new Uint8Array(37)]],
  ['a new chunk without bytes', [new Uint8Array(36)]],
  ['a longer list than was allowed for', Array.from({ length: 51 }, () => [0, 2])],
])('a splice with %s is refused', (_name, parts) => {
  const base = encodeManifest([
    { hash: onlyChunkOf(CONTENT), size: 1 },
    { hash: onlyChunkOf(CONTENT), size: 2 },
  ])
  expect(() => spliceEncoded(base, parts, 100 * 36)).toThrow(RangeError)
})

test('the digest of a list is the hash of its encoding', () => {
  expect(listDigest(new Uint8Array())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})

function sizeOf(manifest: readonly ChunkRef[]): number {
  return manifest.reduce((sum, { size }) => sum + size, 0)
}
