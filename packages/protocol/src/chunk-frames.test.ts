import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeChunkFrames, encodeChunkFrame, type ChunkFrame } from './chunk-frames.ts'
import { ChunkIdSchema } from './ids.ts'
import { LIMITS } from './limits.ts'

const anyFrame = fc
  .record({
    hash: fc.stringMatching(/^[0-9a-f]{64}$/).map((text) => ChunkIdSchema.parse(text)),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }),
    saved: fc.nat(1000),
    compressed: fc.boolean(),
  })
  .map(({ hash, bytes, saved, compressed }): ChunkFrame => {
    return { hash, bytes, compressed, size: compressed ? bytes.length + saved : bytes.length }
  })

test('frames come out as they went in, however the stream is cut into pieces', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyFrame, { maxLength: 8 }),
      fc.integer({ min: 1, max: 500 }),
      async (frames, pieceSize) => {
        expect(await collect(cut(join(frames), pieceSize))).toEqual(frames)
      },
    ),
  )
})

test('a stream that ends inside a frame is refused, at every length', async () => {
  await fc.assert(
    fc.asyncProperty(anyFrame, fc.nat(), async (frame, seed) => {
      const whole = encodeChunkFrame(frame)
      const length = 1 + (seed % (whole.length - 1))
      await expect(collect(cut(whole.subarray(0, length), 64))).rejects.toMatchObject({ code: 'bad-request' })
    }),
  )
})

const good = encodeChunkFrame({
  hash: ChunkIdSchema.parse('ab'.repeat(32)),
  size: 4,
  compressed: false,
  bytes: new Uint8Array(4),
})

test.each([
  ['no bytes', (view: DataView) => view.setUint32(32, 0)],
  ['more bytes than a chunk may have', (view: DataView) => view.setUint32(32, LIMITS.chunkBytes + 1)],
  ['a stored form of another size than the plain bytes', (view: DataView) => view.setUint32(36, 3)],
  ['a stored form larger than the chunk', (view: DataView) => (view.setUint8(40, 1), view.setUint32(36, 0xffff_ffff))],
  ['flags of another time', (view: DataView) => view.setUint8(40, 2)],
])('a header that claims %s is refused', async (_name, forge) => {
  const forged = good.slice()
  forge(new DataView(forged.buffer))
  await expect(collect(cut(forged, 1000))).rejects.toMatchObject({ code: 'bad-request' })
})

function join(frames: readonly ChunkFrame[]): Uint8Array {
  const parts = frames.map(encodeChunkFrame)
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

async function* cut(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<ChunkFrame[]> {
  const frames: ChunkFrame[] = []
  for await (const frame of decodeChunkFrames(stream)) frames.push(frame)
  return frames
}
