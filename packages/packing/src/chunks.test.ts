import { ChunkIdSchema, type NamedBytes } from '@causeway/protocol'
import { hash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { mayShrink, openChunk, packChunk, packChunkSync } from './chunks.ts'

function named(bytes: Uint8Array): NamedBytes {
  return { hash: ChunkIdSchema.parse(hash('sha256', bytes)), bytes }
}

const text = Buffer.from('one line and another\n'.repeat(2000))

test.each([
  ['text', text, true],
  ['random bytes', randomBytes(50_000), false],
  ['text that is too short to shrink', text.subarray(0, 40), false],
  ['text around a middle that does not shrink', Buffer.concat([text, randomBytes(50_000), text]), false],
])('%s: packed %s', async (_name, bytes, compressed) => {
  const chunk = named(bytes)
  const frame = await packChunk(chunk)
  expect(frame.compressed).toBe(compressed)
  expect(frame.size).toBe(bytes.length)
  expect(packChunkSync(chunk).compressed).toBe(compressed)
  for (const made of [frame, packChunkSync(chunk)]) {
    const opened = await openChunk(made)
    expect(opened.hash).toBe(chunk.hash)
    expect(Buffer.compare(opened.bytes, bytes)).toBe(0)
  }
})

test('a sample tells what may shrink', () => {
  expect(mayShrink(text)).toBe(true)
  expect(mayShrink(randomBytes(10_000))).toBe(false)
})

test.each([
  ['whose bytes are others', { bytes: Buffer.from('other bytes'), size: 11, compressed: false }],
  ['that is too short', { bytes: text.subarray(1), size: text.length, compressed: false }],
  ['that is no frame', { bytes: text, size: text.length, compressed: true }],
])('a chunk %s is corrupt', async (_name, part) => {
  await expect(openChunk({ hash: named(text).hash, ...part })).rejects.toMatchObject({ code: 'chunk-corrupt' })
})

test('a frame that makes more than its size is corrupt', async () => {
  const frame = await packChunk(named(text))
  await expect(openChunk({ ...frame, size: text.length - 1 })).rejects.toMatchObject({ code: 'chunk-corrupt' })
})
