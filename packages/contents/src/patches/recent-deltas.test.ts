import { hash as digest } from 'node:crypto'
import { expect, test } from 'vitest'
import { ChunkIdSchema, ContentHashSchema } from '@causeway/protocol'
import { createRecentDeltas } from './recent-deltas.ts'

test('a remembered delta does not keep the request alive that it came in', () => {
  const request = Buffer.alloc(256 * 1024)
  const chunks = request.subarray(1000, 1036)
  const content = ContentHashSchema.parse(digest('sha256', 'base'))
  const firstChunk = ChunkIdSchema.parse(chunks.toString('hex', 0, 32))
  const recent = createRecentDeltas()
  recent.remember({
    base: { content, offset: 0, length: 100 },
    chunks,
    encoding: 'dictionary',
    bytes: request.subarray(2000, 2100),
  })
  const kept = recent.find(content, firstChunk)
  expect([kept?.chunks.buffer.byteLength, kept?.bytes.buffer.byteLength]).toEqual([36, 100])
})
