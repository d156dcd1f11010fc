import { hash as hashOf } from 'node:crypto'
import { createHashWorkers } from '@causeway/packing'
import { createMemoryFiles } from '@causeway/testkit'
import type { OpenFile } from '@causeway/replica'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { INLINE_READER, type ContentReader } from './content-reader.ts'
import { createThreadedReader } from './threaded-reader.ts'

const workers = createHashWorkers()
afterAll(() => workers.close())

const NEVER = new AbortController().signal
const MIB = 1024 * 1024

describe.each<[string, ContentReader]>([
  ['in this thread', INLINE_READER],
  ['on threads', createThreadedReader(workers, 0)],
])('%s', (_name, reader) => {
  test('chunks rejoin to the file, each has its hash, and the sum is that of the whole', async () => {
    await fc.assert(
      fc.asyncProperty(anyContent, fc.boolean(), async (bytes, releases) => {
        const read = await readAll(reader, fileOf(bytes), releases)
        expect(Buffer.compare(read.bytes, bytes)).toBe(0)
        expect(read.hashes).toEqual(
          read.sizes.map((size, at) => hashOf('sha256', sliceOf(bytes, read.sizes, at, size))),
        )
        expect(read.summary.hash).toBe(hashOf('sha256', bytes))
        expect(read.summary.sizeBytes).toBe(bytes.length)
        const inline = await readAll(INLINE_READER, fileOf(bytes), true)
        expect(read.hashes).toEqual(inline.hashes)
        expect(read.summary).toEqual(inline.summary)
      }),
      { numRuns: 12 },
    )
  })

  test('an empty file has no chunks', async () => {
    const read = await readAll(reader, fileOf(new Uint8Array(0)), true)
    expect(read.hashes).toEqual([])
    expect(read.summary.sizeBytes).toBe(0)
  })

  test('a file that grew since it was opened is read no further than shows it', async () => {
    const bytes = random(9 * MIB, 3)
    const read = await readAll(reader, { ...fileOf(bytes), stat: { ...fileOf(bytes).stat, size: 3 * MIB } }, true)
    expect(read.summary.sizeBytes).toBeGreaterThan(3 * MIB)
    expect(read.summary.sizeBytes).toBeLessThan(6 * MIB)
    expect(read.summary.hash).toBe(hashOf('sha256', bytes.subarray(0, read.summary.sizeBytes)))
  })

  test('a file that shrank ends early', async () => {
    const bytes = random(3 * MIB, 4)
    const read = await readAll(reader, { ...fileOf(bytes), stat: { ...fileOf(bytes).stat, size: 9 * MIB } }, true)
    expect(read.summary.sizeBytes).toBe(bytes.length)
    expect(read.summary.hash).toBe(hashOf('sha256', bytes))
  })

  test('bytes that change while they are read are those that were hashed', async () => {
    const bytes = random(8 * MIB, 5)
    const reading = reader.read(fileOf(bytes), NEVER)
    const taken: Buffer[] = []
    for await (const chunk of reading) {
      bytes.fill(taken.length & 255, chunk.offset)
      expect(hashOf('sha256', chunk.bytes)).toBe(chunk.hash)
      taken.push(Buffer.from(chunk.bytes))
      chunk.release()
    }
    expect(reading.summary().hash).toBe(hashOf('sha256', Buffer.concat(taken)))
  })

  test('a read that fails is told, once nothing reads the file any more', async () => {
    let underWay = 0
    const failing = fileOf(random(9 * MIB, 6), async (offset) => {
      underWay++
      await new Promise((resolve) => setTimeout(resolve, 5))
      underWay--
      if (offset > 4 * MIB) throw new Error('the disk is gone')
    })
    await expect(readAll(reader, failing, true)).rejects.toThrow('the disk is gone')
    expect(underWay).toBe(0)
  })

  test('an abort ends it, and leaving the loop does, with nothing left that reads', async () => {
    let underWay = 0
    const slow = fileOf(random(9 * MIB, 7), async () => {
      underWay++
      await new Promise((resolve) => setTimeout(resolve, 5))
      underWay--
    })
    const abort = new AbortController()
    const aborted = async () => {
      for await (const chunk of reader.read(slow, abort.signal)) {
        chunk.release()
        abort.abort(new Error('enough'))
      }
    }
    await expect(aborted()).rejects.toThrow('enough')
    expect(underWay).toBe(0)
    const reading = reader.read(slow, NEVER)
    for await (const chunk of reading) {
      chunk.release()
      break
    }
    expect(underWay).toBe(0)
    expect(() => reading.summary()).toThrow(expect.objectContaining({ code: 'internal' }))
  })

  test('many at once do not mix', async () => {
    const contents = Array.from({ length: 6 }, (_, index) => random(3 * MIB + index, 20 + index))
    const reads = await Promise.all(contents.map((bytes, index) => readAll(reader, fileOf(bytes), index % 2 === 0)))
    expect(reads.map(({ summary }) => summary.hash)).toEqual(contents.map((bytes) => hashOf('sha256', bytes)))
  })

  test('whoever keeps every chunk has them all as they were', async () => {
    const bytes = random(80 * MIB, 8)
    const kept: { bytes: Uint8Array; hash: string }[] = []
    for await (const chunk of reader.read(fileOf(bytes), NEVER)) kept.push(chunk)
    for (const chunk of kept) expect(hashOf('sha256', chunk.bytes)).toBe(chunk.hash)
  })
})

