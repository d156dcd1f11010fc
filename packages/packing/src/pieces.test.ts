import { PassThrough, Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { free, piecesOf } from './pieces.ts'

test('the pieces of a stream join to what was written, whatever waits when', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 9_000 })),
      fc.boolean(),
      async (pieces, waits) => {
        const stream = new PassThrough()
        for (const piece of pieces) stream.write(Buffer.from(piece))
        stream.end()
        const got: Buffer[] = []
        for await (const piece of piecesOf(stream)) {
          got.push(Buffer.from(piece))
          if (waits) await new Promise(setImmediate)
        }
        expect(Buffer.concat(got)).toEqual(Buffer.concat(pieces))
      },
    ),
    { numRuns: 60 },
  )
})

test('a stream that fails, or is closed before its end, is told after what came before', async () => {
  for (const error of [new Error('cut'), undefined]) {
    const stream = new PassThrough()
    stream.write('abc')
    const got: string[] = []
    const reading = async () => {
      for await (const piece of piecesOf(stream)) {
        got.push(String(Buffer.from(piece)))
        stream.destroy(error)
      }
    }
    await expect(reading()).rejects.toThrow(error === undefined ? 'before its end' : 'cut')
    expect(got).toEqual(['abc'])
  }
})

test('a stream that was destroyed before anybody read it is told', async () => {
  const stream = new PassThrough()
  stream.destroy()
  await expect(piecesOf(stream).next()).rejects.toThrow('before its end')
})

test('leaving the loop destroys the stream; reading it to its end does not hurt it', async () => {
  const left = Readable.from([Buffer.from('a'), Buffer.from('b')])
  for await (const _ of piecesOf(left)) break
  expect(left.destroyed).toBe(true)
})

test('memory is freed only where the bytes fill it alone', () => {
  const own = new Uint8Array(10_000)
  const window = new Uint8Array(10_000).subarray(0, 9_000)
  const shared = new Uint8Array(new SharedArrayBuffer(10_000))
  for (const bytes of [own, window, shared]) free(bytes)
  expect([own.length, window.length, shared.length]).toEqual([0, 9_000, 10_000])
})
