import { hash as hashOf } from 'node:crypto'
import { crc32, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { createHashWorkers } from './hash-workers.ts'

const workers = createHashWorkers({ threads: 2, idleMs: 200 })
afterAll(() => workers.close())

test('stretches have the hashes and checksums that this thread finds', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 400 }), fc.array(fc.nat(400)), async (bytes, cuts) => {
      const ends = [...new Set([...cuts.filter((cut) => cut > 0 && cut < bytes.length), bytes.length])].toSorted(
        (a, b) => a - b,
      )
      const stretches = ends.map((to, index) => ({ from: ends[index - 1] ?? 0, to, inflated: null, checked: true }))
      const expected = stretches.map(({ from, to }) => {
        const piece = bytes.subarray(from, to)
        return { hash: sha256(piece), checksum: crc32(piece) }
      })
      expect(await workers.stretches(shared(bytes), stretches)).toEqual(expected)
      const lent = stretches.map(({ from, to }) => new Uint8Array(bytes.subarray(from, to)))
      const back = await workers.lent(lent.map(({ buffer }) => buffer))
      expect(back.hashes).toEqual(expected.map(({ hash }) => hash))
      expect(Buffer.concat(back.buffers.map((buffer) => new Uint8Array(buffer)))).toEqual(Buffer.from(bytes))
    }),
    { numRuns: 40 },
  )
})

test('a stream has the hash of its pieces one after another', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }), async (pieces) => {
      const stream = workers.stream()
      for (const piece of pieces) void stream.update(shared(piece), 0, piece.length)
      expect(await stream.digest()).toBe(sha256(Buffer.concat(pieces)))
      stream.end()
    }),
    { numRuns: 40 },
  )
})

test('a compressed stretch is hashed plain; one that makes more or less than announced, or nothing, has no hash', async () => {
  const plain = Buffer.from('text that says the same thing again and again. '.repeat(50))
  const packed = zstdCompressSync(plain)
  const at = (inflated: number) => ({ from: 0, to: packed.length, inflated, checked: true })
  const found = await workers.stretches(shared(packed), [
    at(plain.length),
    at(plain.length - 1),
    at(plain.length + 1),
    { from: 1, to: packed.length, inflated: plain.length, checked: true },
  ])
  expect(found.map(({ hash }) => hash)).toEqual([sha256(plain), '', '', ''])
  expect(found[0]?.checksum).toBe(crc32(packed))
})

test('what is under way when the threads are ended fails, and the next call has new ones', async () => {
  const own = createHashWorkers({ threads: 1 })
  const bytes = shared(Buffer.alloc(1 << 20))
  const stream = own.stream()
  const under = own.stretches(bytes, [{ from: 0, to: 1 << 20, inflated: null, checked: true }])
  const [outcome] = await Promise.allSettled([under, own.close()])
  expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'internal' } })
  await expect(stream.update(bytes, 0, 1)).rejects.toMatchObject({ code: 'internal' })
  stream.end()
  expect(await own.stretches(bytes, [{ from: 0, to: 0, inflated: null, checked: true }])).toEqual([
    { hash: sha256([]), checksum: 0 },
  ])
  await own.close()
})

test('threads that rested so long that they ended are started again', async () => {
  const own = createHashWorkers({ threads: 1, idleMs: 1 })
  const call = () => own.stretches(shared(Buffer.from('a')), [{ from: 0, to: 1, inflated: null, checked: true }])
  const first = await call()
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(await call()).toEqual(first)
  await own.close()
})

function shared(bytes: Uint8Array): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(bytes.length)
  new Uint8Array(buffer).set(bytes)
  return buffer
}

function sha256(bytes: Uint8Array | readonly number[]): string {
  return hashOf('sha256', Uint8Array.from(bytes))
}
