import type { NewStretch } from '@causeway/engine'
import { packChunk } from '@causeway/packing'
import { LIMITS, type Delta, type ChunkId, type Manifest } from '@causeway/protocol'
import type { DeltaMaker } from './delta-maker.ts'
import type { DeltaOutbox } from './delta-outbox.ts'
import type { HeldChunks } from './held-chunks.ts'
import type { UploadContext } from './upload-context.ts'
import type { SentChunk, WholeChunks } from './whole-chunks.ts'

export interface StretchSending {
  readonly stretches: readonly NewStretch[]
  readonly manifest: Manifest
  readonly held: HeldChunks
  readonly maker: DeltaMaker
  readonly outbox: DeltaOutbox
  readonly whole: WholeChunks
}

const FIRST_WINDOW_BYTES = 2 * 1024 * 1024
const WINDOW_BYTES = 8 * 1024 * 1024
/** zstd with a dictionary works in the thread pool, and takes some 40 MB for each. */
const SIDE_BY_SIDE = 2
/** From so many chunks on it is worth asking which of them the coordinator has from elsewhere. */
const ASK_FROM_CHUNKS = 8

/**
 * Sends the new stretches of a content, a window at a time: those that the
 * coordinator lacks, each as a delta if that saves enough, else whole.
 */
export async function sendStretches(
  { link, folder }: Pick<UploadContext, 'link' | 'folder'>,
  sending: StretchSending,
  signal: AbortSignal,
): Promise<void> {
  const { stretches, manifest, maker, outbox, whole, held } = sending

  async function lackingOf(window: readonly NewStretch[]): Promise<ReadonlySet<ChunkId> | null> {
    const hashes = [...new Set(window.flatMap((stretch) => chunksOf(stretch, manifest).map(({ hash }) => hash)))]
    if (hashes.length < ASK_FROM_CHUNKS || hashes.length > LIMITS.chunksPerRequest) return null
    return new Set(await link.missing(folder, hashes))
  }

  async function send(stretch: NewStretch, lacking: ReadonlySet<ChunkId> | null): Promise<void> {
    const refs = chunksOf(stretch, manifest)
    const lacks = lacking === null ? refs : refs.filter(({ hash }) => lacking.has(hash))
    if (lacks.length === 0) return
    const isMostlyHeld = lacks.reduce((sum, { size }) => sum + size, 0) < stretch.sizeBytes / 4
    const chunks = await Promise.all((isMostlyHeld ? lacks : refs).map(({ hash }) => held.chunk(hash)))
    const delta = isMostlyHeld ? null : await maker.make(stretch, refs, joined(chunks))
    const savedBytes = delta === null ? 0 : await savedBy(delta, chunks, stretch.sizeBytes)
    maker.learn(stretch, savedBytes)
    if (delta !== null && savedBytes > 0) return outbox.add(delta)
    for (const chunk of chunks) {
      if (lacking === null) await whole.add(chunk)
      else if (lacking.has(chunk.hash)) await whole.add({ ...chunk, isLacking: true })
    }
  }

  for (const window of windowsOf(stretches)) {
    signal.throwIfAborted()
    const [lacking] = await Promise.all([lackingOf(window), maker.prepare(window)])
    for (let at = 0; at < window.length; at += SIDE_BY_SIDE) {
      await Promise.all(window.slice(at, at + SIDE_BY_SIDE).map((stretch) => send(stretch, lacking)))
    }
  }
}

/** Bytes that a delta must spare to be worth rebuilding on the other side, where they are less than a fifth. */
const WORTH_BYTES = 8 * 1024

/** How many bytes a delta spares against the same chunks as they would be sent; 0 where it is not worth it. */
async function savedBy(delta: Delta, chunks: readonly SentChunk[], sizeBytes: number): Promise<number> {
  const deltaBytes = delta.bytes.length
  // Nothing compresses so well by itself, as a rule: what the chunks would be need not be found out.
  if (deltaBytes <= sizeBytes / 32) return sizeBytes - deltaBytes
  let wholeBytes = 0
  for (const chunk of chunks) wholeBytes += (await packChunk(chunk)).bytes.length
  const saved = wholeBytes - deltaBytes
  return saved >= wholeBytes / 5 || saved >= WORTH_BYTES ? saved : 0
}

/** What one question about the base may be about; the coordinator refuses more than twice as much. */
const WINDOW_REGION_BYTES = 32 * 1024 * 1024

/** Small windows first: how well deltas do shows early. */
function* windowsOf(stretches: readonly NewStretch[]): Generator<readonly NewStretch[]> {
  let most = FIRST_WINDOW_BYTES
  let window: NewStretch[] = []
  let bytes = 0
  let regionBytes = 0
  let region: NewStretch['region'] = null
  for (const stretch of stretches) {
    const asked = stretch.region === region ? 0 : (stretch.region?.length ?? 0)
    region = stretch.region
    const isFull = bytes + stretch.sizeBytes > most || regionBytes + asked > WINDOW_REGION_BYTES
    if (window.length > 0 && (isFull || window.length >= LIMITS.deltasPerMessage)) {
      yield window
      window = []
      bytes = 0
      regionBytes = 0
      most = Math.min(most * 2, WINDOW_BYTES)
    }
    window.push(stretch)
    bytes += stretch.sizeBytes
    regionBytes += asked
  }
  if (window.length > 0) yield window
}

function chunksOf({ first, count }: NewStretch, manifest: Manifest): Manifest {
  return manifest.slice(first, first + count)
}

function joined(chunks: readonly SentChunk[]): Uint8Array {
  const [first] = chunks
  return chunks.length === 1 && first !== undefined ? first.bytes : Buffer.concat(chunks.map(({ bytes }) => bytes))
}
