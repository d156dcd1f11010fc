import { hash as hashOf } from 'node:crypto'
import { createHashWorkers } from '@causeway/packing'
import { SyncError } from '@causeway/protocol'
import type { StagingFile } from '@causeway/replica'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { INLINE_WRITERS, type HashingWriter, type HashingWriters } from './hashing-writer.ts'
import { createThreadedWriters } from './threaded-writer.ts'

const workers = createHashWorkers()
afterAll(() => workers.close())

const MIB = 1024 * 1024

describe.each<[string, HashingWriters]>([
  ['in this thread', INLINE_WRITERS],
  ['on threads', createThreadedWriters(workers, 0)],
])('%s', (_name, writers) => {
  test('what was written, lent and skipped is in the file, in order, and has the hash', async () => {
    const step = fc.record({
      bytes: fc.integer({ min: 1, max: 1_500_000 }),
      fill: fc.nat(255),
      how: fc.constantFrom('write', 'lend', 'skip'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
        const file = stagingFile()
        const writer = writers.open(file.staging, 1)
        const expected: Buffer[] = []
        for (const { bytes, fill, how } of steps) {
          const piece = Buffer.alloc(bytes, how === 'skip' ? 0 : fill)
          expected.push(Buffer.from(piece))
          if (how === 'skip') await writer.skip(bytes)
          else if (how === 'lend') await appendLent(writer, piece)
          else await writer.write(piece)
          // It is the caller's again.
          piece.fill(0xee)
        }
        const whole = Buffer.concat(expected)
        expect(await writer.hash()).toBe(hashOf('sha256', whole))
        expect(Buffer.compare(file.bytes(), whole)).toBe(0)
        await writer.write(Buffer.from('more'))
        expect(await writer.hash()).toBe(hashOf('sha256', Buffer.concat([whole, Buffer.from('more')])))
        await writer.close()
      }),
      { numRuns: 15 },
    )
  })

  test('a disk that is full is told, at once or at the end, and every time after', async () => {
    const file = stagingFile({ roomBytes: 3 * MIB })
    const writer = writers.open(file.staging, 1)
    const filling = async () => {
      for (let index = 0; index < 20; index++) await writer.write(Buffer.alloc(MIB, index))
      await writer.hash()
    }
    await expect(filling()).rejects.toMatchObject({ code: 'disk-full' })
    await expect(writer.write(Buffer.from('a'))).rejects.toMatchObject({ code: 'disk-full' })
    await expect(writer.hash()).rejects.toMatchObject({ code: 'disk-full' })
    await writer.close()
    expect(file.bytes().length).toBeLessThanOrEqual(3 * MIB)
  })

  test('once it is closed, nothing writes to the file any more', async () => {
    const file = stagingFile({ delayMs: 3 })
    const writer = writers.open(file.staging, 1)
    for (let index = 0; index < 4; index++) await writer.write(Buffer.alloc(MIB, index))
    await writer.close()
    const { length } = file.bytes()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(file.bytes().length).toBe(length)
    await writer.close()
  })
})

/** In two parts where there are so many bytes, a piece at a time. */
async function appendLent(writer: HashingWriter, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const lent = writer.lend()
    const piece = bytes.subarray(at, at + lent.bytes.length)
    lent.bytes.set(piece)
    const half = piece.length >> 1
    if (half > 0) await lent.append(0, half)
    await lent.append(half, piece.length)
    lent.release()
    at += piece.length
  }
}

test('a thread that breaks fails the file with what it was, and another is written again', async () => {
  const own = createHashWorkers()
  const writers = createThreadedWriters(own, 0)
  const writer = writers.open(stagingFile().staging, 1)
  await writer.write(Buffer.alloc(2 * MIB, 1))
  await own.close()
  await expect(writer.write(Buffer.alloc(MIB, 2)).then(() => writer.hash())).rejects.toMatchObject({ code: 'internal' })
  await writer.close()
  const next = writers.open(stagingFile().staging, 1)
  await next.write(Buffer.from('a'))
  expect(await next.hash()).toBe(hashOf('sha256', 'a'))
  await next.close()
  await own.close()
})

function stagingFile({ roomBytes = Infinity, delayMs = 0 } = {}) {
  const pieces: Buffer[] = []
  let size = 0
  async function append(piece: Buffer): Promise<void> {
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs))
    size += piece.length
    if (size > roomBytes) throw new SyncError('disk-full', 'the disk is full')
    pieces.push(piece)
  }
  const staging: StagingFile = {
    write: (bytes) => append(Buffer.from(bytes)),
    skip: (bytes) => append(Buffer.alloc(bytes)),
    read: () => Promise.reject(new Error('nobody reads it')),
    finish: () => Promise.reject(new Error('nobody finishes it')),
    discard: async () => undefined,
  }
  return { staging, bytes: () => Buffer.concat(pieces) }
}
