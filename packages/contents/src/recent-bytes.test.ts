import { hash as digest } from 'node:crypto'
import { expect, test } from 'vitest'
import { ChunkIdSchema, type ChunkId } from '@causeway/protocol'
import { createRecentBytes } from './recent-bytes.ts'

const hashOf = (text: string): ChunkId => ChunkIdSchema.parse(digest('sha256', text))

test('a small content that came in a large buffer does not keep that buffer alive', () => {
  const recent = createRecentBytes(1024 * 1024)
  recent.put(hashOf('a'), Buffer.alloc(64 * 1024).subarray(100, 110))
  expect(recent.get(hashOf('a'))?.buffer.byteLength).toBe(10)
})

test('tiny contents are bounded in number: what each takes beside its bytes counts', () => {
  const recent = createRecentBytes(40_000)
  const names = Array.from({ length: 1000 }, (_, index) => hashOf(String(index)))
  for (const name of names) recent.put(name, new Uint8Array(1))
  const kept = names.filter((name) => recent.get(name) !== undefined)
  expect(kept.length).toBeLessThanOrEqual(100)
  // What is kept is what came last.
  expect(kept).toEqual(names.slice(-kept.length))
  expect(kept.length).toBeGreaterThan(0)
})
