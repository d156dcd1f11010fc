import { contentOf } from '@causeway/engine'
import {
  decodeManifest,
  encodeManifest,
  LIMITS,
  SyncError,
  type CommitRequest,
  type Hash,
  type Manifest,
  type Patch,
} from '@causeway/protocol'
import type { ChunkRow, ContentWrites, MetadataReader } from '@causeway/store'

/** The chunk list of a new content, as a splice made it from one that is held. */
export interface SplicedContent {
  readonly encoded: Uint8Array
  readonly sizeBytes: number
  /** Its chunks that the base does not have. */
  readonly told: Manifest
  /** The content that it was spliced from, and its list as it then was. */
  readonly base: { readonly content: Hash; readonly encoded: Uint8Array }
}

/** What the patches of one commit came to. */
export interface TakenPatches {
  /** Chunks that the deltas made, durable already. */
  readonly rows: readonly ChunkRow[]
  /** By content. What could not be spliced is not in it: its chunk list is to be sent whole. */
  readonly spliced: ReadonlyMap<Hash, SplicedContent>
  /** Patches worth passing on: all they say is right, and others need little more. */
  readonly sound: readonly Patch[]
}

export const NO_PATCHES: TakenPatches = { rows: [], spliced: new Map(), sound: [] }

/** What a commit says of its contents, checked for what needs no store. */
export interface ClaimedContents {
  /** Sizes of the files its operations name. */
  readonly sizes: ReadonlyMap<Hash, number>
  readonly manifests: ReadonlyMap<Hash, Manifest>
  /** Chunk lists made from one that is held, of contents that are too large for a single chunk. */
  readonly spliced: ReadonlyMap<Hash, SplicedContent>
}

/**
 * Reads the contents that a commit's operations name. Throws
 * `manifest-invalid` where sizes contradict each other: a manifest that does
 * not add up to its content, small bytes of another length than announced. A
 * spliced list that does not add up counts for nothing: its base was the wrong one.
 */
export function claimedContents(
  request: CommitRequest,
  spliced: ReadonlyMap<Hash, SplicedContent> = new Map(),
): ClaimedContents {
  const sizes = new Map<Hash, number>()
  for (const operation of request.operations) {
    const content = contentOf(operation)
    if (content?.kind === 'file' && content.size > 0) claim(sizes, content.hash, content.size, 'another operation')
  }
  for (const { hash, bytes } of request.contents) if (sizes.has(hash)) claim(sizes, hash, bytes.length, 'its bytes')
  const manifests = new Map<Hash, Manifest>()
  for (const { content, chunks } of request.manifests) {
    const manifest = readManifest(content, chunks)
    if (!sizes.has(content)) continue
    claim(
      sizes,
      content,
      manifest.reduce((sum, chunk) => sum + chunk.size, 0),
      'its manifest',
    )
    manifests.set(content, manifest)
  }
  const fitting = [...spliced].filter(([content, { sizeBytes }]) => {
    return sizeBytes > LIMITS.inlineBytes && sizes.get(content) === sizeBytes && !manifests.has(content)
  })
  return { sizes, manifests, spliced: new Map(fitting) }
}

/**
 * The contents whose bytes the store does not wholly hold, with the chunks
 * that lack (the content's own hash where no manifest is known).
 */
export async function unavailableContents(
  tx: MetadataReader,
  { sizes, manifests, spliced }: ClaimedContents,
  kept: readonly ChunkRow[],
): Promise<ReadonlyMap<Hash, readonly Hash[]>> {
  const keptSizes = new Map(kept.map((row) => [row.hash, row.size]))
  const unavailable = new Map<Hash, readonly Hash[]>()
  const single: Hash[] = []
  for (const [content, size] of sizes) {
    const manifest = manifests.get(content)
    const made = spliced.get(content)
    if (manifest !== undefined) {
      const missing = await lackingChunks(tx, manifest, keptSizes)
      if (missing.length > 0) unavailable.set(content, missing)
    } else if (made !== undefined) {
      const missing = await lackingInSplice(tx, made, keptSizes)
      if (missing === null || missing.length > 0) unavailable.set(content, missing ?? [])
    } else if (size > LIMITS.inlineBytes) {
      const bytes = await tx.manifest(content)
      if (bytes === undefined || sizeOf(content, bytes) !== size) unavailable.set(content, [])
    } else if (keptSizes.get(content) !== size) single.push(content)
  }
  const held = new Map<Hash, number>()
  for (const batch of batches(single)) for (const row of await tx.chunks(batch)) held.set(row.hash, row.size)
  for (const content of single) if (held.get(content) !== sizes.get(content)) unavailable.set(content, [content])
  return unavailable
}

