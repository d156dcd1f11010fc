import { chunkLengths, newStretches } from '@causeway/engine'
import { ChunkIdSchema } from '@causeway/protocol'
import { hash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { packDelta } from './deltas.ts'
import { planWithBytes, type ReadableContent } from './plan-with-bytes.ts'

const MIB = 1024 * 1024
const before = randomBytes(4 * MIB)
/** No chunk of the base stays, and little is new. */
const touched = Buffer.from(before.map((byte, at) => (at % 4096 === 0 ? byte ^ 1 : byte)))

interface Content extends ReadableContent {
  readonly bytes: Buffer
  readonly reads: number[]
}

function content(bytes: Buffer): Content {
  let at = 0
  const manifest = chunkLengths(bytes).map((size) => ({
    hash: ChunkIdSchema.parse(hash('sha256', bytes.subarray(at, (at += size)))),
    size,
  }))
  const reads: number[] = []
  const read = async (offset: number, length: number) => {
    reads.push(length)
    return bytes.subarray(offset, offset + length)
  }
  return { bytes, manifest, reads, read }
}

async function deltaBytes(base: Content, next: Content, stretches: ReturnType<typeof newStretches>): Promise<number> {
  let sum = 0
  for (const { region, offset, sizeBytes } of stretches) {
    const from = region === null ? Buffer.alloc(0) : base.bytes.subarray(region.offset, region.offset + region.length)
    sum += (await packDelta(from, next.bytes.subarray(offset, offset + sizeBytes))).length
  }
  return sum
}

test.each<[string, Buffer]>([
  ['halves that changed places', Buffer.concat([touched.subarray(2 * MIB), touched.subarray(0, 2 * MIB)])],
  ['bytes behind others that were put in front', Buffer.concat([randomBytes(MIB / 2), touched.subarray(MIB)])],
])('%s are found where they were', async (_name, after) => {
  const [base, next] = [content(before), content(after)]
  const planned = await deltaBytes(base, next, await planWithBytes(base, next))
  expect(planned).toBeLessThan(MIB * 0.65)
  expect(planned).toBeLessThan(await deltaBytes(base, next, newStretches(base.manifest, next.manifest)))
})

test('nothing is read for a small edit', async () => {
  const after = Buffer.from(before)
  after.set(randomBytes(4096), 2 * MIB)
  const [base, next] = [content(before), content(after)]
  expect(await planWithBytes(base, next)).toEqual(newStretches(base.manifest, next.manifest))
  expect([...base.reads, ...next.reads]).toEqual([])
})

test('chunks that stayed are not read', async () => {
  const after = Buffer.concat([before.subarray(0, 3 * MIB), touched.subarray(3 * MIB)])
  const [base, next] = [content(before), content(after)]
  await planWithBytes(base, next)
  expect(base.reads.reduce((sum, length) => sum + length, 0)).toBeLessThan(1.5 * MIB)
  expect(base.reads.length).toBeGreaterThan(0)
  expect(Math.max(...base.reads, ...next.reads)).toBeLessThanOrEqual(MIB)
})
