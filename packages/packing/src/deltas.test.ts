import { copiesAgainst, signBlocks } from '@causeway/engine'
import { isSyncError, LIMITS, type Delta } from '@causeway/protocol'
import fc from 'fast-check'
import { randomBytes } from 'node:crypto'
import { constants, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { openDelta, packCopies, packDelta } from './deltas.ts'

type Packed = Pick<Delta, 'encoding' | 'bytes'>

const region = randomBytes(100_000)
const bytes = Buffer.concat([Buffer.of(1), region.subarray(0, 60_000), randomBytes(100), region.subarray(50_000)])

const anyBytes = fc.uint8Array({ maxLength: 2000 })
const anyEncoding = fc.constantFrom('dictionary', 'copies', 'packed-copies')

async function dictionaryOf(base: Uint8Array, made: Uint8Array): Promise<Packed> {
  return { encoding: 'dictionary', bytes: await packDelta(base, made) }
}

describe('a delta made with the region as its dictionary', () => {
  test('costs little more than what is new', async () => {
    expect((await packDelta(region, bytes)).length).toBeLessThan(100 + 100)
  })

  test('makes the bytes again', async () => {
    await fc.assert(
      fc.asyncProperty(anyBytes, anyBytes, anyBytes, async (base, more, other) => {
        const made = Buffer.concat([more, base, other])
        expect(Buffer.compare(await openDelta(await dictionaryOf(base, made), base, made.length), made)).toBe(0)
      }),
    )
  })

  test('finds what they share at any distance in a region of a few megabytes', async () => {
    const base = randomBytes(6 * 1024 * 1024)
    const made = Buffer.concat([base.subarray(-500_000), base.subarray(0, 500_000)])
    const delta = await dictionaryOf(base, made)
    expect(delta.bytes.length).toBeLessThan(made.length / 100)
    expect(Buffer.compare(await openDelta(delta, base, made.length), made)).toBe(0)
  })

  test('comes out again at the largest sizes', async () => {
    const base = randomBytes(LIMITS.deltaBaseBytes)
    const made = base.subarray(base.length - LIMITS.deltaBytes)
    const delta = await dictionaryOf(base, made)
    expect(delta.bytes.length).toBeLessThan(made.length / 10)
    expect(Buffer.compare(await openDelta(delta, base, made.length), made)).toBe(0)
  })
})

describe('a delta of copies', () => {
  test.each([1, 40_000])('with %d new bytes makes the bytes again', async (added) => {
    const made = Buffer.concat([Buffer.alloc(added, 7), region])
    const delta = await packCopies(copiesAgainst(signBlocks(region, 512), 512, region.length, made))
    expect(Buffer.compare(await openDelta(delta, region, made.length), made)).toBe(0)
  })

  test('is packed only where that makes it smaller', async () => {
    expect((await packCopies(Buffer.alloc(1000, 7))).encoding).toBe('packed-copies')
    expect(await packCopies(region)).toEqual({ encoding: 'copies', bytes: region })
  })
})

describe('what does not fit is corrupt', () => {
  const frame = zstdCompressSync(bytes)

  test.each<[string, Packed, number]>([
    ['a frame that makes fewer bytes', { encoding: 'dictionary', bytes: frame }, bytes.length + 1],
    ['a frame that makes more', { encoding: 'dictionary', bytes: frame }, bytes.length - 1],
    ['a frame that is cut short', { encoding: 'dictionary', bytes: frame.subarray(0, -1) }, bytes.length],
    ['no frame', { encoding: 'dictionary', bytes: new Uint8Array() }, 0],
    ['a packed bomb', { encoding: 'packed-copies', bytes: zstdCompressSync(Buffer.alloc(64 * 1024 * 1024)) }, 10],
    ['instructions that make fewer bytes', { encoding: 'copies', bytes: Uint8Array.of(1, 7) }, 2],
    ['more than a delta may make', { encoding: 'dictionary', bytes: frame }, LIMITS.deltaBytes + 1],
  ])('%s', async (_name, delta, sizeBytes) => {
    await expect(openDelta(delta, region, sizeBytes)).rejects.toMatchObject({ code: 'chunk-corrupt' })
  })

  test('a frame that wants a larger window than any delta has', async () => {
    const params = { [constants.ZSTD_c_windowLog]: 27 }
    const delta: Packed = { encoding: 'dictionary', bytes: zstdCompressSync(Buffer.alloc(9 * 1024 * 1024), { params }) }
    await expect(openDelta(delta, region, LIMITS.deltaBytes)).rejects.toMatchObject({ code: 'chunk-corrupt' })
  })

  test('the right delta for another region gives other bytes, for the caller to find out', async () => {
    const other = Buffer.from(region).reverse()
    const opened = await openDelta(await dictionaryOf(region, bytes), other, bytes.length)
    expect(Buffer.compare(opened, bytes)).not.toBe(0)
  })

  test('any bytes either make exactly so many bytes or are corrupt', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyEncoding,
        fc.uint8Array({ maxLength: 80 }),
        fc.nat(300),
        async (encoding, packed, sizeBytes) => {
          const outcome = await openDelta({ encoding, bytes: packed }, region, sizeBytes).then(
            (opened) => opened.length,
            (error: unknown) => (isSyncError(error) ? error.code : error),
          )
          expect(outcome).toBeOneOf([sizeBytes, 'chunk-corrupt'])
        },
      ),
    )
  })
})
