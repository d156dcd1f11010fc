import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { chunkLengths } from '@causeway/engine'
import {
  onlyChunkOf,
  SyncError,
  decodeManifest,
  singleChunkManifest,
  type FileContent,
  type Manifest,
} from '@causeway/protocol'
import { NO_DELTAS } from '../../link/test-support/no-deltas.ts'
import { INLINE_READER } from './content-reader.ts'
import { contentHashOf, sha256, type MemoryLink } from '../test-support/memory-link.ts'
import { Uploader, edits, forever, overwritten, text, type Uploaded } from './test-support/uploader.ts'

const KIB = 1024
const MIB = 1024 * KIB

let node: Uploader
beforeEach(() => {
  node = new Uploader()
})

describe('an edit of a large file that nothing compresses', () => {
  const before = randomBytes(6 * MIB)

  test.each([
    ['4 KiB overwritten in the middle', overwritten(before, 3 * MIB, 4 * KIB), 12 * KIB],
    ['one byte put at the front', Buffer.concat([randomBytes(1), before]), 6 * KIB],
    ['one byte taken from the front', before.subarray(1), 6 * KIB],
    ['a megabyte appended', Buffer.concat([before, randomBytes(MIB)]), MIB + 32 * KIB],
    ['cut short', before.subarray(0, 4 * MIB + 5), 8 * KIB],
    ['two halves exchanged', Buffer.concat([before.subarray(3 * MIB), before.subarray(0, 3 * MIB)]), 800 * KIB],
  ])('%s: the wire carries little more than what is new', async (_what, after, mostBytes) => {
    const { content } = await node.save('disk.img', before)
    const edited = await node.save('disk.img', after, content)
    expect(edited.result.told.kind).toBe('patch')
    expect(edited.wireBytes).toBeLessThan(mostBytes)
    expectHeld(node.link, edited, after)
  })

  test('it is told in one question and the commit', async () => {
    const { content } = await node.save('disk.img', before)
    const edited = await node.save('disk.img', overwritten(before, MIB, 100), content)
    expect(edited.calls).toEqual(['signatures', 'commit'])
  })

  test('what is asked about once is not asked about again', async () => {
    const { content } = await node.save('disk.img', before)
    const edited = await node.save('disk.img', Buffer.concat([before, randomBytes(MIB)]), content)
    expect(edited.calls.filter((call) => call === 'missing')).toHaveLength(1)
    expect(edited.calls).toContain('upload')
  })

  test('a save that brings an earlier content back sends nothing', async () => {
    const first = await node.save('disk.img', before)
    const second = await node.save('disk.img', overwritten(before, MIB, 100), first.content)
    const third = await node.save('disk.img', before, second.content)
    expect(third.result.told.kind).toBe('known')
    expect(third.calls).toEqual(['commit'])
  })
})

test('whatever was edited, the coordinator ends with exactly the chunks and the list of the file', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyText,
      fc.array(anyMutation, { minLength: 1, maxLength: 3 }),
      fc.constantFrom('none', 'right', 'wrong', 'short'),
      fc.constantFrom('none', 'signatures', 'sendDeltas'),
      async (before, mutations, base, broken) => {
        node = new Uploader()
        const { content } = await node.save('notes', before)
        if (base === 'right') node.cached.set(content.hash, before)
        if (base === 'wrong') node.cached.set(content.hash, randomBytes(before.length))
        if (base === 'short') node.cached.set(content.hash, before.subarray(0, before.length / 2))
        node.link.before = (call) => {
          if (call === broken) throw new SyncError('chunk-missing', 'it is not held any more')
        }
        if (broken === 'sendDeltas') node.link.sendDeltas = NO_DELTAS.sendDeltas
        const after = mutations.reduce(mutated, before)
        expectHeld(node.link, await node.save('notes', after, content), after)
      },
    ),
    { numRuns: 60 },
  )
})

test('with the former bytes in the base cache, an edit of text costs less than with checksums alone', async () => {
  const before = text(3_000, 1)
  const after = Buffer.concat(edits(before))
  const first = await node.save('notes', before)
  const bySignatures = await node.save('notes', after, first.content)
  node = new Uploader()
  const second = await node.save('notes', before)
  node.cached.set(second.content.hash, before)
  const byDictionary = await node.save('notes', after, second.content)
  expect(byDictionary.calls).not.toContain('signatures')
  expect(byDictionary.wireBytes).toBeLessThan(bySignatures.wireBytes / 2)
  expectHeld(node.link, byDictionary, after)
})

test.each([
  ['with the former bytes in the base cache', 4096, true],
  ['with checksums alone', 32 * KIB, false],
])('%s, what moved far inside a file is found', async (_how, everyBytes, isCached) => {
  const before = randomBytes(4 * MIB)
  // No chunk stays as it was.
  const touched = Buffer.from(before.map((byte, at) => (at % everyBytes === 0 ? byte ^ 1 : byte)))
  const after = Buffer.concat([touched.subarray(2 * MIB), touched.subarray(0, 2 * MIB)])
  const { content } = await node.save('data.sqlite', before)
  if (isCached) node.cached.set(content.hash, before)
  const edited = await node.save('data.sqlite', after, content)
  expect(edited.wireBytes).toBeLessThan(MIB / 4)
  expectHeld(node.link, edited, after)
})

