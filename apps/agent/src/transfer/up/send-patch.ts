import { hash as hashOf } from 'node:crypto'
import { newStretches, sharingRegion, spliceParts } from '@causeway/engine'
import { planWithBytes, type ReadableContent } from '@causeway/packing'
import {
  ListDigestSchema,
  LIMITS,
  SyncError,
  encodeManifest,
  type ChunkRef,
  type ContentHash,
  type Manifest,
  type Splice,
} from '@causeway/protocol'
import type { OpenFile } from '@causeway/replica'
import type { UploadResult } from '../../ports.ts'
import type { ContentSummary } from './content-reader.ts'
import { SILENT } from './announcer.ts'
import { announcerFor } from './send-whole.ts'
import { createDeltaMaker } from './delta-maker.ts'
import { createDeltaOutbox } from './delta-outbox.ts'
import { HeldChunks } from './held-chunks.ts'
import { sendStretches } from './send-stretches.ts'
import { isKnown, type UploadContext } from './upload-context.ts'
import { sendWholeChunks, type WholeChunks } from './whole-chunks.ts'

/** The content that a file held before, as both sides know it. */
export interface PatchBase {
  readonly content: ContentHash
  readonly manifest: Manifest
}

export interface SentPatch {
  readonly manifest: Manifest
  readonly summary: ContentSummary
  readonly told: Extract<UploadResult, { kind: 'uploaded' }>['told']
}

/**
 * Sends what is new in a file since it held `base`: as deltas where they are
 * less, else whole. Chunks that the base has are neither sent nor asked for.
 * All is durable then, but for deltas that are told with the patch itself.
 * Throws `changed-while-reading` if the file does not hold still.
 */
export async function sendPatch(
  context: UploadContext,
  file: OpenFile,
  base: PatchBase,
  signal: AbortSignal,
): Promise<SentPatch> {
  const cached = await context.bases.open(base.content)
  try {
    const read = await readNew(context, file, base, { mayGiveUp: cached === undefined }, signal)
    await checkUnchanged(file, read.summary)
    if (isKnown(context.known, read.summary.hash)) return { ...read, told: { kind: 'known' } }
    // Positions of single chunks tell nobody anything: only what is sent from the beginning is announced.
    const whole = sendWholeChunks(context.sender, SILENT)
    const splice = spliceOf(base, read.manifest)
    const outbox = createDeltaOutbox(context, splice === null ? 0 : LIMITS.inlinePatchBytes - spliceBytes(splice), {
      sendWhole: async (hash) => whole.add(await read.held.chunk(hash)),
      onWrong: () => context.bases.drop(base.content),
    })
    if (!read.isSent) {
      const maker = createDeltaMaker(context, base.content, cached)
      const stretches =
        cached === undefined
          ? sharingRegion(newStretches(base.manifest, read.manifest, maker.limits), bytesOf(base.manifest))
          : await planWithBytes(readable(base.manifest, cached), readable(read.manifest, file), maker.limits)
      await sendStretches(
        context,
        { stretches, manifest: read.manifest, held: read.held, maker, outbox, whole },
        signal,
      )
    }
    const [deltas] = await Promise.all([outbox.done(), whole.done()])
    // What was refused as a delta meanwhile goes whole.
    await whole.done()
    signal.throwIfAborted()
    const { manifest, summary } = read
    const tellsMore = splice?.parts.some((part) => !(part instanceof Uint8Array)) === true || deltas.length > 0
    if (splice === null || !tellsMore) return { manifest, summary, told: { kind: 'manifest', manifest } }
    return { manifest, summary, told: { kind: 'patch', patch: { content: summary.hash, splice, deltas: [...deltas] } } }
  } finally {
    await cached?.close()
  }
}

function bytesOf(manifest: Manifest): number {
  return manifest.reduce((sum, { size }) => sum + size, 0)
}

function readable(manifest: Manifest, file: OpenFile): ReadableContent {
  return { manifest, read: (offset, length) => file.read(offset, length) }
}

/** Read this far without one chunk of the base, the file is sent as if it were new. */
const GIVE_UP_BYTES = 16 * 1024 * 1024

interface ReadNew {
  readonly manifest: Manifest
  readonly summary: ContentSummary
  readonly held: HeldChunks
  /** True if nothing was found of the base, and all chunks were sent; they are durable. */
  readonly isSent: boolean
}

async function readNew(
  context: UploadContext,
  file: OpenFile,
  base: PatchBase,
  { mayGiveUp }: { readonly mayGiveUp: boolean },
  signal: AbortSignal,
): Promise<ReadNew> {
  const { reader, progress } = context
  const inBase = new Set(base.manifest.map(({ hash }) => hash))
  const manifest: ChunkRef[] = []
  const held = new HeldChunks(file, GIVE_UP_BYTES)
  const reading = reader.read(file, signal)
  let isLikeBase = !mayGiveUp
  let whole: WholeChunks | undefined
  for await (const chunk of reading) {
    manifest.push({ hash: chunk.hash, size: chunk.size })
    progress.moved(chunk.size)
    isLikeBase ||= inBase.has(chunk.hash)
    if (whole !== undefined) {
      await whole.add(chunk)
      continue
    }
    if (!inBase.has(chunk.hash)) held.add(chunk)
    chunk.release()
    if (isLikeBase || chunk.offset + chunk.size < GIVE_UP_BYTES) continue
    whole = sendWholeChunks(context.sender, announcerFor(context, file))
    for (const { hash } of manifest) await whole.add(await held.chunk(hash))
    held.forget()
  }
  await whole?.done()
  return { manifest, summary: reading.summary(), held, isSent: whole !== undefined }
}

async function checkUnchanged(file: OpenFile, summary: ContentSummary): Promise<void> {
  if (summary.sizeBytes === file.stat.size && (await file.isUnchanged())) return
  throw new SyncError('changed-while-reading', 'it changed while it was read')
}

/** How the list follows from the base's; null where it is told in too many parts. */
function spliceOf(base: PatchBase, manifest: Manifest): Splice | null {
  const parts = [...spliceParts(base.manifest, manifest)]
  if (parts.length > LIMITS.spliceParts) return null
  return { base: base.content, parts, digest: ListDigestSchema.parse(hashOf('sha256', encodeManifest(manifest))) }
}

const SPLICE_HEAD_BYTES = 160
const COPIED_RUN_BYTES = 11
const BYTES_HEAD_BYTES = 3

function spliceBytes({ parts }: Splice): number {
  return parts.reduce(
    (sum, part) => sum + (part instanceof Uint8Array ? part.length + BYTES_HEAD_BYTES : COPIED_RUN_BYTES),
    SPLICE_HEAD_BYTES,
  )
}
