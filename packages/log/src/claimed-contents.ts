import { contentOf } from '@causeway/engine'
import {
  decodeManifest,
  encodeManifest,
  LIMITS,
  onlyChunkOf,
  SyncError,
  type ChunkId,
  type CommitRequest,
  type ContentHash,
  type Hash,
  type Manifest,
  type NodeId,
  type Patch,
} from '@causeway/protocol'
import type { ChunkRow, ContentWrites, HeldContents, MetadataReader } from '@causeway/store'

/** The chunk list of a new content, as a splice made it from one that is held. */
export interface SplicedContent {
  readonly encoded: Uint8Array
  readonly sizeBytes: number
  /** Its chunks that the base does not have. */
  readonly told: Manifest
  /** The content that it was spliced from, and its list as it then was. */
  readonly base: { readonly content: ContentHash; readonly encoded: Uint8Array }
}

/** What the patches of one commit came to. */
export interface TakenPatches {
  /** Chunks that the deltas made, durable already. */
  readonly rows: readonly ChunkRow[]
  /** By content. What could not be spliced is not in it: its chunk list is to be sent whole. */
  readonly spliced: ReadonlyMap<ContentHash, SplicedContent>
  /** Chunks that the deltas made, those that were held before included: whoever sent a delta has what it makes. */
  readonly made: readonly ChunkId[]
  /** Patches worth passing on: all they say is right, and others need little more. */
  readonly sound: readonly Patch[]
}

export const NO_PATCHES: TakenPatches = { rows: [], spliced: new Map(), made: [], sound: [] }

/** What a commit says of its contents, checked for what needs no store. */
export interface ClaimedContents {
  /** Sizes of the files its operations name. */
  readonly sizes: ReadonlyMap<ContentHash, number>
  readonly manifests: ReadonlyMap<ContentHash, Manifest>
  /** Chunk lists made from one that is held, of contents that are too large for a single chunk. */
  readonly spliced: ReadonlyMap<ContentHash, SplicedContent>
}

/**
 * Reads the contents that a commit's operations name. Throws
 * `manifest-invalid` where sizes contradict each other: a manifest that does
 * not add up to its content, small bytes of another length than announced. A
 * spliced list that does not add up counts for nothing: its base was the wrong one.
 */