test('many deltas go ahead of the commit, which then carries none', async () => {
  const before = text(60_000, 2)
  const { content } = await node.save('notes', before)
  node.cached.set(content.hash, before)
  const after = Buffer.concat([...edits(before.subarray(0, MIB), 200, 2 * KIB), before.subarray(MIB)])
  const edited = await node.save('notes', after, content)
  const { told } = edited.result
  if (told.kind !== 'patch') throw new Error(told.kind)
  expect(edited.calls).toContain('sendDeltas')
  expect(told.patch.deltas).toEqual([])
  expect(edited.wireBytes).toBeLessThan(200 * 2 * KIB + 40 * KIB)
  expectHeld(node.link, edited, after)
})

describe('a base cache that holds other bytes than it says', () => {
  const before = text(60_000, 2)
  // The same a little further along: deltas against it look as good as ever.
  const others = Buffer.concat([Buffer.from('!!'), before.subarray(0, -2)])

  test('costs whole chunks where deltas go ahead, and the base is dropped', async () => {
    const { content } = await node.save('notes', before)
    node.cached.set(content.hash, others)
    const after = Buffer.concat([...edits(before.subarray(0, MIB), 200, 2 * KIB), before.subarray(MIB)])
    const edited = await node.save('notes', after, content)
    expect(edited.calls.filter((call) => call === 'commit')).toHaveLength(1)
    expect(node.dropped).toEqual([content.hash])
    expectHeld(node.link, edited, after)
  })

  test('makes a patch that is refused; the file then goes whole, once', async () => {
    const { content } = await node.save('notes', before)
    node.cached.set(content.hash, others)
    const after = Buffer.concat([before.subarray(0, 500_000), Buffer.from('a few words'), before.subarray(500_000)])
    const edited = await node.save('notes', after, content)
    expect(edited.calls.filter((call) => call === 'commit')).toHaveLength(2)
    expect(edited.calls.filter((call) => call === 'upload')).toHaveLength(1)
    expectHeld(node.link, edited, after)
  })
})

test('a file of which nothing is left is sent whole after a few questions', async () => {
  const before = randomBytes(24 * MIB)
  const after = randomBytes(24 * MIB)
  const { content } = await node.save('disk.img', before)
  const edited = await node.save('disk.img', after, content)
  expectHeld(node.link, edited, after)
  expect(edited.result.told.kind).toBe('manifest')
  expect(edited.wireBytes).toBeLessThan(after.length * 1.02)
})

test('a file of which half is rewritten asks for few checksums in vain', async () => {
  const before = randomBytes(24 * MIB)
  const after = Buffer.concat([before.subarray(0, 12 * MIB), randomBytes(12 * MIB)])
  const { content } = await node.save('disk.img', before)
  const edited = await node.save('disk.img', after, content)
  expectHeld(node.link, edited, after)
  expect(edited.calls.filter((call) => call === 'signatures').length).toBeLessThan(4)
  expect(edited.wireBytes).toBeLessThan(12 * MIB * 1.02)
})

test('a small file that grew over the limit is told as what it became', async () => {
  const before = text(700, 4).subarray(0, 60 * KIB)
  const hash = contentHashOf(before)
  node.link.chunks.set(onlyChunkOf(hash), before)
  node.link.manifests.set(hash, singleChunkManifest(hash, before.length))
  const small: FileContent = { kind: 'file', hash, size: before.length, mode: 0o644, mtimeNs: '0' }
  const after = Buffer.concat([before, text(120, 5)])
  const edited = await node.save('notes', after, small)
  expect(edited.wireBytes).toBeLessThan(30 * KIB)
  expectHeld(node.link, edited, after)
})

describe('a copy of a large file', () => {
  const bytes = randomBytes(20 * MIB)

  test('is told by its hash where another file here holds it', async () => {
    const first = await node.save('a', bytes)
    node.inBase.add(first.content.hash)
    const copy = await node.save('b', bytes)
    expect(copy.result.told).toEqual({ kind: 'known' })
    expect(copy.wireBytes).toBeLessThan(KIB)
  })

  test('is told by its hash where the coordinator has it from elsewhere', async () => {
    await node.save('a', bytes)
    node.lists.clear()
    const copy = await node.save('b', bytes)
    expect(copy.result.told).toEqual({ kind: 'known' })
    expect(copy.calls.length).toBeLessThan(6)
    expect(copy.calls).not.toContain('upload')
    expect(copy.wireBytes).toBeLessThan(KIB)
  })

  test('that is one only at its beginning sends what lacks', async () => {
    await node.save('a', bytes)
    const other = Buffer.concat([bytes.subarray(0, 10 * MIB), randomBytes(MIB)])
    const copy = await node.save('b', other)
    expect(copy.calls.filter((call) => call === 'commit')).toHaveLength(1)
    expect(copy.wireBytes).toBeLessThan(1.3 * MIB)
    expectHeld(node.link, copy, other)
  })

  test('that differs where nobody asked is refused, and then sends what lacks', async () => {
    await node.save('a', bytes)
    const other = overwritten(bytes, 12 * MIB, 10)
    const copy = await node.save('b', other)
    expect(copy.calls.filter((call) => call === 'commit')).toHaveLength(2)
    expect(copy.wireBytes).toBeLessThan(0.5 * MIB)
    expectHeld(node.link, copy, other)
  })
})

