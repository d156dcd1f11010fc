import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decode, encode } from './codec.ts'
import { isSyncError } from './error-codes.ts'
import { ContentHashSchema, ListDigestSchema, onlyChunkOf } from './ids.ts'
import { LIMITS } from './limits.ts'
import {
  ComingSchema,
  DeltaSchema,
  DeltasRequestSchema,
  PatchItemSchema,
  PatchSchema,
  SignaturesRequestSchema,
  SpliceSchema,
  type Delta,
  type Patch,
  type PatchItem,
} from './patch.ts'

const HASH = ContentHashSchema.parse('ab'.repeat(32))
const DIGEST = ListDigestSchema.parse(HASH)
const CHUNKS = new Uint8Array(36).fill(1)
const DELTA: Delta = {
  base: { content: HASH, offset: 70_000, length: 120_000 },
  chunks: CHUNKS,
  encoding: 'dictionary',
  bytes: Uint8Array.of(1, 2, 3),
}
const PATCH: Patch = {
  content: HASH,
  splice: { base: HASH, parts: [[0, 12], CHUNKS, [13, 4_000]], digest: DIGEST },
  deltas: [DELTA],
}

describe('crossing the wire', () => {
  test('a patch stays as it is', () => {
    expectSame(decode(PatchSchema, encode(PATCH)), PATCH)
  })

  test('a patch of one edited chunk costs little more than its delta', () => {
    expect(encode(PATCH).length - DELTA.bytes.length).toBeLessThan(500)
  })

  test.each<[string, PatchItem]>([
    ['splice', { kind: 'splice', splice: PATCH.splice }],
    ['manifest', { kind: 'manifest', chunks: CHUNKS }],
    ['delta', { kind: 'delta', delta: DELTA }],
    ['fetch', { kind: 'fetch', first: 3, count: 2 }],
    ['chunk', { kind: 'chunk', chunk: { hash: onlyChunkOf(HASH), bytes: Uint8Array.of(7) } }],
  ])('an item %s stays as it is', (_kind, item) => {
    expectSame(decode(PatchItemSchema, encode(item)), item)
  })

  test('any splice stays as it is', () => {
    const anyCopy = fc.tuple(fc.nat(LIMITS.chunksPerManifest), fc.integer({ min: 1, max: LIMITS.chunksPerManifest }))
    const anyPart = fc.oneof(anyCopy, fc.uint8Array({ minLength: 1, maxLength: 80 }))
    fc.assert(
      fc.property(fc.array(anyPart, { maxLength: 20 }), (parts) => {
        const splice = { base: HASH, parts, digest: DIGEST }
        const back = decode(SpliceSchema, encode(splice))
        expect(back.parts.map((part) => [...part])).toEqual(parts.map((part) => [...part]))
      }),
    )
  })
})

describe('what is over a limit or has no meaning is refused', () => {
  const splice = (part: unknown) => ({ ...PATCH.splice, parts: [part] })
  const region = { offset: 0, length: 100 }
  const signatures = { content: HASH, regions: [region], blockBytes: 512 }

  test.each([
    ['a copy of no chunks', SpliceSchema, splice([3, 0])],
    ['a copy from before the list', SpliceSchema, splice([-1, 1])],
    ['a copy from behind any list', SpliceSchema, splice([LIMITS.chunksPerManifest + 1, 1])],
    ['a copy of half a chunk', SpliceSchema, splice([0, 1.5])],
    ['a copy with a third number', SpliceSchema, splice([0, 1, 1])],
    ['a part without chunks', SpliceSchema, splice(new Uint8Array())],
    ['a part that is text', SpliceSchema, splice('[0,1]')],
    ['a base that is no hash', SpliceSchema, { ...PATCH.splice, base: 'base' }],
    ['a delta against nothing', DeltaSchema, { ...DELTA, base: { ...DELTA.base, length: 0 } }],
    ['a delta against too much', DeltaSchema, { ...DELTA, base: { ...DELTA.base, length: LIMITS.deltaBaseBytes + 1 } }],
    ['a delta from before its base', DeltaSchema, { ...DELTA, base: { ...DELTA.base, offset: -1 } }],
    ['a delta of an unknown encoding', DeltaSchema, { ...DELTA, encoding: 'guess' }],
    ['too many deltas', DeltasRequestSchema, { deltas: Array(LIMITS.deltasPerMessage + 1).fill(DELTA) }],
    ['blocks that are too small', SignaturesRequestSchema, { ...signatures, blockBytes: 63 }],
    ['blocks that are too large', SignaturesRequestSchema, { ...signatures, blockBytes: 65_537 }],
    [
      'too many regions',
      SignaturesRequestSchema,
      { ...signatures, regions: Array(LIMITS.deltasPerMessage + 1).fill(region) },
    ],
    ['an item of an unknown kind', PatchItemSchema, { kind: 'repeat', first: 0, count: 1 }],
    [
      'chunks to come without a name for the sending',
      ComingSchema,
      { upload: '', sizeBytes: 1, first: 0, chunks: CHUNKS },
    ],
    [
      'more chunks to come than one request has',
      ComingSchema,
      { upload: 'a', sizeBytes: 1, first: 0, chunks: new Uint8Array(36 * (LIMITS.chunksPerRequest + 1)) },
    ],
  ] as const)('%s', (_name, schema, value) => {
    expect(schema.safeParse(value).success).toBe(false)
  })

  test('any bytes are a patch or a bad request', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(outcomeOf(bytes)).toBeOneOf(['patch', 'bad-request'])
      }),
    )
  })

  test('a patch with bytes turned is a patch or a bad request', () => {
    const whole = encode(PATCH)
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 }), (turned) => {
        const bytes = Uint8Array.from(whole)
        for (const [at, value] of turned) bytes[at] = value
        expect(outcomeOf(bytes)).toBeOneOf(['patch', 'bad-request'])
      }),
    )
  })
})

function outcomeOf(bytes: Uint8Array): unknown {
  try {
    decode(PatchSchema, bytes)
    return 'patch'
  } catch (error) {
    return isSyncError(error) ? error.code : error
  }
}

/** Byte strings come back as another class of bytes, so what they encode to is compared. */
function expectSame(back: unknown, sent: unknown): void {
  expect([...encode(back)]).toEqual([...encode(sent)])
}
