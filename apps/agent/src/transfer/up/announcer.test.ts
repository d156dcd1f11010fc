import { expect, test } from 'vitest'
import { decodeManifest, type ChunkRef, type Coming } from '@causeway/protocol'
import { sha256 } from '../test-support/memory-link.ts'
import { createAnnouncer } from './announcer.ts'

test('only the beginning that is durable without a gap is announced, in order, and each chunk once', async () => {
  const told: Coming[] = []
  const announcer = createAnnouncer(900, (coming) => told.push(coming))
  const [first, second, third] = [
    Promise.withResolvers<void>(),
    Promise.withResolvers<void>(),
    Promise.withResolvers<void>(),
  ]
  announcer.add(chunk(0), first.promise)
  announcer.add(chunk(1), first.promise)
  announcer.add(chunk(2), second.promise)
  announcer.add(chunk(3), third.promise)
  second.resolve()
  await settled()
  expect(told).toEqual([])
  first.resolve()
  await settled()
  expect(told.map(positions)).toEqual([[0, 1, 2]])
  third.resolve()
  await settled()
  expect(told.map(positions)).toEqual([[0, 1, 2], [3]])
  expect(new Set(told.map(({ upload, sizeBytes }) => `${upload} ${sizeBytes}`)).size).toBe(1)
})

test('what failed is never announced, nor what comes after it', async () => {
  const told: Coming[] = []
  const announcer = createAnnouncer(900, (coming) => told.push(coming))
  announcer.add(chunk(0), Promise.resolve())
  announcer.add(chunk(1), Promise.reject(new Error('the link broke')))
  announcer.add(chunk(2), Promise.resolve())
  await settled()
  expect(told.map(positions)).toEqual([[0]])
})

function chunk(index: number): ChunkRef {
  return { hash: sha256(Uint8Array.of(index)), size: index + 1 }
}

function positions({ first, chunks }: Coming): number[] {
  return decodeManifest(chunks).map((found, index) => {
    expect(found).toEqual(chunk(first + index))
    return first + index
  })
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}
