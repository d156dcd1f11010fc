import { chunkLengths, createChunker } from '@causeway/engine'
import {
  CHUNK_FRAME_HEADER_BYTES,
  ContentHashSchema,
  decodeChunkFrames,
  FileViewSchema,
  ChunkIdSchema,
  SyncError,
  type ChunkId,
  type UploadFinish,
} from '@causeway/protocol'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { expect, test } from 'vitest'
import { sendFile, type SendControls, type SendPorts } from './send-file.ts'

const target = { path: 'dir/file.bin', owner: undefined }

test('a large file arrives in the chunks that every node would cut', async () => {
  const bytes = noise(9_000_000, 1)
  const { ports, held, finished } = coordinator()
  const { sentBytes } = await sendFile(new Blob([bytes]), target, ports, controls())
  const [file] = finished
  expect(file?.hash).toBe(hashOf(bytes))
  expect(file?.chunks.map(({ size }) => size)).toEqual(chunkLengths(bytes))
  const arrived = new Blob(file?.chunks.map(({ hash }) => held.get(hash) ?? new Uint8Array()))
  expect(hashOf(new Uint8Array(await arrived.arrayBuffer()))).toBe(hashOf(bytes))
  expect(sentBytes).toBe(bytes.length + (file?.chunks.length ?? 0) * CHUNK_FRAME_HEADER_BYTES)
})

test.each([0, 1, 65_536, 65_537, 300_000])('a file of %d bytes is told whole', async (size) => {
  const bytes = noise(size, 2)
  const { ports, finished } = coordinator()
  await sendFile(new Blob([bytes]), target, ports, controls())
  expect(finished[0]?.hash).toBe(hashOf(bytes))
  expect(finished[0]?.chunks.reduce((sum, chunk) => sum + chunk.size, 0)).toBe(size)
})

test.each([
  [0, 0],
  [1, 1],
  [65_536, 1],
])('a file of %d bytes is %d chunks', async (size, count) => {
  const { ports, finished } = coordinator()
  await sendFile(new Blob([noise(size, 2)]), target, ports, controls())
  expect(finished[0]?.chunks).toHaveLength(count)
})

test('of a new version only what changed is sent', async () => {
  const bytes = noise(5_000_000, 3)
  const { ports } = coordinator()
  await sendFile(new Blob([bytes]), target, ports, controls())
  bytes[2_500_000] = (bytes[2_500_000] ?? 0) ^ 1
  const seen: number[] = []
  const { sentBytes } = await sendFile(new Blob([bytes]), target, ports, controls({ progress: (d) => seen.push(d) }))
  expect(sentBytes).toBeLessThan(600_000)
  expect(seen.at(-1)).toBe(bytes.length)
})

test('the same bytes twice in one file cross once', async () => {
  const half = new Uint8Array(3 * 1024 * 1024)
  const { ports, finished } = coordinator()
  const { sentBytes } = await sendFile(new Blob([half, half]), target, ports, controls())
  expect(finished[0]?.size).toBe(half.length * 2)
  expect(sentBytes).toBeLessThan(600_000)
})

test('a connection that breaks is tried again, and nothing is sent twice', async () => {
  const bytes = noise(6_000_000, 4)
  const { ports, received } = coordinator()
  const waits: number[] = []
  let breaks = 4
  const flaky: SendPorts = {
    ...ports,
    uploadChunks: (frames) =>
      breaks-- > 0 ? Promise.reject(new SyncError('offline', 'no answer')) : ports.uploadChunks(frames),
    wait: async (ms) => void waits.push(ms),
  }
  const why: string[] = []
  await sendFile(new Blob([bytes]), target, flaky, controls({ retrying: (text) => why.push(text) }))
  expect(waits).toHaveLength(4)
  expect(why[0]).toBe('No answer from the coordinator; trying again in 1 s')
  expect(new Set(received).size).toBe(received.length)
})

test('an upload that was left is begun anew and finds what it sent', async () => {
  const bytes = noise(20_000_000, 5)
  const { ports, received } = coordinator()
  const stop = new AbortController()
  const broken = sendFile(
    new Blob([bytes]),
    target,
    ports,
    controls({ signal: stop.signal, progress: () => stop.abort(new Error('left')) }),
  )
  await expect(broken).rejects.toThrow('left')
  const before = received.length
  expect(before).toBeGreaterThan(0)
  await sendFile(new Blob([bytes]), target, ports, controls())
  expect(new Set(received).size).toBe(received.length)
})

test('chunks that were cleared away before the end are sent again, once', async () => {
  const bytes = noise(200_000, 6)
  const { ports, held, finished } = coordinator()
  let first = true
  const forgetful: SendPorts = {
    ...ports,
    async finishUpload(file) {
      if (first) held.clear()
      first = false
      return ports.finishUpload(file)
    },
  }
  await sendFile(new Blob([bytes]), target, forgetful, controls())
  expect(finished).toHaveLength(1)
})

test('what the coordinator refuses is thrown', async () => {
  const { ports } = coordinator()
  const refusing: SendPorts = {
    ...ports,
    finishUpload: () => Promise.reject(new SyncError('already-exists', 'dir is a file')),
  }
  await expect(sendFile(new Blob(['x']), target, refusing, controls())).rejects.toThrow('dir is a file')
})

function controls(given: Partial<SendControls> = {}): SendControls {
  return {
    signal: new AbortController().signal,
    untilGo: () => Promise.resolve(),
    progress: () => undefined,
    retrying: () => undefined,
    ...given,
  }
}

/** A coordinator in memory: it checks what it is sent and knows what it holds. */
function coordinator() {
  const held = new Map<ChunkId, Uint8Array<ArrayBuffer>>()
  const received: ChunkId[] = []
  const finished: UploadFinish[] = []
  const ports: SendPorts = {
    missingChunks: async (hashes) => hashes.filter((hash) => !held.has(hash)),
    async uploadChunks(frames) {
      expect(frames.size).toBeLessThan(8_000_000)
      for await (const { hash, bytes } of decodeChunkFrames(streamOf(frames))) {
        expect(hashOf(bytes)).toBe(hash)
        held.set(hash, new Uint8Array(bytes))
        received.push(hash)
      }
    },
    async finishUpload(file) {
      if (file.chunks.some(({ hash }) => !held.has(hash))) throw new SyncError('chunk-missing', 'a chunk is not held')
      finished.push(file)
      const { path, hash, size } = file
      const view = { id: 'ash.1', folder: 'docs', path, name: 'file.bin', size, hash, version: 1 }
      return FileViewSchema.parse({ ...view, modified_at: '2026-11-22T12:00:00.000Z' })
    },
    chunker: createChunker(),
    digest: async (bytes) => hashOf(bytes),
    createWhole() {
      const whole = sha256.create()
      return {
        update: (bytes) => void whole.update(bytes),
        digest: () => ContentHashSchema.parse(bytesToHex(whole.digest())),
      }
    },
    wait: () => Promise.resolve(),
  }
  return { ports, held, received, finished }
}

async function* streamOf(blob: Blob): AsyncIterable<Uint8Array> {
  yield new Uint8Array(await blob.arrayBuffer())
}

function hashOf(bytes: Uint8Array): ChunkId {
  return ChunkIdSchema.parse(bytesToHex(sha256(bytes)))
}

function noise(size: number, seed: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  let state = seed * 2_654_435_761
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    bytes[at] = state >>> 24
  }
  return bytes
}
