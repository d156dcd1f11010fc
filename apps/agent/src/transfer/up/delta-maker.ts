import { copiesAgainst, narrowCopies, signatureBlockBytes, type NewStretch, type Region } from '@causeway/engine'
import { packCopies, packDelta } from '@causeway/packing'
import { encodeManifest, isSyncError, type Delta, type ContentHash, type Manifest } from '@causeway/protocol'
import type { OpenFile } from '@causeway/replica'
import type { UploadContext } from './upload-context.ts'

/** Makes deltas of new stretches against one base content. */
export interface DeltaMaker {
  /** How stretches are to be cut for it. */
  readonly limits: { readonly maxBytes: number; readonly slackBytes: number }
  /** Learns what it must know of the base for these stretches, in one question if in any. */
  prepare(stretches: readonly NewStretch[]): Promise<void>
  /** A delta for a prepared stretch with these bytes and chunks; null where none can be made. */
  make(stretch: NewStretch, chunks: Manifest, bytes: Uint8Array): Promise<Delta | null>
  /** Says how much of a stretch's bytes a delta saved; where that stays little, no more questions are asked. */
  learn(stretch: NewStretch, savedBytes: number): void
}

/** From the base's bytes, where this node still has them; else from checksums that the coordinator gives. */
export function createDeltaMaker(context: UploadContext, base: ContentHash, cached: OpenFile | undefined): DeltaMaker {
  return cached === undefined ? fromSignatures(context, base) : fromBytes(base, cached)
}

/** Enough for zstd to see what is alike, few enough to be made side by side in little memory. */
const DICTIONARY = { maxBytes: 1024 * 1024, slackBytes: 256 * 1024 }
/** A signature is sent: a region is no wider than it must be. */
const SIGNATURES = { maxBytes: 512 * 1024, slackBytes: 0 }

function fromBytes(base: ContentHash, cached: OpenFile): DeltaMaker {
  return {
    limits: DICTIONARY,
    prepare: async () => undefined,
    learn: () => undefined,
    async make({ region }, chunks, bytes) {
      if (region === null) return null
      const dictionary = await cached.read(region.offset, region.length)
      if (dictionary.length !== region.length) return null
      const packed = await packDelta(dictionary, bytes)
      return {
        base: { content: base, ...region },
        chunks: encodeManifest(chunks),
        encoding: 'dictionary',
        bytes: packed,
      }
    },
  }
}

interface Signed {
  readonly signature: Uint8Array
  readonly blockBytes: number
}

/** Asked this much for less than a fifth saved, signatures are not worth their way. */
const TRIAL_BYTES = 4 * 1024 * 1024

function fromSignatures({ link, folder }: UploadContext, base: ContentHash): DeltaMaker {
  /** What is known of the regions of the window that is being sent: several stretches may share one. */
  const signed = new Map<Region, Signed>()
  let isWorthIt = true
  let triedBytes = 0
  let savedBytes = 0

  async function ask(regions: Region[]): Promise<void> {
    if (regions.length === 0) return
    const mean = regions.reduce((sum, { length }) => sum + length, 0) / regions.length
    const blockBytes = signatureBlockBytes(mean)
    const signatures = await link.signatures(folder, { content: base, regions, blockBytes })
    for (const [at, region] of regions.entries()) {
      const signature = signatures[at]
      if (signature !== undefined) signed.set(region, { signature, blockBytes })
    }
  }

  return {
    limits: SIGNATURES,
    async prepare(stretches) {
      const regions = new Set(stretches.flatMap(({ region }) => (region === null ? [] : [region])))
      for (const region of signed.keys()) if (!regions.has(region)) signed.delete(region)
      if (!isWorthIt) return
      try {
        await ask([...regions].filter((region) => !signed.has(region)))
      } catch (error) {
        // Without checksums the chunks go whole. A link that is gone is another matter.
        if (!isSyncError(error) || isSyncError(error, 'offline')) throw error
        isWorthIt = false
      }
    },
    learn({ sizeBytes }, saved) {
      triedBytes += sizeBytes
      savedBytes += saved
      if (triedBytes >= TRIAL_BYTES && savedBytes < triedBytes / 5) isWorthIt = false
    },
    async make(stretch, chunks, bytes) {
      const { region } = stretch
      const found = region === null ? undefined : signed.get(region)
      if (region === null || found === undefined) return null
      const instructions = instructionsFor(found, region.length, bytes)
      const narrowed = instructions && narrowCopies(instructions, region.length)
      if (narrowed === null) return null
      const packed = await packCopies(narrowed.instructions)
      const { offset, length } = narrowed
      return {
        base: { content: base, offset: region.offset + offset, length },
        chunks: encodeManifest(chunks),
        ...packed,
      }
    },
  }
}

/** Null where the signature does not belong to such a region: nothing of it is used. */
function instructionsFor({ signature, blockBytes }: Signed, regionBytes: number, bytes: Uint8Array): Uint8Array | null {
  try {
    return copiesAgainst(signature, blockBytes, regionBytes, bytes)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}
