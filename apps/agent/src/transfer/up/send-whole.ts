import { hash as hashOf } from 'node:crypto'
import { LIMITS, SyncError, type ChunkRef, type ChunkId, type Manifest } from '@causeway/protocol'
import type { OpenFile } from '@causeway/replica'
import type { ContentChunk, ContentSummary } from './content-reader.ts'
import { SILENT, createAnnouncer, type Announcer } from './announcer.ts'
import { createContentProbe } from './content-probe.ts'
import type { UploadContext } from './upload-context.ts'
import { sendWholeChunks, type WholeChunks } from './whole-chunks.ts'

export interface SentWhole {
  readonly manifest: Manifest
  readonly summary: ContentSummary
  /** False if every chunk that was asked about turned out to be held, and nothing was sent: it is a copy, as a rule. */
  readonly isSent: boolean
}

/** A file of this size is worth a question whether it is a copy. */
const ASK_FROM_BYTES = 1024 * 1024
/** Read while the first answer is on its way. */
const WAITING_BYTES = 16 * 1024 * 1024
const ANNOUNCE_FROM_BYTES = 8 * 1024 * 1024

/**
 * Sends a file's chunks as they are, those that the coordinator lacks; they
 * are durable then. Reading, hashing, asking and sending go on at the same
 * time. With `mayBeHeld`, a large file is read only for as long as all
 * chunks that are asked about, a few, turn out to be held.
 */
export async function sendWhole(
  context: UploadContext,
  file: OpenFile,
  { mayBeHeld }: { readonly mayBeHeld: boolean },
  signal: AbortSignal,
): Promise<SentWhole> {
  if (mayBeHeld && file.stat.size >= ASK_FROM_BYTES) return sendUnlessHeld(context, file, signal)
  const { sender, reader, progress } = context
  const whole = sendWholeChunks(sender, announcerFor(context, file))
  const manifest: ChunkRef[] = []
  const reading = reader.read(file, signal)
  for await (const chunk of reading) {
    manifest.push({ hash: chunk.hash, size: chunk.size })
    progress.moved(chunk.size)
    await whole.add(chunk)
  }
  await whole.done()
  signal.throwIfAborted()
  return { manifest, summary: reading.summary(), isSent: true }
}

async function sendUnlessHeld(context: UploadContext, file: OpenFile, signal: AbortSignal): Promise<SentWhole> {
  const { folder, link, sender, reader, progress } = context
  const probe = createContentProbe((hashes) => link.missing(folder, hashes))
  const manifest: ChunkRef[] = []
  const reading = reader.read(file, signal)
  /** Read before the first answer: nobody wants to read them twice. */
  let waiting: ContentChunk[] = []
  let waitingBytes = 0
  /** How many of the first chunks were passed over. */
  let passed = 0
  let whole: WholeChunks | undefined

  async function decide(): Promise<void> {
    if (probe.state === 'lacking') {
      // Whoever follows what is sent must be told from the beginning.
      whole = sendWholeChunks(sender, passed === 0 ? announcerFor(context, file) : SILENT)
      for (const chunk of waiting) await whole.add(chunk)
    } else {
      passed += waiting.length
      for (const chunk of waiting) chunk.release()
    }
    waiting = []
    waitingBytes = 0
  }

  for await (const chunk of reading) {
    manifest.push({ hash: chunk.hash, size: chunk.size })
    progress.moved(chunk.size)
    if (whole !== undefined) {
      await whole.add(chunk)
      continue
    }
    waiting.push(chunk)
    waitingBytes += chunk.size
    probe.take(manifest)
    if (waitingBytes >= WAITING_BYTES) await probe.answered()
    if (probe.state !== 'unknown') await decide()
  }
  if (whole === undefined) {
    await probe.end(manifest)
    await decide()
  }
  if (whole !== undefined) {
    await sendPassed(context, file, manifest.slice(0, passed), whole)
    await whole.done()
  }
  signal.throwIfAborted()
  return { manifest, summary: reading.summary(), isSent: whole !== undefined }
}

/** Asks about chunks that were passed over at the beginning of a file, and sends those that lack. */
async function sendPassed(
  { link, folder }: UploadContext,
  file: OpenFile,
  passed: Manifest,
  whole: WholeChunks,
): Promise<void> {
  let offset = 0
  for (let at = 0; at < passed.length; at += LIMITS.chunksPerRequest) {
    const batch = passed.slice(at, at + LIMITS.chunksPerRequest)
    const lacking = new Set<ChunkId>(await link.missing(folder, [...new Set(batch.map(({ hash }) => hash))]))
    for (const { hash, size } of batch) {
      if (lacking.has(hash)) await whole.add({ hash, size, bytes: await readAgain(file, offset, { hash, size }) })
      offset += size
    }
  }
}

async function readAgain(file: OpenFile, offset: number, { hash, size }: ChunkRef): Promise<Uint8Array> {
  const bytes = await file.read(offset, size)
  if (hashOf('sha256', bytes) === hash) return bytes
  throw new SyncError('changed-while-reading', `it changed at ${offset} after it was read`)
}

/** Others hear of large files only: a small one is there before they could begin. */
export function announcerFor({ folder, link }: UploadContext, { stat }: OpenFile): Announcer {
  if (stat.size < ANNOUNCE_FROM_BYTES) return SILENT
  return createAnnouncer(stat.size, (coming) => link.announce(folder, coming))
}
