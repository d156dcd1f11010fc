import type { ContentHash, Patch, SmallContent } from '@causeway/protocol'

/** Contents that came with a batch wait here until they are placed; past this many bytes they are fetched again. */
const MOST_CONTENT_BYTES = 64 * 1024 * 1024
/** The same for patches, which are asked for again. */
const MOST_PATCH_BYTES = 16 * 1024 * 1024

/** What came along with the log, until it is placed. */
export class Arrivals {
  readonly #contents = new Map<ContentHash, Uint8Array>()
  readonly #patches = new Map<ContentHash, Patch>()
  #contentBytes = 0
  #patchBytes = 0

  keep(contents: readonly SmallContent[], patches: readonly Patch[]): void {
    for (const { hash, bytes } of contents) {
      if (this.#contentBytes + bytes.length > MOST_CONTENT_BYTES || this.#contents.has(hash)) continue
      this.#contents.set(hash, bytes)
      this.#contentBytes += bytes.length
    }
    for (const patch of patches) {
      const bytes = sizeOf(patch)
      if (this.#patchBytes + bytes > MOST_PATCH_BYTES || this.#patches.has(patch.content)) continue
      this.#patches.set(patch.content, patch)
      this.#patchBytes += bytes
    }
  }

  content(hash: ContentHash): Uint8Array | undefined {
    return this.#contents.get(hash)
  }

  /** How a content follows from another, if that came along. */
  patch(content: ContentHash): Patch | undefined {
    return this.#patches.get(content)
  }

  forget(): void {
    this.#contents.clear()
    this.#contentBytes = 0
    this.#patches.clear()
    this.#patchBytes = 0
  }
}

function sizeOf({ splice, deltas }: Patch): number {
  const ofDeltas = deltas.reduce((sum, { chunks, bytes }) => sum + chunks.length + bytes.length, 0)
  return splice.parts.reduce((sum, part) => sum + (part instanceof Uint8Array ? part.length : 16), ofDeltas)
}
