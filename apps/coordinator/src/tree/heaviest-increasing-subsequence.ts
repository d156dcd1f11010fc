/** Neighbouring chunks that one list takes over from another. */
export interface TakenRun {
  /** Where they begin in the list they come from, and in the new one. */
  readonly from: number
  readonly to: number
  readonly count: number
  readonly bytes: number
}

/**
 * Those of the runs that stayed where they were: the heaviest choice (by
 * bytes) whose order is the same in both lists. The others were moved past
 * them, or are copies. Runs come by rising `to`.
 */
export function heaviestIncreasing(runs: readonly TakenRun[]): ReadonlySet<TakenRun> {
  // A run may follow another that ended, in the list it comes from, at or before its own beginning.
  const places = [...new Set(runs.map(({ from, count }) => from + count))].toSorted((a, b) => a - b)
  const best = createBest(places.length)
  const chains: Chain[] = runs.map((run) => {
    const before = best.upTo(countAtMost(places, run.from))
    const chain = { run, before, bytes: run.bytes + (before?.bytes ?? 0) }
    best.put(countAtMost(places, run.from + run.count) - 1, chain)
    return chain
  })
  let chain: Chain | undefined
  for (const other of chains) if (chain === undefined || other.bytes > chain.bytes) chain = other
  const kept = new Set<TakenRun>()
  for (; chain !== undefined; chain = chain.before) kept.add(chain.run)
  return kept
}

interface Chain {
  readonly run: TakenRun
  readonly before: Chain | undefined
  readonly bytes: number
}

/** The heaviest chain among the first so many places; both calls take logarithmic time. */
function createBest(size: number): { put(place: number, chain: Chain): void; upTo(count: number): Chain | undefined } {
  const tree: (Chain | undefined)[] = Array.from({ length: size + 1 })
  return {
    put(place, chain) {
      for (let at = place + 1; at <= size; at += at & -at) {
        if (chain.bytes > (tree[at]?.bytes ?? -1)) tree[at] = chain
      }
    },
    upTo(count) {
      let found: Chain | undefined
      for (let at = count; at > 0; at -= at & -at) {
        const chain = tree[at]
        if (chain !== undefined && chain.bytes > (found?.bytes ?? -1)) found = chain
      }
      return found
    },
  }
}

/** How many of the rising values are not above `most`. */
function countAtMost(rising: readonly number[], most: number): number {
  let low = 0
  let high = rising.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((rising[middle] ?? 0) <= most) low = middle + 1
    else high = middle
  }
  return low
}
