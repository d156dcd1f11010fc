import { createHash } from 'node:crypto'
import { expect, expectTypeOf, test } from 'vitest'
import {
  ChunkIdSchema,
  contentOfOnlyChunk,
  ContentHashSchema,
  isChunkId,
  ListDigestSchema,
  onlyChunkOf,
  type ChunkId,
  type ContentHash,
  type Hash,
  type ListDigest,
} from './ids.ts'
import { encodeManifest, singleChunkManifest, type ChunkRef } from './manifest.ts'
import { asChunk, type NamedBytes, type SmallContent } from './named-bytes.ts'

const HEX = createHash('sha256').update('a note').digest('hex')
const chunk = ChunkIdSchema.parse(HEX)
const content = ContentHashSchema.parse(HEX)

test('a chunk, a content and a chunk list are named by types of which none can stand for another', () => {
  expectTypeOf<ChunkId>().not.toExtend<ContentHash>()
  expectTypeOf<ContentHash>().not.toExtend<ChunkId>()
  expectTypeOf<ListDigest>().not.toExtend<Hash>()
  expectTypeOf<Hash>().not.toExtend<ChunkId>()
  expectTypeOf<Hash>().not.toExtend<ContentHash>()
  expectTypeOf<string>().not.toExtend<Hash>()
  expectTypeOf<ChunkId | ContentHash>().toEqualTypeOf<Hash>()
})

test('nor in what holds them', () => {
  expectTypeOf<ReadonlySet<ContentHash>>().not.toExtend<ReadonlySet<ChunkId>>()
  expectTypeOf<ReadonlyMap<ChunkId, number>>().not.toExtend<ReadonlyMap<ContentHash, number>>()
  expectTypeOf<SmallContent>().not.toExtend<NamedBytes>()
  expectTypeOf(ListDigestSchema.parse(HEX)).toEqualTypeOf<ListDigest>()
  // @ts-expect-error a content is no chunk
  const wrong: ChunkRef = { hash: content, size: 6 }
  // @ts-expect-error a chunk is no content
  singleChunkManifest(chunk, 6)
  expect(wrong.size).toBe(6)
})

test('a content that is one chunk has the name of that chunk, and gets it by one way each', () => {
  expect(onlyChunkOf(content)).toBe(chunk)
  expect(contentOfOnlyChunk(chunk)).toBe(content)
  expectTypeOf(onlyChunkOf(content)).toEqualTypeOf<ChunkId>()
  expectTypeOf(contentOfOnlyChunk(chunk)).toEqualTypeOf<ContentHash>()
  const bytes = new TextEncoder().encode('a note')
  expect(asChunk({ hash: content, bytes })).toEqual({ hash: chunk, bytes })
  expect(encodeManifest(singleChunkManifest(content, 6))).toEqual(encodeManifest([{ hash: chunk, size: 6 }]))
})

test.each(['', HEX.slice(1), HEX.toUpperCase(), `${HEX}0`, HEX.replace(/./, 'g')])('"%s" is no hash', (text) => {
  expect(isChunkId(text)).toBe(false)
  expect(ContentHashSchema.safeParse(text).success).toBe(false)
})
