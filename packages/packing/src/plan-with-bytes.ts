import {
  createAnchorSampler,
  newStretches,
  planDeltas,
  type Anchors,
  type NewStretch,
  type StretchLimits,
} from '@causeway/engine'
import type { ChunkId, Manifest } from '@causeway/protocol'

/** A content whose bytes are at hand. */
export interface ReadableContent {
  readonly manifest: Manifest
  /** Bytes of it. They only help to guess: nobody checks them. */
  read(offset: number, length: number): Promise<Uint8Array>
}

/**
 * The stretches of `next` that `base` does not hold, each with the bytes of
 * `base` that it shares most with. Where enough is new to make guessing
 * doubtful, the new chunks and those they replace are read once, 1 ms of CPU
 * for a megabyte; where little or very much is new the chunk lists decide.
 * Rejects with what a `read` rejects with.
 */
export async function planWithBytes(
  base: ReadableContent,
  next: ReadableContent,
  limits: StretchLimits = {},
): Promise<readonly NewStretch[]> {
  const gone = chunksBeside(base.manifest, next.manifest)
  const added = chunksBeside(next.manifest, base.manifest)
  if (added.bytes < LEAST_BYTES || added.bytes > MOST_BYTES || gone.bytes > MOST_BYTES) {
    return newStretches(base.manifest, next.manifest, limits)
  }
  const anchors = { base: await sampled(base, gone.runs), next: await sampled(next, added.runs) }
  return planDeltas(base.manifest, next.manifest, anchors, limits)
}

/** One or two chunks that were edited in place lie where the list says. */
const LEAST_BYTES = 512 * 1024
/** Reading more would hold up the first delta for long. */
const MOST_BYTES = 64 * 1024 * 1024
const READ_BYTES = 1024 * 1024

interface Run {
  readonly offset: number
  length: number
}

/** The chunks of a list that another does not have, as runs of bytes, each to be read in one go. */
function chunksBeside(list: Manifest, other: Manifest): { readonly bytes: number; readonly runs: readonly Run[] } {
  const known = new Set<ChunkId>(other.map(({ hash }) => hash))
  const runs: Run[] = []
  let bytes = 0
  let offset = 0
  for (const { hash, size } of list) {
    if (!known.has(hash)) {
      const last = runs.at(-1)
      if (last !== undefined && last.offset + last.length === offset && last.length + size <= READ_BYTES) {
        last.length += size
      } else runs.push({ offset, length: size })
      bytes += size
    }
    offset += size
  }
  return { bytes, runs }
}

async function sampled(content: ReadableContent, runs: readonly Run[]): Promise<Anchors> {
  const sampler = createAnchorSampler()
  let at = 0
  for (const { offset, length } of runs) {
    const bytes = await content.read(offset, length)
    sampler.skip(offset - at)
    sampler.push(bytes)
    at = offset + bytes.length
  }
  return sampler.anchors()
}
