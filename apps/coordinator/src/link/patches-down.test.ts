import { signBlocks, SIGNATURE_BYTES } from '@causeway/engine'
import {
  decode,
  encode,
  encodeManifest,
  LIMITS,
  SignaturesResponseSchema,
  type SignaturesRequest,
} from '@causeway/protocol'
import { expect, test } from 'vitest'
import { largeOf, noise, overwritten } from '@causeway/testkit'
import { neverAsked, newIn, patchItems, patched, saveLarge } from '../test-support/large-files.ts'
import { bytesOf, fileOf, json, run, type TestNode } from '../test-support/running.ts'
import { forget } from '../test-support/forget.ts'

const BEFORE = largeOf(noise(600_000, 1))
const AFTER = largeOf(overwritten(BEFORE.bytes, 300_000, noise(4096, 2)))

test('whoever holds the old content gets the new one by what differs; a known delta is not made again', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const bob = await running.enrol('bob')
  await saveLarge(ada, 'before', BEFORE, 1)
  await saveLarge(ada, 'after', AFTER, 2)
  const items = await patchItems(bob, AFTER.hash, BEFORE.hash)
  expect(items[0]).toMatchObject({ kind: 'splice', splice: { base: BEFORE.hash } })
  expect(Buffer.from(await patched(BEFORE, items, () => neverAsked()))).toEqual(Buffer.from(AFTER.bytes))
  // 4 KiB were written into bytes that do not compress.
  expect(encode(items).length).toBeLessThan(5 * 1024)
  expect(await patchItems(bob, AFTER.hash, BEFORE.hash)).toEqual(items)
})

test('a base that is not held gives the whole list; a content that is not held gives none', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  await saveLarge(ada, 'before', BEFORE, 1)
  const [item, ...more] = await patchItems(ada, BEFORE.hash, AFTER.hash)
  expect(more).toEqual([])
  expect(item?.kind === 'manifest' && Buffer.from(item.chunks)).toEqual(Buffer.from(encodeManifest(BEFORE.manifest)))
  const unknown = await ada.call('patch', encode({ content: AFTER.hash, base: BEFORE.hash }))
  expect([unknown.status, (await json(unknown)).error.code]).toEqual([404, 'not-found'])
})

test('what shares nothing with its base is fetched, and not many deltas are tried in vain', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const before = largeOf(noise(12_000_000, 11))
  const after = largeOf(noise(12_000_000, 12))
  await saveLarge(ada, 'before', before, 1)
  await saveLarge(ada, 'after', after, 2)
  const items = await patchItems(ada, after.hash, before.hash)
  expect(new Set(items.map(({ kind }) => kind))).toEqual(new Set(['splice', 'fetch']))
  const named = items.flatMap((item) => {
    return item.kind === 'fetch' ? after.manifest.slice(item.first, item.first + item.count) : []
  })
  expect(named).toEqual(after.manifest)
})

test('bytes that were appended and do not compress come along whole while they are few', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const after = largeOf(Buffer.concat([BEFORE.bytes, noise(90_000, 21)]))
  await saveLarge(ada, 'before', BEFORE, 1)
  await saveLarge(ada, 'after', after, 2)
  const items = await patchItems(ada, after.hash, BEFORE.hash)
  expect(items.map(({ kind }) => kind)).not.toContain('fetch')
  expect(Buffer.from(await patched(BEFORE, items, () => neverAsked()))).toEqual(Buffer.from(after.bytes))
})

test('a stretch whose chunks are lost is to be fetched, where it is said why that is not possible', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  await saveLarge(ada, 'before', BEFORE, 1)
  await saveLarge(ada, 'after', AFTER, 2)
  const { metadata } = running.coordinator.context
  await metadata.write((tx) => forget(tx, 'chunk', newIn(AFTER, BEFORE)))
  const items = await patchItems(ada, AFTER.hash, BEFORE.hash)
  expect(items.map(({ kind }) => kind)).toEqual(['splice', 'fetch'])
  expect((await ada.call('chunks/fetch', encode({ hashes: newIn(AFTER, BEFORE) }))).status).toBe(409)
})

test('signatures are those of the bytes asked for, as far as the content goes', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  await saveLarge(ada, 'image', BEFORE, 1)
  const small = fileOf('a small content')
  await ada.save('small', 'a small content', 2)
  const ask = { content: BEFORE.hash, blockBytes: 704 }
  const regions = [
    { offset: 12_345, length: 300_001 },
    { offset: 599_000, length: 5_000_000 },
    { offset: 700_000, length: 10 },
  ]
  expect(await signatures(ada, { ...ask, regions })).toEqual([
    Buffer.from(signBlocks(BEFORE.bytes.subarray(12_345, 312_346), 704)),
    Buffer.from(signBlocks(BEFORE.bytes.subarray(599_000), 704)),
    Buffer.alloc(0),
  ])
  const whole = { offset: 0, length: 100 }
  expect(await signatures(ada, { content: small.content.hash, blockBytes: 64, regions: [whole] })).toEqual([
    Buffer.from(signBlocks(small.bytes, 64)),
  ])
  const unknown = await ada.call('chunks/signatures', encode({ ...ask, content: AFTER.hash, regions }))
  expect([unknown.status, (await json(unknown)).error.code]).toEqual([404, 'not-found'])
  const much = Array.from({ length: 3 }, () => ({ offset: 0, length: LIMITS.deltaBaseBytes }))
  expect((await ada.call('chunks/signatures', encode({ ...ask, regions: much }))).status).toBe(413)
})

test('signatures of a region longer than one step are those of the whole region', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const file = largeOf(noise(3_000_000, 31))
  await saveLarge(ada, 'image', file, 1)
  const regions = [{ offset: 1, length: 2_999_999 }]
  const [signature] = await signatures(ada, { content: file.hash, blockBytes: 1000, regions })
  expect(signature).toEqual(Buffer.from(signBlocks(file.bytes.subarray(1), 1000)))
  expect(signature?.length).toBe(3000 * SIGNATURE_BYTES)
})

async function signatures(node: TestNode, request: SignaturesRequest): Promise<Buffer[]> {
  const answer = await bytesOf(await node.call('chunks/signatures', encode(request)))
  return decode(SignaturesResponseSchema, answer).signatures.map((bytes) => Buffer.from(bytes))
}
