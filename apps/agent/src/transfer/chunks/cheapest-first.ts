import type { ChunkId } from '@causeway/protocol'
import type { ChunkSource } from '../../ports.ts'

/**
 * All of these sources as one: each chunk comes from the cheapest that has it.
 * What a source does not give after all is asked of the next, and what goes
 * wrong with one is of no account while there is another; the last says why a
 * chunk can't be had.
 */
export function cheapestFirst(sources: readonly ChunkSource[]): ChunkSource {
  const inOrder = sources.toSorted((a, b) => a.cost - b.cost)
  return {
    cost: inOrder[0]?.cost ?? Infinity,
    async has(hashes) {
      const had = await Promise.all(inOrder.map((source) => hadBy(source, hashes)))
      return new Set(hashes.filter((hash) => had.some((some) => some.has(hash))))
    },
    async *fetch(hashes) {
      const missing = new Counts(hashes)
      for (const [index, source] of inOrder.entries()) {
        const isLast = index === inOrder.length - 1
        const had = isLast ? null : await hadBy(source, missing.all())
        const asked = missing.all().filter((hash) => had === null || had.has(hash))
        if (asked.length === 0) continue
        try {
          for await (const chunk of source.fetch(asked)) if (missing.take(chunk.hash)) yield chunk
        } catch (error) {
          if (isLast) throw error
        }
      }
    },
  }
}

/** A source that can't be asked has nothing. */
async function hadBy(source: ChunkSource, hashes: readonly ChunkId[]): Promise<ReadonlySet<ChunkId>> {
  try {
    return hashes.length === 0 ? new Set() : await source.has(hashes)
  } catch {
    return new Set()
  }
}

/** How often each chunk is still to come. */
class Counts {
  readonly #left = new Map<ChunkId, number>()

  constructor(hashes: readonly ChunkId[]) {
    for (const hash of hashes) this.#left.set(hash, (this.#left.get(hash) ?? 0) + 1)
  }

  all(): readonly ChunkId[] {
    return [...this.#left].flatMap(([hash, count]) => Array.from({ length: count }, () => hash))
  }

  /** False if it is not to come any more. */
  take(hash: ChunkId): boolean {
    const left = this.#left.get(hash) ?? 0
    if (left > 1) this.#left.set(hash, left - 1)
    else this.#left.delete(hash)
    return left > 0
  }
}
