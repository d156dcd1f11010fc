import { createHash } from 'node:crypto'
import { createClient } from '@causeway/client'
import { chunkLengths } from '@causeway/engine'
import { ContentHashSchema, encodeChunkFrame, onlyChunkOf, type ChunkId, type ContentHash } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { ADMIN_TOKEN, run, type Running } from '../test-support/running.ts'

function clientOf(running: Running) {
  return createClient({ url: running.url, token: ADMIN_TOKEN })
}

function hashOf(bytes: Uint8Array): ContentHash {
  return ContentHashSchema.parse(createHash('sha256').update(bytes).digest('hex'))
}

function noise(size: number): Uint8Array {
  let state = 1
  return Uint8Array.from({ length: size }, () => (state = (state * 1_103_515_245 + 12_345) >>> 0) >>> 16)
}

function cut(bytes: Uint8Array): { hash: ChunkId; size: number; bytes: Uint8Array }[] {
  let at = 0
  return chunkLengths(bytes).map((size) => {
    const piece = bytes.slice(at, (at += size))
    return { hash: onlyChunkOf(hashOf(piece)), size, bytes: piece }
  })
}

async function send(running: Running, path: string, bytes: Uint8Array): Promise<number> {
  const client = clientOf(running)
  const chunks = cut(bytes)
  const missing = new Set(
    await client.missingChunks(
      'default',
      chunks.map(({ hash }) => hash),
    ),
  )
  const frames = chunks
    .filter(({ hash }) => missing.has(hash))
    .map((chunk) => encodeChunkFrame({ ...chunk, compressed: false }) as Uint8Array<ArrayBuffer>)
  if (frames.length > 0) await client.uploadChunks('default', new Blob(frames))
  const list = chunks.map(({ hash, size }) => ({ hash, size }))
  await client.finishUpload('default', { path, hash: hashOf(bytes), size: bytes.length, chunks: list })
  return frames.length
}

test('a file that is uploaded in chunks is there whole; a new version sends only what changed', async () => {
  await using running = await run()
  const bytes = noise(900_000)
  expect(await send(running, 'docs/big.bin', bytes)).toBeGreaterThan(3)
  bytes[450_000] = (bytes[450_000] ?? 0) ^ 1
  expect(await send(running, 'docs/big.bin', bytes)).toBeLessThan(3)
  const stored = await (await clientOf(running).download('default', 'docs/big.bin')).arrayBuffer()
  expect(hashOf(new Uint8Array(stored))).toBe(hashOf(bytes))
  expect((await clientOf(running).history('default', { path: 'docs/big.bin' })).versions).toHaveLength(2)
})

test('an upload whose chunks are not there, or do not add up, is refused and changes nothing', async () => {
  await using running = await run()
  const client = clientOf(running)
  const chunks = cut(noise(300_000)).map(({ hash, size }) => ({ hash, size }))
  const file = { path: 'big.bin', hash: hashOf(noise(300_000)), size: 300_000, chunks }
  await expect(client.finishUpload('default', file)).rejects.toMatchObject({ code: 'chunk-missing' })
  await expect(client.finishUpload('default', { ...file, size: 1 })).rejects.toMatchObject({ code: 'manifest-invalid' })
  expect((await client.browse('default')).entries).toEqual([])
})

test.each([1, 65_536, 65_537, 100_000])(
  'a file of %d bytes, however many chunks that is, is there whole',
  async (size) => {
    await using running = await run()
    const bytes = noise(size)
    await send(running, 'small.bin', bytes)
    const response = await clientOf(running).download('default', 'small.bin')
    expect(hashOf(new Uint8Array(await response.arrayBuffer()))).toBe(hashOf(bytes))
  },
)

test('a directory comes as an archive of all that is in it', async () => {
  await using running = await run()
  const client = clientOf(running)
  await client.upload(new Blob(['one']), { path: 'a/one.txt' })
  await client.upload(new Blob(['two']), { path: 'a/b/two.txt' })
  await client.upload(new Blob(['not']), { path: 'other.txt' })
  const response = await client.archive('default', 'a')
  expect(response.headers.get('content-disposition')).toContain('a.zip')
  const text = Buffer.from(await response.arrayBuffer()).toString('latin1')
  expect(text).toContain('b/two.txt')
  expect(text).toContain('one.txtone')
  expect(text).not.toContain('other.txt')
  await expect(client.archive('default', 'nothing')).rejects.toMatchObject({ code: 'not-found' })
})

test('several entries come as one archive, named as in the directory that holds them all', async () => {
  await using running = await run()
  const client = clientOf(running)
  for (const path of ['a/one.txt', 'a/b/two.txt', 'a/b/three.txt', 'a/c/four.txt']) {
    await client.upload(new Blob([path]), { path })
  }
  const response = await fetch(`${running.url}/api/v1/folders/default/archive?path=a/b&path=a/c/four.txt`, {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  })
  expect(response.headers.get('content-disposition')).toContain('a.zip')
  const text = Buffer.from(await response.arrayBuffer()).toString('latin1')
  expect(text).toContain('b/two.txta/b/two.txt')
  expect(text).toContain('c/four.txta/c/four.txt')
  expect(text).not.toContain('one.txt')
})