test('a thread that breaks fails the file that is read, and the next is read again', async () => {
  const own = createHashWorkers()
  const reader = createThreadedReader(own, 0)
  const broken = async () => {
    for await (const chunk of reader.read(fileOf(random(9 * MIB, 9)), NEVER)) {
      chunk.release()
      await own.close()
    }
  }
  await expect(broken()).rejects.toMatchObject({ code: 'internal' })
  const bytes = random(3 * MIB, 10)
  expect((await readAll(reader, fileOf(bytes), true)).summary.hash).toBe(hashOf('sha256', bytes))
  await own.close()
})

/** A few megabytes, with holes and repeats. */
const anyContent = fc
  .array(fc.record({ seed: fc.nat(9), bytes: fc.integer({ min: 1, max: 2 * MIB }), isHole: fc.boolean() }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) =>
    Buffer.concat(parts.map(({ seed, bytes, isHole }) => (isHole ? Buffer.alloc(bytes) : random(bytes, seed)))),
  )

async function readAll(reader: ContentReader, file: OpenFile, releases: boolean) {
  const reading = reader.read(file, NEVER)
  const pieces: Buffer[] = []
  const hashes: string[] = []
  const sizes: number[] = []
  let offset = 0
  for await (const chunk of reading) {
    expect(chunk.offset).toBe(offset)
    expect(chunk.bytes.length).toBe(chunk.size)
    offset += chunk.size
    pieces.push(Buffer.from(chunk.bytes))
    hashes.push(chunk.hash)
    sizes.push(chunk.size)
    if (releases) chunk.release()
  }
  return { bytes: Buffer.concat(pieces), hashes, sizes, summary: reading.summary() }
}

function sliceOf(bytes: Uint8Array, sizes: readonly number[], index: number, size: number): Uint8Array {
  const from = sizes.slice(0, index).reduce((sum, length) => sum + length, 0)
  return bytes.subarray(from, from + size)
}

const template = await templateFile()

async function templateFile(): Promise<OpenFile> {
  const { files, user } = createMemoryFiles({ now: () => 0n })
  user.write('a', 'a')
  const file = await files.open('a')
  if (file === undefined) throw new Error('there is no file')
  return file
}

function fileOf(bytes: Uint8Array, before: (offset: number) => Promise<void> = async () => undefined): OpenFile {
  return {
    ...template,
    stat: { ...template.stat, size: bytes.length },
    async read(offset, length) {
      await before(offset)
      return new Uint8Array(bytes.subarray(offset, offset + length))
    },
    async readInto(buffer, offset) {
      await before(offset)
      const piece = bytes.subarray(offset, offset + buffer.length)
      buffer.set(piece)
      return piece.length
    },
  }
}

/** The same bytes for the same seed. */
function random(length: number, seed: number): Buffer {
  const words = new Uint32Array(Math.ceil(length / 4))
  let state = seed * 2654435761 + 1
  for (let at = 0; at < words.length; at++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[at] = state
  }
  return Buffer.from(words.buffer, 0, length)
}
