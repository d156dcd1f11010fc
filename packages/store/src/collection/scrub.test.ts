import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hashOf, storedChunk } from '../conformance/fixtures.ts'
import { StoredFiles } from '../conformance/stored-files.ts'
import { openPackDirectory } from '../packs/open-pack-directory.ts'
import { openSqliteMetadataStore } from '../sqlite/open-sqlite-metadata-store.ts'
import type { StoredChunk } from '../pack-store.ts'
import { scrub } from './scrub.ts'

let path: string
let files: StoredFiles

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'causeway-scrub-'))
  files = new StoredFiles(await openSqliteMetadataStore({ path: ':memory:' }), await openPackDirectory({ path }))
})

afterEach(async () => {
  await files.metadata.close()
  await files.packs.close()
  await rm(path, { recursive: true })
})

const plain = (text: string) => storedChunk(Buffer.from(text))
const packed = (text: string): StoredChunk => ({ ...plain(text), compressed: true, bytes: zstdCompressSync(text) })

test('sound chunks, packed and plain, pass, and are counted', async () => {
  const chunks = Array.from({ length: 150 }, (_, index) => (index % 2 === 0 ? plain : packed)(`chunk ${index}`))
  await files.upload([...chunks, plain(''), packed('')])
  const progress: number[] = []
  const report = await scrub({
    metadata: files.metadata,
    packs: files.packs,
    onProgress: (done) => progress.push(done.chunks),
  })
  expect(report).toMatchObject({ chunks: 151, damaged: [] })
  expect(progress.at(-1)).toBe(151)
})

test.each([
  ['bytes under a wrong hash', { ...plain('these'), hash: hashOf('those') }],
  ['a frame of other bytes', { ...packed('these'), hash: hashOf('those') }],
  ['a frame that is none', { ...plain('these'), compressed: true }],
  ['a frame that unpacks to more than it says', { ...packed('these'.repeat(1000)), size: 5 }],
  ['plain bytes of another size', { ...plain('these'), size: 6 }],
])('%s are reported, and what is sound beside them is not', async (_name, bad) => {
  await files.upload([plain('sound'), bad, packed('also sound')])
  const { damaged } = await scrub({ metadata: files.metadata, packs: files.packs })
  expect(damaged).toMatchObject([{ hash: bad.hash, code: 'chunk-corrupt' }])
})

test('a flipped bit on the disk is reported', async () => {
  await files.upload([plain('sound'), plain('to be damaged')])
  const file = join(path, '00000001.pack')
  const bytes = await readFile(file)
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
  await writeFile(file, bytes)
  const { damaged } = await scrub({ metadata: files.metadata, packs: files.packs })
  expect(damaged).toMatchObject([{ hash: hashOf('to be damaged'), code: 'chunk-corrupt' }])
})

test('a pack that is gone is reported for each of its chunks', async () => {
  await files.upload([plain('one'), plain('two')])
  await files.packs.removePacks(['00000001'])
  const { damaged } = await scrub({ metadata: files.metadata, packs: files.packs })
  expect(damaged.map(({ code }) => code)).toEqual(['chunk-missing', 'chunk-missing'])
})

test('it stops when it is told to', async () => {
  await files.upload([plain('one')])
  const stopping = scrub({ metadata: files.metadata, packs: files.packs, signal: AbortSignal.abort() })
  await expect(stopping).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
})
