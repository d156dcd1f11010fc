import type { ContentHash } from '@causeway/protocol'
import type { ChunkTable } from './chunk-table.ts'

/** Finds contents that share chunks, from a sample of their chunks. Only a guess: nothing depends on it but time. */
export interface SimilarityIndex {
  has(content: ContentHash): boolean
  add(content: ContentHash, table: ChunkTable): void
  /** The few contents that share the most with this list. */
  similar(table: ChunkTable): readonly ContentHash[]
}

/** Lists up to this long are taken whole, of longer ones every eighth chunk. */
const WHOLE_COUNT = 64
const EVERY = 8
/** Some 15 MB; what comes later is not found. */
const MOST_SAMPLES = 256 * 1024
const MOST_SIMILAR = 3

export function createSimilarityIndex(mostSamples: number = MOST_SAMPLES): SimilarityIndex {
  const contents: ContentHash[] = []
  const known = new Set<ContentHash>()
  /** The content that a chunk was seen in last. */
  const owner = new Map<number, number>()

  return {
    has: (content) => known.has(content),
    add(content, table) {
      if (known.has(content) || owner.size >= mostSamples) return
      known.add(content)
      contents.push(content)
      for (let index = 0; index < table.count; index++) {
        if (isSampled(table, index)) owner.set(table.key(index), contents.length - 1)
      }
    },
    similar(table) {
      const votes = new Map<number, number>()
      for (let index = 0; index < table.count; index++) {
        const found = owner.get(table.key(index))
        // A chunk that repeats (a sparse file's zeros) says no more than one that does not.
        if (found !== undefined && table.find(table, index) === index) votes.set(found, (votes.get(found) ?? 0) + 1)
      }
      const least = table.count > WHOLE_COUNT ? 2 : 1
      return [...votes]
        .filter(([, count]) => count >= least)
        .toSorted(([, a], [, b]) => b - a)
        .slice(0, MOST_SIMILAR)
        .flatMap(([index]) => contents[index] ?? [])
    },
  }
}

function isSampled(table: ChunkTable, index: number): boolean {
  return table.count <= WHOLE_COUNT || table.key(index) % EVERY === 0
}
