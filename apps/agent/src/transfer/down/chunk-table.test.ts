import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applySplice, spliceParts } from '@causeway/engine'
import { encodeManifest, LIMITS, type Manifest } from '@causeway/protocol'
import { sha256 } from '../test-support/memory-link.ts'
import { ChunkTable } from './chunk-table.ts'

const anyManifest = fc.array(
  fc.record({ hash: fc.nat(20).map((seed) => sha256(new Uint8Array([seed]))), size: fc.integer({ min: 1, max: 9 }) }),
  { maxLength: 40 },
)

test('a table tells of each chunk what the list says', () => {
  fc.assert(
    fc.property(anyManifest, anyManifest, (manifest, more) => {
      const table = ChunkTable.of(manifest)
      table.append(encodeManifest(more))
      const whole = [...manifest, ...more]
      expect(Buffer.from(table.bytes)).toEqual(Buffer.from(encodeManifest(whole)))
      expect(whole.map((_, index) => table.chunk(index))).toEqual(whole)
      expect(whole.map((_, index) => table.offset(index))).toEqual(
        whole.map((_, index) => sizeOf(whole.slice(0, index))),
      )
      expect([table.count, table.sizeBytes]).toEqual([whole.length, sizeOf(whole)])
      expect(table.digest).toBe(sha256(encodeManifest(whole)))
      expect(table.startsWith(ChunkTable.of(manifest))).toBe(true)
    }),
  )
})

test('a chunk is found where the other list has it first, by hash and size', () => {
  fc.assert(
    fc.property(anyManifest, anyManifest, (mine, theirs) => {
      const [table, other] = [ChunkTable.of(mine), ChunkTable.of(theirs)]
      const found = theirs.map((_, index) => table.find(other, index))
      const places = theirs.map(({ hash, size }) =>
        mine.findIndex((chunk) => chunk.hash === hash && chunk.size === size),
      )
      expect(found).toEqual(places)
    }),
  )
})

test('a splice of a table is the same as one of the list', () => {
  fc.assert(
    fc.property(anyManifest, anyManifest, (base, next) => {
      const parts = spliceParts(base, next)
      const spliced = ChunkTable.of(base).splice(parts)
      expect(Buffer.from(spliced.bytes)).toEqual(Buffer.from(encodeManifest(applySplice(base, parts))))
    }),
  )
})

describe('is refused as manifest-invalid', () => {
  const manifest: Manifest = [{ hash: sha256(new Uint8Array()), size: 5 }]
  const record = encodeManifest(manifest)

  test.each([
    ['a list that is cut short', () => ChunkTable.decode(record.subarray(0, 35))],
    ['a chunk of no bytes', () => ChunkTable.decode(record.map((byte, at) => (at === 35 ? 0 : byte)))],
    ['a chunk of too many', () => ChunkTable.decode(record.map((byte, at) => (at === 32 ? 1 : byte)))],
    ['a splice beyond the list’s end', () => ChunkTable.of(manifest).splice([[1, 1]])],
    ['a splice with half a chunk', () => ChunkTable.of(manifest).splice([record.subarray(0, 20)])],
    [
      'a splice of more chunks than there may be',
      () => ChunkTable.of(manifest).splice(Array.from({ length: LIMITS.chunksPerManifest + 1 }, () => [0, 1] as const)),
    ],
  ])('%s', (_name, work) => {
    expect(work).toThrow(expect.objectContaining({ code: 'manifest-invalid' }))
  })
})

function sizeOf(manifest: Manifest): number {
  return manifest.reduce((sum, { size }) => sum + size, 0)
}
