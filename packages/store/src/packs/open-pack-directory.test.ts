import {
  copyFile,
  mkdtemp,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
  type FileHandle,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { storedChunk } from '../conformance/fixtures.ts'
import { packStoreConformance } from '../conformance/pack-store-conformance.ts'
import type { PackStore } from '../pack-store.ts'
import { openPackDirectory } from './open-pack-directory.ts'

const scratch = await mkdtemp(join(tmpdir(), 'causeway-packs-'))
afterAll(() => rm(scratch, { recursive: true }))

let count = 0
const freshPath = () => join(scratch, `${++count}`)

packStoreConformance('a directory of packs', (options) => openPackDirectory({ path: freshPath(), ...options }))

const CHUNKS = ['first', 'second', 'the last one'].map((text) => storedChunk(Buffer.from(text)))

describe('a directory of packs after a crash', () => {
  test('cut at any byte of the last record, the others stand, and new records go where none was acknowledged', async () => {
    const original = freshPath()
    const locations = await filled(original)
    const whole = await readFile(join(original, '00000001.pack'))
    const lastAt = locations[2]?.offset ?? 0
    for (let length = lastAt; length < whole.length; length++) {
      const path = await copyOf(original)
      await truncate(join(path, '00000001.pack'), length)
      const packs = await openPackDirectory({ path })
      for (const index of [0, 1]) await expectChunk(packs, index, locations[index])
      await expectCorrupt(packs, 2, locations[2])
      expect(await hashesOf(packs)).toEqual(CHUNKS.slice(0, 2).map((chunk) => chunk.hash))
      const [again] = await packs.append(CHUNKS.slice(2))
      await expectChunk(packs, 2, again)
      // A cut that leaves no torn record is no trace of a crash: the pack goes on there.
      expect(again?.pack).toBe(length === lastAt ? '00000001' : '00000002')
      await packs.close()
    }
  })

  test('with any byte of the last record flipped, it is never handed out, and all others are', async () => {
    const original = freshPath()
    const locations = await filled(original)
    const whole = await readFile(join(original, '00000001.pack'))
    for (let at = locations[2]?.offset ?? 0; at < whole.length; at++) {
      const path = await copyOf(original)
      await writeFile(join(path, '00000001.pack'), flipped(whole, at))
      const packs = await openPackDirectory({ path })
      for (const index of [0, 1]) await expectChunk(packs, index, locations[index])
      await expectCorrupt(packs, 2, locations[2])
      expect(await hashesOf(packs)).toEqual(CHUNKS.slice(0, 2).map((chunk) => chunk.hash))
      const [again] = await packs.append(CHUNKS.slice(2))
      await expectChunk(packs, 2, again)
      await packs.close()
    }
  })

  test('with any byte in the middle flipped, the records behind it are still found, even after more was appended', async () => {
    const original = freshPath()
    const locations = await filled(original)
    const whole = await readFile(join(original, '00000001.pack'))
    const [from = 0, to = 0] = [locations[1]?.offset, locations[2]?.offset]
    for (let at = from; at < to; at++) {
      const path = await copyOf(original)
      await writeFile(join(path, '00000001.pack'), flipped(whole, at))
      const packs = await openPackDirectory({ path })
      const extra = storedChunk(Buffer.from('appended later'))
      await packs.append([extra])
      await expectChunk(packs, 0, locations[0])
      await expectCorrupt(packs, 1, locations[1])
      await expectChunk(packs, 2, locations[2])
      expect(await hashesOf(packs)).toEqual([CHUNKS[0]?.hash, CHUNKS[2]?.hash, extra.hash])
      await packs.close()
    }
  })

  test.each([
    ['zeros', Buffer.alloc(500)],
    ['noise', Buffer.from(Array.from({ length: 500 }, (_, index) => (index * 151) % 256))],
    ['the beginning of a header', Buffer.from('CWPK')],
  ])('%s behind the last record hurt nothing', async (_name, garbage) => {
    const path = freshPath()
    const locations = await filled(path)
    await writeFile(join(path, '00000001.pack'), garbage, { flag: 'a' })
    const packs = await openPackDirectory({ path })
    for (const index of [0, 1, 2]) await expectChunk(packs, index, locations[index])
    const [more] = await packs.append(CHUNKS.slice(0, 1))
    expect(more?.pack).toBe('00000002')
    expect(await hashesOf(packs)).toHaveLength(4)
    await packs.close()
  })
})

describe('a directory of packs', () => {
  test('goes on in its last pack when it is opened again', async () => {
    const path = freshPath()
    const locations = await filled(path)
    const packs = await openPackDirectory({ path })
    const [more] = await packs.append([storedChunk(Buffer.from('fourth'))])
    expect(more?.pack).toBe(locations[2]?.pack)
    for (const index of [0, 1, 2]) await expectChunk(packs, index, locations[index])
    expect(await hashesOf(packs)).toHaveLength(4)
    await packs.close()
  })

  test('finds records of every size in packs larger than what is looked at in one piece', async () => {
    const packs = await openPackDirectory({ path: freshPath() })
    const sizes = [1_048_576, 3, 700_000, 1_048_576, 1_048_576, 999_983, 1_048_576, 1_048_576, 0, 1_048_576, 12_345]
    const chunks = sizes.map((size, index) => storedChunk(Buffer.alloc(size, `CWPK${index}`)))
    await packs.append(chunks)
    expect(await hashesOf(packs)).toEqual(chunks.map((chunk) => chunk.hash))
    await packs.close()
  })

  test('never takes a name again that a removed pack had, even when it is opened anew', async () => {
    const path = freshPath()
    const locations = await filled(path)
    const first = await openPackDirectory({ path })
    await first.removePacks([locations[0]?.pack ?? ''])
    await first.close()
    const second = await openPackDirectory({ path })
    const [location] = await second.append(CHUNKS.slice(0, 1))
    expect(location?.pack).toBe('00000002')
    await second.close()
  })

  test('keeps its place while packs are removed and records appended at once', async () => {
    const packs = await openPackDirectory({ path: freshPath(), maxPackBytes: 200 })
    const chunks = Array.from({ length: 60 }, (_, index) => storedChunk(Buffer.from(`chunk ${index}`)))
    const [removable] = await packs.append([storedChunk(Buffer.from('garbage'))])
    const appends = chunks.map((chunk) => packs.append([chunk]))
    await packs.removePacks([removable?.pack ?? ''])
    const lost = new Set([removable?.pack])
    for (const [index, append] of appends.entries()) {
      const [location] = await append
      const chunk = chunks[index]
      if (!location || !chunk || lost.has(location.pack)) continue
      expect(Buffer.compare(await packs.read(chunk.hash, location), chunk.bytes)).toBe(0)
    }
    await packs.close()
  })

  test('belongs to one process at a time', async () => {
    const path = freshPath()
    const packs = await openPackDirectory({ path })
    await expect(openPackDirectory({ path })).rejects.toThrow(expect.objectContaining({ code: 'state-locked' }))
    await packs.close()
    await (await openPackDirectory({ path })).close()
  })

  test('a disk that keeps failing to sync is asked ever more seldom, begins no row of packs, and is used again', async () => {
    const path = freshPath()
    let now = 0
    const packs = await openPackDirectory({ path, now: () => now })
    const [kept] = await packs.append(CHUNKS.slice(0, 1))
    const probe = await open(join(path, '00000001.pack'))
    const proto: Pick<FileHandle, 'datasync'> = Object.getPrototypeOf(probe)
    await probe.close()
    const { datasync } = proto
    const repair = () => void (proto.datasync = datasync)
    onTestFinished(repair)
    let tries = 0
    proto.datasync = async () => {
      tries++
      throw Object.assign(new Error('EIO: the disk failed'), { code: 'EIO' })
    }
    for (let at = 0; at < 600; at++) {
      await expect(packs.append(CHUNKS.slice(1))).rejects.toThrow(expect.objectContaining({ code: 'io-error' }))
      now += 100
    }
    expect(packs.failures).toEqual([expect.stringContaining('the disk reports an input/output error')])
    expect(tries).toBeLessThan(12)
    // What was acknowledged stays, and nothing else does.
    expect((await readdir(path)).filter((name) => name.endsWith('.pack'))).toEqual(['00000001.pack'])

    repair()
    now += 60_000
    const locations = await packs.append(CHUNKS.slice(1))
    expect(packs.failures).toEqual([])
    await expectChunk(packs, 0, kept)
    for (const index of [1, 2]) await expectChunk(packs, index, locations[index - 1])
    await packs.close()
  })

  test('a pack that the disk refuses to read is named until it can be read again', async () => {
    const path = freshPath()
    const locations = await filled(path)
    const pack = join(path, '00000001.pack')
    await rename(pack, join(path, 'aside'))
    await mkdir(pack)
    // A newer one, so that nothing is appended to it.
    await writeFile(join(path, '00000002.pack'), '')
    const packs = await openPackDirectory({ path })
    const [chunk] = CHUNKS
    const [location] = locations
    if (!chunk || !location) throw new Error('there is no chunk')
    await expect(packs.read(chunk.hash, location)).rejects.toThrow(expect.objectContaining({ code: 'io-error' }))
    expect(packs.failures).toEqual([expect.stringContaining(pack)])
    await rm(pack, { recursive: true })
    await rename(join(path, 'aside'), pack)
    await packs.letGo(['00000001'])
    await expectChunk(packs, 0, location)
    expect(packs.failures).toEqual([])
    await packs.close()
  })

  test('what is appended to a pack that somebody removed goes to another, which stays', async () => {
    const path = freshPath()
    const packs = await openPackDirectory({ path })
    await packs.append(CHUNKS.slice(0, 1))
    await rm(path, { recursive: true })
    const [location] = await packs.append(CHUNKS.slice(1, 2))
    await packs.close()
    const again = await openPackDirectory({ path })
    await expectChunk(again, 1, location)
    await again.close()
  })

  test('names new packs after the last that an index knows', async () => {
    const packs = await openPackDirectory({ path: freshPath(), after: '00000041' })
    expect((await packs.append(CHUNKS)).map(({ pack }) => pack)).toEqual(['00000042', '00000042', '00000042'])
    await packs.close()
  })

  // The device that is always full is Linux's.
  test.runIf(process.platform === 'linux')('a full disk is told as such, and later appends go through', async () => {
    const path = freshPath()
    await mkdir(path)
    await symlink('/dev/full', join(path, '00000001.pack'))
    const packs = await openPackDirectory({ path })
    await expect(packs.append(CHUNKS)).rejects.toThrow(expect.objectContaining({ code: 'disk-full' }))
    const locations = await packs.append(CHUNKS)
    for (const index of [0, 1, 2]) await expectChunk(packs, index, locations[index])
    await packs.close()
  })
})

async function filled(path: string) {
  const packs = await openPackDirectory({ path })
  const locations = await packs.append(CHUNKS)
  await packs.close()
  return locations
}

async function copyOf(original: string): Promise<string> {
  const path = freshPath()
  await mkdir(path)
  await copyFile(join(original, '00000001.pack'), join(path, '00000001.pack'))
  return path
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ 0x10
  return copy
}

type Located = Awaited<ReturnType<PackStore['append']>>[number] | undefined

async function expectChunk(packs: PackStore, index: number, location: Located): Promise<void> {
  const chunk = CHUNKS[index]
  if (!chunk || !location) throw new Error(`there is no chunk ${index}`)
  expect(Buffer.compare(await packs.read(chunk.hash, location), chunk.bytes)).toBe(0)
}

async function expectCorrupt(packs: PackStore, index: number, location: Located): Promise<void> {
  const chunk = CHUNKS[index]
  if (!chunk || !location) throw new Error(`there is no chunk ${index}`)
  await expect(packs.read(chunk.hash, location)).rejects.toThrow(expect.objectContaining({ code: 'chunk-corrupt' }))
}

async function hashesOf(packs: PackStore): Promise<string[]> {
  const hashes: string[] = []
  for await (const { hash } of packs.records()) hashes.push(hash)
  return hashes
}