test('what is held for an edit is a copy: its memory may serve the next read meanwhile', async () => {
  const before = randomBytes(8 * MIB)
  const after = overwritten(before, 4 * MIB, 100)
  const { content } = await node.save('disk.img', before)
  node = new Uploader(node, {
    read(file, signal) {
      const reading = INLINE_READER.read(file, signal)
      return {
        summary: () => reading.summary(),
        async *[Symbol.asyncIterator]() {
          for await (const chunk of reading) yield { ...chunk, release: () => void chunk.bytes.fill(0) }
        },
      }
    },
  })
  expectHeld(node.link, await node.save('disk.img', after, content), after)
})

test('a new file is sent while it is read', async () => {
  const bytes = randomBytes(40 * MIB)
  let readBefore = 0
  const reads = { count: 0 }
  node = new Uploader()
  const { files } = node.disk
  const open = files.open.bind(files)
  files.open = async (path) => {
    const file = await open(path)
    return file && { ...file, read: (offset, length) => (reads.count++, file.read(offset, length)) }
  }
  node.link.before = (call) => {
    if (call === 'upload' && readBefore === 0) readBefore = reads.count
  }
  expectHeld(node.link, await node.save('new', bytes), bytes)
  expect(readBefore).toBeGreaterThan(0)
  expect(readBefore).toBeLessThan(reads.count * 0.75)
})

test('what is durable of a large new file is announced from its beginning, without a gap', async () => {
  const bytes = randomBytes(24 * MIB)
  const { result } = await node.save('new', bytes)
  const told = node.link.announced.flatMap(({ chunks }) => decodeManifest(chunks))
  expect(told).toEqual(decodeManifest(result.chunks))
  expect(new Set(node.link.announced.map(({ upload }) => upload)).size).toBe(1)
  expect(node.link.announced[0]).toMatchObject({ first: 0, sizeBytes: bytes.length })
  expect(node.link.announced.length).toBeGreaterThan(1)
  await node.save('small', randomBytes(2 * MIB))
  expect(new Set(node.link.announced.map(({ upload }) => upload)).size).toBe(1)
})

test('a file that changes between reading and sending is unstable, and nothing is told of it', async () => {
  const before = randomBytes(24 * MIB)
  const { content } = await node.save('disk.img', before)
  node.disk.user.write('disk.img', Buffer.concat([before.subarray(0, MIB), randomBytes(20 * MIB)]))
  const stat = await node.disk.files.stat('disk.img')
  if (stat === undefined) throw new Error('it is gone')
  const changed = Buffer.alloc(24 * MIB, 'x')
  node.link.before = (call) => {
    if (call !== 'signatures') return
    node.disk.user.write('disk.img', changed)
    node.link.before = () => undefined
  }
  expect(await node.transfer.upload('disk.img', stat, content, forever)).toMatchObject({ kind: 'unstable' })
})

function expectHeld(link: MemoryLink, { content, result }: Uploaded, bytes: Uint8Array): void {
  expect(content.hash).toBe(sha256(bytes))
  expect(Buffer.compare(link.bytesOf(content.hash), bytes)).toBe(0)
  const manifest = manifestOf(bytes)
  expect(link.manifests.get(content.hash)).toEqual(manifest)
  expect(decodeManifest(result.chunks)).toEqual(manifest)
}

function manifestOf(bytes: Uint8Array): Manifest {
  let at = 0
  return chunkLengths(bytes).map((size) => ({ hash: sha256(bytes.subarray(at, (at += size))), size }))
}

const anyText = fc
  .record({ lines: fc.integer({ min: 2_500, max: 20_000 }), seed: fc.nat(1000) })
  .map(({ lines, seed }) => text(lines, seed))

const anyMutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.nat(5000),
  added: fc.oneof(fc.nat(5000), fc.nat(300_000)),
})

function mutated(
  bytes: Uint8Array,
  { at, removed, added }: { at: number; removed: number; added: number },
): Uint8Array {
  const from = Math.floor(at * bytes.length)
  return Buffer.concat([bytes.subarray(0, from), randomBytes(added), bytes.subarray(from + removed)])
}
