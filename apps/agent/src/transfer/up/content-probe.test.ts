import { expect, test } from 'vitest'
import type { ChunkRef, ChunkId } from '@causeway/protocol'
import { sha256 } from '../test-support/memory-link.ts'
import { createContentProbe, type ContentProbe } from './content-probe.ts'

const CHUNKS: readonly ChunkRef[] = Array.from({ length: 8000 }, (_, index) => {
  return { hash: sha256(Buffer.from(`chunk ${index}`)), size: 70_000 }
})

test('a content of thousands of chunks that is held is found out by a handful of questions', async () => {
  const { probe, asked } = await probed(() => true)
  expect(probe.state).toBe('held')
  expect(asked.length).toBeLessThan(7)
  expect(new Set(asked.flat())).toContain(CHUNKS[0]?.hash)
  expect(new Set(asked.flat())).toContain(CHUNKS.at(-1)?.hash)
})

test.each([
  ['first', 0],
  ['last', CHUNKS.length - 1],
])('the %s chunk lacks: it is no copy', async (_which, lacking) => {
  expect((await probed((index) => index !== lacking)).probe.state).toBe('lacking')
})

test('what once lacked stays lacking, and nothing more is asked', async () => {
  const { probe, asked } = await probed((index) => index > 10)
  expect(probe.state).toBe('lacking')
  expect(asked).toHaveLength(1)
})

test('an empty content is nothing that could be held', async () => {
  const probe = createContentProbe(async () => [])
  await probe.end([])
  expect(probe.state).toBe('lacking')
})

test('a question that fails fails whoever waits', async () => {
  const probe = createContentProbe(() => Promise.reject(new Error('the link broke')))
  probe.take(CHUNKS.slice(0, 4))
  await expect(probe.answered()).rejects.toThrow('the link broke')
  await expect(probe.end(CHUNKS)).rejects.toThrow('the link broke')
})

async function probed(
  isHeld: (index: number) => boolean,
): Promise<{ probe: ContentProbe; asked: (readonly ChunkId[])[] }> {
  const asked: (readonly ChunkId[])[] = []
  const held = new Set(CHUNKS.filter((_, index) => isHeld(index)).map(({ hash }) => hash))
  const probe = createContentProbe(async (hashes) => {
    asked.push(hashes)
    return hashes.filter((hash) => !held.has(hash))
  })
  for (let count = 1; count <= CHUNKS.length; count += count < 40 ? 1 : 37) {
    probe.take(CHUNKS.slice(0, count))
    await probe.answered()
  }
  await probe.end(CHUNKS)
  return { probe, asked }
}
