import { mkdtemp, readFile, rm, utimes, writeFile, appendFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FolderIdSchema, ROOT_ID, SyncError, decodeManifest, type EntryId, type FileContent } from '@causeway/protocol'
import { bindRoot, openDiskFiles, type BaseEntry, type DiskFiles } from '@causeway/replica'
import type { Transfer } from '../ports.ts'
import { createTransfer } from './create-transfer.ts'
import { contentHashOf, createMemoryLink, sha256, type MemoryLink } from './test-support/memory-link.ts'

const folder = FolderIdSchema.parse('work')
const forever = new AbortController().signal
const silent = { planned() {}, moved() {}, finished() {} }

let root: string
let files: DiskFiles
let link: MemoryLink
let transfer: Transfer

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'causeway-transfer-'))
  files = await openDiskFiles({ root, folder, markerNonce: bindRoot(root, folder) })
  link = createMemoryLink()
  transfer = createTransfer({ folder, files, link, progress: silent, now: Date.now })
})

afterEach(async () => {
  files.release()
  await rm(root, { recursive: true })
})

test('whatever a file holds, and whatever it replaces, what is downloaded is what was uploaded', async () => {
  await fc.assert(
    fc.asyncProperty(anyBytes, fc.array(anyMutation, { maxLength: 3 }), async (bytes, mutations) => {
      const older = mutations.reduce(mutate, bytes)
      const content = await upload('source', bytes)
      await writeFile(join(root, 'older'), older)
      expect(Buffer.compare(await download(content, 'older'), bytes)).toBe(0)
    }),
    { numRuns: 40 },
  )
})

test('a file whose chunks are held already sends nothing', async () => {
  const bytes = noise(3_000_000)
  await upload('first', bytes)
  const before = link.counts.uploaded
  await upload('second', bytes)
  expect(before).toBeGreaterThan(10)
  expect(link.counts.uploaded).toBe(before)
})

test('an upload that broke off sends only the rest when it is tried again', async () => {
  const bytes = noise(20_000_000)
  let uploads = 0
  link.before = (call) => {
    if (call === 'upload' && ++uploads > 1) throw new SyncError('offline', 'the link broke')
  }
  await expect(upload('big', bytes)).rejects.toMatchObject({ code: 'offline' })
  const sent = link.counts.uploaded
  link.before = () => undefined
  const content = await upload('big', bytes)
  expect(sent).toBeGreaterThan(0)
  expect(link.counts.uploaded).toBe(new Set(link.manifests.get(content.hash)?.map(({ hash }) => hash)).size)
})

test.each([
  ['a download that broke off', 'offline'],
  ['a download for which the coordinator lacked a chunk', 'chunk-missing'],
] as const)('%s goes on behind what it had, and comes out whole', async (_name, code) => {
  const bytes = noise(20_000_000)
  const content = await upload('big', bytes)
  let left = 250
  link.before = (call) => {
    if (call === 'fetch' && --left < 0) throw new SyncError(code, 'not now')
  }
  await expect(download(content, null)).rejects.toMatchObject({ code })
  link.before = () => undefined
  const before = link.counts.fetched
  expect(Buffer.compare(await download(content, null), bytes)).toBe(0)
  const chunkCount = link.manifests.get(content.hash)?.length ?? 0
  expect(link.counts.fetched - before).toBeLessThan(chunkCount)
})

test('an edit in the middle of a file that is here fetches a few chunks, not all', async () => {
  const bytes = noise(5_000_000)
  await writeFile(join(root, 'mine'), bytes)
  const edited = Buffer.concat([
    bytes.subarray(0, 2_000_000),
    Buffer.from('a few new words'),
    bytes.subarray(2_000_000),
  ])
  const content = await upload('theirs', edited)
  expect(Buffer.compare(await download(content, 'mine'), edited)).toBe(0)
  expect(link.counts.fetched).toBeLessThan(5)
})

test('a file of one repeated chunk fetches it once', async () => {
  const bytes = new Uint8Array(8_000_000)
  const content = await upload('zeros', bytes)
  expect(Buffer.compare(await download(content, null), bytes)).toBe(0)
  expect(link.counts.fetched).toBeLessThan(4)
})

test('bytes that are not what the content says are never handed on, and leave nothing behind', async () => {
  const bytes = noise(400_000)
  const content = await upload('good', bytes)
  const manifest = link.manifests.get(content.hash) ?? []
  const [first] = manifest
  if (first === undefined) throw new Error('there is no chunk')
  link.chunks.set(first.hash, noise(first.size, 7))
  await expect(download(content, null)).rejects.toMatchObject({ code: 'chunk-corrupt' })
  link.chunks.set(first.hash, noise(first.size - 1))
  await expect(download(content, null)).rejects.toMatchObject({ code: 'manifest-invalid' })
  link.manifests.set(content.hash, manifest.slice(1))
  await expect(download(content, null)).rejects.toMatchObject({ code: 'manifest-invalid' })
})

