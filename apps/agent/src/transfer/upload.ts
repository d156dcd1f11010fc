import { createHash, hash as hashOf } from 'node:crypto'
import type { ChunkRef, Hash } from '@causeway/protocol'
import { isHash, SyncError } from '@causeway/protocol'
import { isSame, type Files, type OpenFile, type RelativePath, type Stat } from '@causeway/replica'
import type { ProgressListener, UploadResult } from '../ports.ts'
import type { ChunkRequest, ChunkSender } from './chunk-sender.ts'
import { readChunks } from './read-chunks.ts'

export interface UploadContext {
  readonly files: Files
  readonly sender: ChunkSender
  readonly progress: ProgressListener
  now(): number
}

/** A file touched within this time that a program still holds open for writing is left until it rests. */
const RESTED_MS = 2_000

/** See `Transfer.upload`. Reading, hashing, asking and sending go on at the same time. */
export async function uploadFile(
  context: UploadContext,
  path: RelativePath,
  stat: Stat,
  signal: AbortSignal,
): Promise<UploadResult> {
  const { files } = context
  if (isYoung(stat, context.now()) && (await files.hasWriter(path))) return unstable('a program is writing it')
  const file = await files.open(path)
  if (file === undefined) return unstable('it is gone')
  try {
    if (!isSame(file.stat, stat)) return unstable('it changed after it was scanned')
    context.progress.planned(1, stat.size)
    const result = await send(context, file, signal)
    context.progress.finished(1)
    return result
  } finally {
    await file.close()
  }
}

async function send({ sender, progress }: UploadContext, file: OpenFile, signal: AbortSignal): Promise<UploadResult> {
  const whole = createHash('sha256')
  const manifest: ChunkRef[] = []
  const offered = new Set<Hash>()
  const requests = new Set<ChunkRequest>()
  let size = 0
  let failure: { error: unknown } | undefined
  for await (const { bytes } of readChunks(file, signal)) {
    whole.update(bytes)
    const hash = asHash(hashOf('sha256', bytes))
    manifest.push({ hash, size: bytes.length })
    size += bytes.length
    progress.moved(bytes.length)
    if (offered.has(hash)) continue
    offered.add(hash)
    const request = sender.add({ hash, bytes })
    if (!requests.has(request)) {
      requests.add(request)
      request.settled.catch((error: unknown) => (failure ??= { error }))
    }
    await sender.room()
    if (failure !== undefined) throw failure.error
    // A file that keeps growing would be read for ever.
    if (size > file.stat.size) break
  }
  await sender.done(requests)
  signal.throwIfAborted()
  if (size !== file.stat.size || !(await file.isUnchanged())) return unstable('it changed while it was read')
  return { kind: 'uploaded', hash: asHash(whole.digest('hex')), size, manifest }
}

function isYoung(stat: Stat, nowMs: number): boolean {
  return nowMs - Number(stat.mtimeNs / 1_000_000n) < RESTED_MS || nowMs - Number(stat.ctimeNs / 1_000_000n) < RESTED_MS
}

function unstable(detail: string): UploadResult {
  return { kind: 'unstable', detail }
}

function asHash(text: string): Hash {
  if (!isHash(text)) throw new SyncError('internal', `${text} is no hash`)
  return text
}
