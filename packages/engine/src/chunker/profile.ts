import { SyncError } from '@causeway/protocol'

/** How a content is cut. Two sides agree on cuts only if all three sizes are the same; sizes are bytes. */
export interface ChunkerProfile {
  readonly name: string
  readonly minBytes: number
  /** A power of two. Chunks come out slightly above it on average. */
  readonly averageBytes: number
  readonly maxBytes: number
}

/** The profile every folder uses. Its cuts are frozen: `docs/spec/chunking.md` has vectors. */
export const CDC_64K: ChunkerProfile = {
  name: 'cdc-64k',
  minBytes: 16 * 1024,
  averageBytes: 64 * 1024,
  maxBytes: 256 * 1024,
}

/** Bits by which the masks before and after the average size differ from it. */
const NORMALISATION = 2

/** The masks of a profile: a cut is where the hash has no bit of the mask that holds at that length. */
export interface CutMasks {
  /** Below the average size: cuts are four times rarer than the average asks for. */
  readonly strict: number
  /** From the average size on: four times more frequent. */
  readonly loose: number
}

/** Derives the masks; throws `internal` on a profile that can't cut. */
export function masksOf(profile: ChunkerProfile): CutMasks {
  const { name, minBytes, averageBytes, maxBytes } = profile
  const bits = Math.log2(averageBytes)
  const sizesRise = 0 < minBytes && minBytes < averageBytes && averageBytes < maxBytes && maxBytes <= 2 ** 30
  const sizesFit = [minBytes, bits, maxBytes].every(Number.isInteger) && bits > NORMALISATION
  if (!sizesRise || !sizesFit) {
    throw new SyncError(
      'internal',
      `the chunker profile ${name} (${minBytes}/${averageBytes}/${maxBytes} bytes) can't cut: sizes must be whole ` +
        'numbers that rise up to 1 GiB, and the average a power of two from 8 on',
    )
  }
  return { strict: topBits(bits + NORMALISATION), loose: topBits(bits - NORMALISATION) }
}

/** The highest bits have seen the most bytes: bit 31 depends on the last 32, bit 0 on the last alone. */
function topBits(count: number): number {
  return (-1 << (32 - count)) | 0
}