test('a file that changed after it was scanned is unstable', async () => {
  await writeFile(join(root, 'moving'), noise(200_000))
  await settle('moving')
  const stat = await statOf('moving')
  await appendFile(join(root, 'moving'), 'more')
  expect((await transfer.upload('moving', stat, null, forever)).kind).toBe('unstable')
})

test('a file that grows while it is read is unstable', async () => {
  await writeFile(join(root, 'growing'), noise(20_000_000))
  await settle('growing')
  const stat = await statOf('growing')
  let grown: Promise<void> | undefined
  link.before = () => void (grown ??= appendFile(join(root, 'growing'), 'more'))
  expect((await transfer.upload('growing', stat, null, forever)).kind).toBe('unstable')
  await grown
})

test('an aborted upload ends', async () => {
  await writeFile(join(root, 'big'), noise(10_000_000))
  await settle('big')
  const stat = await statOf('big')
  const stop = new AbortController()
  link.before = () => stop.abort(new Error('stopped'))
  await expect(transfer.upload('big', stat, null, stop.signal)).rejects.toThrow('stopped')
})

async function upload(path: string, bytes: Uint8Array): Promise<FileContent> {
  await writeFile(join(root, path), bytes)
  await settle(path)
  let result = await transfer.upload(path, await statOf(path), null, forever)
  if (result.kind === 'uploaded' && (await link.commitContent(result.hash, result.told)).length > 0) {
    result = await transfer.uploadWhole(path, await statOf(path), forever)
    if (result.kind === 'uploaded') await link.commitContent(result.hash, result.told)
  }
  if (result.kind !== 'uploaded') throw new Error(`unstable: ${result.detail}`)
  expect(result.hash).toBe(sha256(bytes))
  const manifest = decodeManifest(result.chunks)
  expect(manifest.reduce((sum, chunk) => sum + chunk.size, 0)).toBe(bytes.length)
  return { kind: 'file', hash: result.hash, size: result.size, mode: 0o640, mtimeNs: '1700000000123456789' }
}

async function download(content: FileContent, path: string | null): Promise<Buffer> {
  const replaces = path === null ? null : { path, base: await baseOf(path) }
  const staged = await transfer.download(content, { replaces, patch: null }, forever)
  await files.syncStaged([staged])
  await rm(join(root, 'out'), { force: true })
  const placed = await files.placeNew(staged, 'out')
  if (placed.kind !== 'placed') throw new Error(placed.detail)
  expect(placed.stat).toMatchObject({ mode: 0o640, mtimeNs: 1700000000123456789n, size: content.size })
  return readFile(join(root, 'out'))
}

async function statOf(path: string) {
  const stat = await files.stat(path)
  if (stat === undefined) throw new Error(`there is no ${path}`)
  return stat
}

/** Old enough not to be taken for a file that is being written. */
async function settle(path: string): Promise<void> {
  const time = new Date('2026-01-01')
  await utimes(join(root, path), time, time)
}

/** Bytes that nothing can compress or cut twice alike; the same for the same seed. */
function noise(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = seed * 2_654_435_761
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    bytes[at] = state >>> 24
  }
  return bytes
}

const anyBytes = fc
  .record({
    length: fc.oneof(fc.nat(70_000), fc.nat(900_000)),
    seed: fc.nat(1000),
    repeat: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ length, seed, repeat }) => Buffer.concat(Array.from({ length: repeat }, () => noise(length, seed + 1))))

const anyMutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.nat(5000),
  added: fc.nat(5000),
})

function mutate(bytes: Uint8Array, { at, removed, added }: { at: number; removed: number; added: number }): Uint8Array {
  const from = Math.floor(at * bytes.length)
  return Buffer.concat([bytes.subarray(0, from), noise(added, added + 2), bytes.subarray(from + removed)])
}

async function baseOf(path: string): Promise<BaseEntry> {
  const stat = await statOf(path)
  const content = {
    kind: 'file',
    hash: contentHashOf(new Uint8Array()),
    size: stat.size,
    mode: stat.mode,
    mtimeNs: '0',
  } as const
  const vectors = { placeVector: {}, contentVector: {}, existenceVector: {} }
  return { id: 'ash-1' as EntryId, parent: ROOT_ID, name: path, ...vectors, content, stat, seq: 1, racy: false }
}
