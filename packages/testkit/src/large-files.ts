import { hash as digest } from 'node:crypto'
import { chunkLengths, newStretches, spliceParts } from '@causeway/engine'
import { packDelta } from '@causeway/packing'
import {
  ContentHashSchema,
  encodeManifest,
  ChunkIdSchema,
  ListDigestSchema,
  type ContentHash,
  type Delta,
  type FileContent,
  type ChunkId,
  type Manifest,
  type NamedBytes,
  type Patch,
} from '@causeway/protocol'

/** A file above the inline size, as a node cuts it. */
export interface LargeFile {
  readonly bytes: Uint8Array
  readonly content: FileContent
  readonly hash: ContentHash
  readonly manifest: Manifest
}

export function largeOf(bytes: Uint8Array): LargeFile {
  const hash = ContentHashSchema.parse(digest('sha256', bytes))
  return {
    bytes,
    content: { kind: 'file', hash, size: bytes.length, mode: 0o644, mtimeNs: '1000000000' },
    hash,
    manifest: chunksOf(bytes).map(({ hash, bytes: b }) => ({ hash, size: b.length })),
  }
}

/** Bytes that look random, the same for the same seed. */
export function noise(sizeBytes: number, seed: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(sizeBytes / 4))
  let state = seed * 2_654_435_761 + 1
  for (let at = 0; at < words.length; at++) {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    words[at] = mixed ^ (mixed >>> 14)
  }
  return new Uint8Array(words.buffer).subarray(0, sizeBytes)
}

/** The bytes with others written over them from `at` on. */
export function overwritten(bytes: Uint8Array, at: number, others: Uint8Array): Uint8Array {
  const changed = new Uint8Array(bytes)
  changed.set(others, at)
  return changed
}

/** The patch that a node which holds both would send. */
export async function patchOf(base: LargeFile, next: LargeFile): Promise<Patch> {
  const splice = {
    base: base.hash,
    parts: [...spliceParts(base.manifest, next.manifest)],
    digest: ListDigestSchema.parse(digest('sha256', encodeManifest(next.manifest))),
  }
  const deltas: Delta[] = []
  for (const { first, count, offset, sizeBytes, region } of newStretches(base.manifest, next.manifest)) {
    if (region === null) continue
    const before = base.bytes.subarray(region.offset, region.offset + region.length)
    const bytes = await packDelta(before, next.bytes.subarray(offset, offset + sizeBytes))
    const chunks = encodeManifest(next.manifest.slice(first, first + count))
    deltas.push({ base: { content: base.hash, ...region }, chunks, encoding: 'dictionary', bytes })
  }
  return { content: next.hash, splice, deltas }
}

/** Cut as everywhere. */
export function chunksOf(bytes: Uint8Array): NamedBytes[] {
  let at = 0
  return [...chunkLengths(bytes)].map((length) => {
    const piece = bytes.subarray(at, (at += length))
    return { hash: hashOf(piece), bytes: piece }
  })
}

function hashOf(bytes: Uint8Array): ChunkId {
  return ChunkIdSchema.parse(digest('sha256', bytes))
}
