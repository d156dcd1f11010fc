import {
  encodeChunkFrame,
  isSyncError,
  type ContentHash,
  type FileView,
  type ChunkId,
  type UploadFinish,
} from '@causeway/protocol'
import type { Chunker } from '@causeway/engine'
import { cutFile, type CutChunk } from './cut-file.ts'

/** What sending needs of the world. */
export interface SendPorts {
  missingChunks(hashes: readonly ChunkId[]): Promise<readonly ChunkId[]>
  uploadChunks(frames: Blob): Promise<unknown>
  finishUpload(file: UploadFinish): Promise<FileView>
  readonly chunker: Chunker
  digest(bytes: Uint8Array<ArrayBuffer>): Promise<ChunkId>
  /** A hash over bytes that come piece by piece. */
  createWhole(): { update(bytes: Uint8Array): void; digest(): ContentHash }
  /** Waits so long, or until the signal ends it. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

/** How one run is steered and watched. */
export interface SendControls {
  readonly signal: AbortSignal
  /** Resolves at once, or when a person lets a paused run go on. */
  untilGo(): Promise<void>
  progress(doneBytes: number, sentBytes: number): void
  retrying(why: string): void
}

export interface Sent {
  readonly view: FileView
  readonly sentBytes: number
}

/** The most that one body carries, frame headers aside. */
const BODY_BYTES = 4 * 1024 * 1024
const BODIES_UNDER_WAY = 3
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 30_000

/**
 * Sends what the coordinator lacks of a file, then names the file. A
 * connection that breaks is tried again for as long as it takes; whatever
 * else is refused is thrown. Begun anew, it finds what it sent before.
 */
export async function sendFile(
  file: Blob,
  target: { readonly path: string; readonly owner: UploadFinish['owner'] },
  ports: SendPorts,
  controls: SendControls,
): Promise<Sent> {
  let sentBytes = 0
  // Chunks may be cleared away between the question and the finish; once more is then enough.
  for (let turn = 0; ; turn++) {
    try {
      const { hash, chunks } = await sendChunks(file, ports, controls, sentBytes, (bytes) => (sentBytes += bytes))
      const { path, owner } = target
      const finish = { path, hash, size: file.size, chunks, ...(owner !== undefined && { owner }) }
      return { view: await stubborn(() => ports.finishUpload(finish), ports, controls), sentBytes }
    } catch (error) {
      if (turn > 0 || !isSyncError(error, 'chunk-missing')) throw error
    }
  }
}

async function sendChunks(
  file: Blob,
  ports: SendPorts,
  controls: SendControls,
  sentBefore: number,
  onSent: (bytes: number) => void,
): Promise<{ readonly hash: ContentHash; readonly chunks: { readonly hash: ChunkId; readonly size: number }[] }> {
  const whole = ports.createWhole()
  const chunks: { hash: ChunkId; size: number }[] = []
  const known = new Set<ChunkId>()
  const underWay = new Set<Promise<void>>()
  let doneBytes = 0
  let sentBytes = sentBefore
  let failure: { readonly error: unknown } | undefined

  async function settle(window: readonly CutChunk[], allBytes: number): Promise<void> {
    const asked = [...new Map(window.map((chunk) => [chunk.hash, chunk])).values()].filter(
      ({ hash }) => !known.has(hash),
    )
    for (const { hash } of asked) known.add(hash)
    const hashes = asked.map(({ hash }) => hash)
    const missing = new Set(
      hashes.length === 0 ? [] : await stubborn(() => ports.missingChunks(hashes), ports, controls),
    )
    for (const body of bodies(asked.filter(({ hash }) => missing.has(hash)))) {
      await controls.untilGo()
      const frames = body.map(({ hash, bytes }) => {
        return encodeChunkFrame({ hash, size: bytes.length, compressed: false, bytes }) as Uint8Array<ArrayBuffer>
      })
      const blob = new Blob(frames)
      await stubborn(() => ports.uploadChunks(blob), ports, controls)
      sentBytes += blob.size
      onSent(blob.size)
      const bytes = sum(body)
      allBytes -= bytes
      doneBytes += bytes
      controls.progress(doneBytes, sentBytes)
    }
    doneBytes += allBytes
    controls.progress(doneBytes, sentBytes)
  }

  const cutting = { chunker: ports.chunker, whole: (bytes: Uint8Array) => whole.update(bytes), digest: ports.digest }
  try {
    for await (const window of cutFile(file, cutting)) {
      await controls.untilGo()
      controls.signal.throwIfAborted()
      if (failure !== undefined) throw failure.error
      chunks.push(...window.map(({ hash, bytes }) => ({ hash, size: bytes.length })))
      const work: Promise<void> = settle(window, sum(window))
        .catch((error: unknown) => {
          failure ??= { error }
        })
        .finally(() => underWay.delete(work))
      underWay.add(work)
      if (underWay.size >= BODIES_UNDER_WAY) await Promise.race(underWay)
    }
  } finally {
    await Promise.all(underWay)
    // A file left half-way leaves an open chunk behind, which the next must not begin with.
    ports.chunker.finish()
  }
  if (failure !== undefined) throw failure.error
  return { hash: whole.digest(), chunks }
}

function* bodies(chunks: readonly CutChunk[]): Generator<readonly CutChunk[]> {
  let body: CutChunk[] = []
  for (const chunk of chunks) {
    if (body.length > 0 && sum(body) + chunk.bytes.length > BODY_BYTES) {
      yield body
      body = []
    }
    body.push(chunk)
  }
  if (body.length > 0) yield body
}

/** Tries again for as long as the coordinator only is not there, waiting longer each time. */
async function stubborn<T>(call: () => Promise<T>, ports: SendPorts, controls: SendControls): Promise<T> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    controls.signal.throwIfAborted()
    try {
      return await call()
    } catch (error) {
      if (!isSyncError(error, 'offline') && !isSyncError(error, 'too-many-requests')) throw error
      const why = error.code === 'offline' ? 'No answer from the coordinator' : 'The coordinator is busy'
      controls.retrying(`${why}; trying again in ${Math.round(waitMs / 1000)} s`)
      await ports.wait(waitMs, controls.signal)
    }
  }
}

function sum(chunks: readonly CutChunk[]): number {
  return chunks.reduce((total, { bytes }) => total + bytes.length, 0)
}
