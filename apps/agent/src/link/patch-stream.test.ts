import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LIMITS, encode, type ChunkId, type ContentHash, type ListDigest, type PatchItem } from '@causeway/protocol'
import { decodePatchStream } from './patch-stream.ts'

const hex = 'ab'.repeat(32)

const ITEMS: readonly PatchItem[] = [
  {
    kind: 'splice',
    splice: { base: hex as ContentHash, parts: [[0, 3], new Uint8Array(72)], digest: hex as ListDigest },
  },
  { kind: 'fetch', first: 3, count: 2 },
  { kind: 'chunk', chunk: { hash: hex as ChunkId, bytes: new Uint8Array(5000).fill(7) } },
]

test('items come out whole, however the stream is cut', async () => {
  const bytes = Buffer.concat(ITEMS.map(framed))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 12 }), async (cuts) => {
      const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length]
      const pieces = edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge))
      expect(await collect(pieces)).toEqual(ITEMS.map((item) => expect.objectContaining({ kind: item.kind })))
    }),
    { numRuns: 40 },
  )
})

test('a stream that ends within an item is a lost connection, not an end', async () => {
  const bytes = Buffer.concat(ITEMS.map(framed))
  await expect(collect([bytes.subarray(0, -1)])).rejects.toMatchObject({ code: 'offline' })
  await expect(collect([bytes, Buffer.from([0, 0])])).rejects.toMatchObject({ code: 'offline' })
})

test('an item over the limit is refused by its head alone', async () => {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(LIMITS.messageBytes + 1)
  await expect(collect([head])).rejects.toMatchObject({ code: 'too-large' })
})

function framed(item: PatchItem): Buffer {
  const body = encode(item)
  const head = Buffer.alloc(4)
  head.writeUInt32BE(body.length)
  return Buffer.concat([head, body])
}

async function collect(pieces: readonly Uint8Array[]): Promise<PatchItem[]> {
  const items: PatchItem[] = []
  for await (const item of decodePatchStream(arriving(pieces))) items.push(item)
  return items
}

async function* arriving(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces
}
