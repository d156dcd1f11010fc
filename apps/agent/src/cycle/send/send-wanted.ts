import { hash as digest } from 'node:crypto'
import { basePath } from '@causeway/engine'
import {
  isSyncError,
  LIMITS,
  singleChunkManifest,
  type ChunkId,
  type ChunkRef,
  type ContentHash,
  type Manifest,
  type NamedBytes,
} from '@causeway/protocol'
import type { OpenFile } from '@causeway/replica'
import type { CycleContext } from '../cycle-context.ts'

const REQUEST_BYTES = 4 * 1024 * 1024

/**
 * Sends the coordinator chunks that its disk has spoilt, as far as files here
 * hold them. Nothing else comes of it: no operation, no version. What could
 * not be sent for want of a connection is tried again by the next cycle.
 */
export async function sendWanted(context: CycleContext, signal: AbortSignal): Promise<void> {
  const { wanted } = context.memory.send
  for (const content of wanted) {
    signal.throwIfAborted()
    try {
      await sendContent(context, content, signal)
    } catch (error) {
      // One content that can't be read here must not hold up the folder: another node may have it, and the coordinator asks again.
      if (!isSyncError(error) || isSyncError(error, 'offline')) throw error
    }
    wanted.delete(content)
  }
}

async function sendContent(context: CycleContext, hash: ContentHash, signal: AbortSignal): Promise<void> {
  const { state, files } = context
  const base = state.baseByHash(hash)
  const path = base === undefined ? undefined : basePath(state, base.id)
  if (base?.content.kind !== 'file' || path === undefined) return
  const manifest = await manifestOf(context, hash, base.content.size)
  const file = await files.open(path)
  if (file === undefined) return
  try {
    await sendMissing(context, file, manifest, signal)
  } finally {
    await file.close()
  }
}

/** The chunks as the coordinator cut them, so that only those it lacks are read. */
async function manifestOf({ link, folder }: CycleContext, hash: ContentHash, size: number): Promise<Manifest> {
  return size <= LIMITS.inlineBytes ? singleChunkManifest(hash, size) : link.manifest(folder, hash)
}

interface PlacedChunk extends ChunkRef {
  readonly offset: number
}

async function sendMissing(
  { link, folder }: CycleContext,
  file: OpenFile,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<void> {
  for (const chunks of batchesOf(manifest)) {
    const missing = new Set(await link.missing(folder, [...chunks.keys()]))
    let bodies: NamedBytes[] = []
    let bytesHeld = 0
    for (const { hash, size, offset } of chunks.values()) {
      if (!missing.has(hash)) continue
      signal.throwIfAborted()
      const bytes = await file.read(offset, size)
      // The file may have changed since it was that content; what did not is still of use.
      if (digest('sha256', bytes) !== hash) continue
      bodies.push({ hash, bytes })
      bytesHeld += bytes.length
      if (bytesHeld < REQUEST_BYTES) continue
      await link.upload(folder, bodies)
      bodies = []
      bytesHeld = 0
    }
    if (bodies.length > 0) await link.upload(folder, bodies)
  }
}

/** The distinct chunks with their offsets, as many at once as one request may name. */
function* batchesOf(manifest: Manifest): Generator<ReadonlyMap<ChunkId, PlacedChunk>> {
  let batch = new Map<ChunkId, PlacedChunk>()
  let offset = 0
  for (const { hash, size } of manifest) {
    batch.set(hash, { hash, size, offset })
    offset += size
    if (batch.size < LIMITS.chunksPerRequest) continue
    yield batch
    batch = new Map()
  }
  if (batch.size > 0) yield batch
}
