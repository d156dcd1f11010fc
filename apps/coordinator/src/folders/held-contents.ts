import { contentOf } from '@causeway/engine'
import { decodeManifest, LIMITS, SyncError, type CommitRequest, type Hash, type Manifest } from '@causeway/protocol'
import type { ChunkRow, MetadataReader } from '@causeway/store'

/** What a commit says of its contents, checked for what needs no store. */
export interface ClaimedContents {
  /** Sizes of the files its operations name. */
  readonly sizes: ReadonlyMap<Hash, number>
  readonly manifests: ReadonlyMap<Hash, Manifest>
}

/**
 * Reads the contents that a commit's operations name. Throws
 * `manifest-invalid` where sizes contradict each other: a manifest that does
 * not add up to its content, small bytes of another length than announced.
 */
export function claimedContents(request: CommitRequest): ClaimedContents {
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
  return { sizes, manifests }
}

/**
 * The contents whose bytes the store does not wholly hold, with the chunks
 * that lack (the content's own hash where no manifest is known).
 */
export async function unavailableContents(
  tx: MetadataReader,
  { sizes, manifests }: ClaimedContents,
  kept: readonly ChunkRow[],
): Promise<ReadonlyMap<Hash, readonly Hash[]>> {
  const keptSizes = new Map(kept.map((row) => [row.hash, row.size]))
  const unavailable = new Map<Hash, readonly Hash[]>()
  const single: Hash[] = []
  for (const [content, size] of sizes) {
    const manifest = manifests.get(content)
    if (manifest !== undefined) {
      const missing = await lackingChunks(tx, manifest, keptSizes)
      if (missing.length > 0) unavailable.set(content, missing)
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
