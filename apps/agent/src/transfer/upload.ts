import {
  LIMITS,
  decodeManifest,
  encodeManifest,
  isSyncError,
  singleChunkManifest,
  type FileContent,
} from '@causeway/protocol'
import { isSame, type OpenFile, type RelativePath, type Stat } from '@causeway/replica'
import type { UploadResult } from '../ports.ts'
import { sendPatch, type SentPatch } from './up/send-patch.ts'
import { sendWhole } from './up/send-whole.ts'
import { isKnown, type UploadContext } from './up/upload-context.ts'

/** A file touched within this time that a program still holds open for writing is left until it rests. */
const RESTED_MS = 2_000

export interface UploadRequest {
  readonly path: RelativePath
  readonly stat: Stat
  readonly replaces: FileContent | null
  /** Everything is asked for, and what lacks goes as it is. */
  readonly isWhole: boolean
}

/** See `Transfer.upload` and `Transfer.uploadWhole`. */
export async function uploadFile(
  context: UploadContext,
  request: UploadRequest,
  signal: AbortSignal,
): Promise<UploadResult> {
  const { files, progress } = context
  const { path, stat } = request
  if (isYoung(stat, context.now()) && (await files.hasWriter(path))) return unstable('a program is writing it')
  const file = await files.open(path)
  if (file === undefined) return unstable('it is gone')
  try {
    if (!isSame(file.stat, stat)) return unstable('it changed after it was scanned')
    progress.planned(1, stat.size)
    const result = await send(context, file, request, signal)
    progress.finished(1)
    return result
  } finally {
    await file.close()
  }
}

async function send(
  context: UploadContext,
  file: OpenFile,
  { replaces, isWhole }: UploadRequest,
  signal: AbortSignal,
): Promise<UploadResult> {
  const list = replaces === null ? undefined : chunkListOf(context, replaces)
  try {
    const base = isWhole || replaces === null ? undefined : baseOf(replaces, list)
    const { manifest, summary, told } =
      base === undefined
        ? await sendAsNew(context, file, isWhole, signal)
        : await sendPatch(context, file, base, signal)
    if (summary.sizeBytes !== file.stat.size || !(await file.isUnchanged())) {
      return unstable('it changed while it was read')
    }
    return {
      kind: 'uploaded',
      hash: summary.hash,
      size: summary.sizeBytes,
      told,
      chunks: encodeManifest(manifest),
    }
  } catch (error) {
    if (isSyncError(error, 'changed-while-reading')) return unstable(error.message)
    throw error
  }
}

async function sendAsNew(
  context: UploadContext,
  file: OpenFile,
  isWhole: boolean,
  signal: AbortSignal,
): Promise<SentPatch> {
  const { manifest, summary, isSent } = await sendWhole(context, file, { mayBeHeld: !isWhole }, signal)
  const isHeld = !isSent || (!isWhole && isKnown(context.known, summary.hash))
  return { manifest, summary, told: isHeld ? { kind: 'known' } : { kind: 'manifest', manifest } }
}

/** A small content is one chunk: its list follows from its name. */
function chunkListOf({ known }: UploadContext, { hash, size }: FileContent): Uint8Array | undefined {
  if (size > LIMITS.inlineBytes) return known.chunkList(hash)
  return encodeManifest(singleChunkManifest(hash, size))
}

/** Without the chunk list of what the file held, it is sent as if it were new. */
function baseOf({ hash, size }: FileContent, list: Uint8Array | undefined) {
  if (list === undefined || size === 0) return undefined
  try {
    return { content: hash, manifest: decodeManifest(list) }
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function isYoung(stat: Stat, nowMs: number): boolean {
  return nowMs - Number(stat.mtimeNs / 1_000_000n) < RESTED_MS || nowMs - Number(stat.ctimeNs / 1_000_000n) < RESTED_MS
}

function unstable(detail: string): UploadResult {
  return { kind: 'unstable', detail }
}