export function claimedContents(
  request: CommitRequest,
  spliced: ReadonlyMap<ContentHash, SplicedContent> = new Map(),
): ClaimedContents {
  const sizes = new Map<ContentHash, number>()
  for (const operation of request.operations) {
    const content = contentOf(operation)
    if (content?.kind === 'file' && content.size > 0) claim(sizes, content.hash, content.size, 'another operation')
  }
  for (const { hash, bytes } of request.contents) if (sizes.has(hash)) claim(sizes, hash, bytes.length, 'its bytes')
  const manifests = new Map<ContentHash, Manifest>()
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

/** What is to be looked up of those contents: chunks and chunk lists that the store may hold. */
export function wantedContents(
  { sizes, manifests, spliced }: ClaimedContents,
  kept: readonly ChunkRow[],
  isIntact: boolean,
): { readonly chunks: readonly ChunkId[]; readonly manifests: readonly ContentHash[] } {
  const chunks = new Set<ChunkId>()
  // Also where the commit brings a list: another may be held.
  const lists = new Set<ContentHash>([...manifests.keys(), ...spliced.keys()])
  for (const [content, size] of sizes) {
    const made = spliced.get(content)
    const told = manifests.get(content) ?? (made && ownChunks(made, isIntact))
    for (const { hash } of told ?? []) chunks.add(hash)
    // A base may be small: then it is its own only chunk.
    if (made !== undefined) {
      chunks.add(onlyChunkOf(made.base.content))
      lists.add(made.base.content)
    }
    if (told !== undefined) continue
    if (size > LIMITS.inlineBytes) lists.add(content)
    else chunks.add(onlyChunkOf(content))
  }
  for (const { hash } of kept) chunks.delete(hash)
  return { chunks: [...chunks], manifests: [...lists] }
}

/**
 * Of what is held, what a node may claim: its folder's own, what is in others that it may read, and what it has just
 * sent. To know a hash is no right to its bytes, and nothing tells it that they are here.
 */
export function claimable(held: HeldContents, sent: ReadonlySet<Hash>): HeldContents {
  const may = ([hash]: readonly [Hash, unknown]): boolean => {
    return sent.has(hash) || held.own.has(hash) || held.readable.has(hash)
  }
  return {
    ...held,
    chunkSizes: new Map([...held.chunkSizes].filter(may)),
    manifests: new Map([...held.manifests].filter(may)),
  }
}

/**
 * The contents whose bytes the store does not wholly hold, with the chunks
 * that lack (the content's own hash where no manifest is known).
 */
export function unavailableContents(
  { sizes, manifests, spliced }: ClaimedContents,
  kept: readonly ChunkRow[],
  held: HeldContents,
): ReadonlyMap<ContentHash, readonly ChunkId[]> {
  const heldSizes = new Map(held.chunkSizes)
  for (const { hash, size } of kept) heldSizes.set(hash, size)
  const unavailable = new Map<ContentHash, readonly ChunkId[]>()
  for (const [content, size] of sizes) {
    const missing = lackingOf({
      content,
      size,
      manifest: manifests.get(content),
      made: spliced.get(content),
      held,
      heldSizes,
    })
    if (missing === null || missing.length > 0) unavailable.set(content, missing ?? [])
  }
  return unavailable
}

/** The chunk list of a held content, encoded; a small content is its own only chunk. */
export async function encodedList(tx: MetadataReader, content: ContentHash): Promise<Uint8Array | undefined> {
  const encoded = await tx.manifest(content)
  if (encoded !== undefined) return encoded
  const row = (await tx.chunks([onlyChunkOf(content)]))[0]
  return row && encodeManifest([{ hash: row.hash, size: row.size }])
}

/** The chunks that a content lacks; null where its chunk list does. */
function lackingOf({
  content,
  size,
  manifest,
  made,
  held,
  heldSizes,
}: {
  readonly content: ContentHash
  readonly size: number
  readonly manifest: Manifest | undefined
  readonly made: SplicedContent | undefined
  readonly held: HeldContents
  readonly heldSizes: ReadonlyMap<ChunkId, number>
}): readonly ChunkId[] | null {
  if (manifest !== undefined) return lackingChunks(manifest, heldSizes)
  if (made !== undefined)
    return isBaseHeld(made, held) ? lackingChunks(ownChunks(made, held.isIntact), heldSizes) : null
  if (size <= LIMITS.inlineBytes) {
    const only = onlyChunkOf(content)
    return heldSizes.get(only) === size ? [] : [only]
  }
  const list = held.manifests.get(content)
  return list !== undefined && sizeOf(content, list) === size ? [] : null
}

/** What of all that the commit writes, and what it claims of what was found. */
export function contentWrites(
  { sizes, manifests, spliced }: ClaimedContents,
  {
    unavailable,
    kept,
    held,
    revived,
    overruled,
    by,
  }: {
    readonly unavailable: ReadonlyMap<ContentHash, unknown>
    readonly kept: readonly ChunkRow[]
    readonly held: HeldContents
    /** Contents that live again by what was decided. */
    readonly revived: ReadonlySet<ContentHash>
    /** The lists that stay in place of those that the commit brings. */
    readonly overruled: ReadonlyMap<ContentHash, Uint8Array>
    /** Who names its lists; null for the coordinator, which has made them of the bytes. */
    readonly by: NodeId | null
  },
): ContentWrites {
  const claimed = new Set<Hash>(revived)
  const made: ContentWrites['manifests'][number][] = []
  for (const content of sizes.keys()) {
    if (unavailable.has(content)) continue
    claimed.add(content)
    const stays = overruled.get(content)
    if (stays !== undefined) {
      for (const { hash } of decodeManifest(stays)) claimed.add(hash)
      continue
    }
    const splice = spliced.get(content)
    if (splice !== undefined) {
      // A base that is held keeps its chunks: the new list shares all but those that are told.
      claimed.add(splice.base.content)
      made.push({ content, chunks: splice.encoded, size: splice.sizeBytes, by })
    }
    for (const { hash } of newToFolder(content, { manifest: manifests.get(content), splice, held })) claimed.add(hash)
  }
  for (const [content, manifest] of manifests) {
    const size = sizes.get(content)
    if (size === undefined || unavailable.has(content) || overruled.has(content)) continue
    made.push({ content, chunks: encodeManifest(manifest), size, by })
  }
  return { decidedOn: held.removals, chunks: kept, manifests: made, claimed: [...claimed] }
}

/** The chunks of a content that the folder may not have yet. */
function newToFolder(
  content: ContentHash,
  {
    manifest,
    splice,
    held,
  }: {
    readonly manifest: Manifest | undefined
    readonly splice: SplicedContent | undefined
    readonly held: HeldContents
  },
): Manifest {
  if (splice !== undefined) return held.own.has(splice.base.content) ? splice.told : decodeManifest(splice.encoded)
  if (manifest !== undefined) return manifest
  // By its hash alone: it is another folder's, and its list is held.
  const list = held.own.has(content) ? undefined : held.manifests.get(content)
  return list === undefined ? [] : decodeManifest(list)
}

/** False where the base's list is not held any more, or not as it was. */
function isBaseHeld({ base }: SplicedContent, { manifests, chunkSizes }: HeldContents): boolean {
  const only = onlyChunkOf(base.content)
  const size = chunkSizes.get(only)
  const single = size === undefined ? undefined : encodeManifest([{ hash: only, size }])
  const list = manifests.get(base.content) ?? single
  return list !== undefined && Buffer.compare(list, base.encoded) === 0
}

/** A list that is held keeps its chunks from being collected: where none is damaged, only new ones can lack. */
function ownChunks({ told, encoded }: SplicedContent, isIntact: boolean): Manifest {
  return isIntact ? told : decodeManifest(encoded)
}

function lackingChunks(manifest: Manifest, held: ReadonlyMap<ChunkId, number>): readonly ChunkId[] {
  const lacking = manifest.filter(({ hash, size }) => held.get(hash) !== size).map(({ hash }) => hash)
  // One answer names no more than one request may ask for.
  return [...new Set(lacking)].slice(0, LIMITS.chunksPerRequest)
}

function claim(sizes: Map<ContentHash, number>, hash: ContentHash, size: number, source: string): void {
  const known = sizes.get(hash)
  if (known !== undefined && known !== size) {
    throw new SyncError('manifest-invalid', `content ${hash} is said to have ${known} bytes, but by ${source} ${size}`)
  }
  sizes.set(hash, size)
}

function readManifest(content: ContentHash, chunks: Uint8Array): Manifest {
  try {
    return decodeManifest(chunks)
  } catch (cause) {
    throw new SyncError('manifest-invalid', `the manifest of ${content} cannot be read`, { cause })
  }
}

function sizeOf(content: ContentHash, chunks: Uint8Array): number {
  return readManifest(content, chunks).reduce((sum, chunk) => sum + chunk.size, 0)
}