/** The chunk list of a held content, encoded; a small content is its own only chunk. */
export async function encodedList(tx: MetadataReader, content: Hash): Promise<Uint8Array | undefined> {
  const encoded = await tx.manifest(content)
  if (encoded !== undefined) return encoded
  const row = (await tx.chunks([content]))[0]
  return row && encodeManifest([{ hash: row.hash, size: row.size }])
}

/** What of all that the commit writes, and what it claims of what was found. */
export function contentWrites(
  request: CommitRequest,
  { sizes, manifests, spliced }: ClaimedContents,
  {
    unavailable,
    kept,
    decidedOn,
  }: {
    readonly unavailable: ReadonlyMap<Hash, unknown>
    readonly kept: readonly ChunkRow[]
    readonly decidedOn: number
  },
): ContentWrites {
  const claimed = new Set<Hash>()
  const made: ContentWrites['manifests'][number][] = []
  for (const content of sizes.keys()) {
    if (unavailable.has(content)) continue
    claimed.add(content)
    const splice = spliced.get(content)
    if (splice !== undefined) {
      // A base that is held keeps its chunks: the new list shares all but those that are told.
      claimed.add(splice.base.content)
      made.push({ content, chunks: splice.encoded, size: splice.sizeBytes })
    }
    for (const { hash } of splice?.told ?? manifests.get(content) ?? []) claimed.add(hash)
  }
  for (const { content, chunks } of request.manifests) {
    const size = sizes.get(content)
    if (manifests.has(content) && size !== undefined && !unavailable.has(content)) made.push({ content, chunks, size })
  }
  return { decidedOn, chunks: kept, manifests: made, claimed: [...claimed] }
}

/** Null where the base's list is not held any more, or not as it was. */
async function lackingInSplice(
  tx: MetadataReader,
  { base, encoded, told }: SplicedContent,
  kept: ReadonlyMap<Hash, number>,
): Promise<readonly Hash[] | null> {
  const list = await encodedList(tx, base.content)
  if (list === undefined || Buffer.compare(list, base.encoded) !== 0) return null
  // A list that is held keeps its chunks from being collected: where none is damaged, only new ones can lack.
  const intact = (await tx.lostCount()) === 0
  return lackingChunks(tx, intact ? told : decodeManifest(encoded), kept)
}

async function lackingChunks(
  tx: MetadataReader,
  manifest: Manifest,
  kept: ReadonlyMap<Hash, number>,
): Promise<readonly Hash[]> {
  const wanted = new Map(manifest.map((chunk) => [chunk.hash, chunk.size]))
  for (const [hash, size] of kept) if (wanted.get(hash) === size) wanted.delete(hash)
  for (const batch of batches([...wanted.keys()])) {
    for (const row of await tx.chunks(batch)) if (wanted.get(row.hash) === row.size) wanted.delete(row.hash)
  }
  // One answer names no more than one request may ask for.
  return [...wanted.keys()].slice(0, LIMITS.chunksPerRequest)
}

function claim(sizes: Map<Hash, number>, hash: Hash, size: number, source: string): void {
  const known = sizes.get(hash)
  if (known !== undefined && known !== size) {
    throw new SyncError('manifest-invalid', `content ${hash} is said to have ${known} bytes, but by ${source} ${size}`)
  }
  sizes.set(hash, size)
}

function readManifest(content: Hash, chunks: Uint8Array): Manifest {
  try {
    return decodeManifest(chunks)
  } catch (cause) {
    throw new SyncError('manifest-invalid', `the manifest of ${content} cannot be read`, { cause })
  }
}

function sizeOf(content: Hash, chunks: Uint8Array): number {
  return readManifest(content, chunks).reduce((sum, chunk) => sum + chunk.size, 0)
}

function* batches(hashes: readonly Hash[]): Iterable<readonly Hash[]> {
  for (let at = 0; at < hashes.length; at += LIMITS.chunksPerRequest)
    yield hashes.slice(at, at + LIMITS.chunksPerRequest)
}
