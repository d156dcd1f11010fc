/** What was used last, up to a sum of costs. */
export interface ByteLimitedMap<Value> {
  get(key: string): Value | undefined
  /** Something that costs more than the whole limit is not kept. */
  set(key: string, value: Value, costBytes: number): void
}

export function createByteLimitedMap<Value>(limitBytes: number): ByteLimitedMap<Value> {
  // A map keeps its keys in the order of insertion: the first is the one unused for longest.
  const kept = new Map<string, { readonly value: Value; readonly costBytes: number }>()
  let total = 0

  function drop(key: string): void {
    total -= kept.get(key)?.costBytes ?? 0
    kept.delete(key)
  }

  return {
    get(key) {
      const found = kept.get(key)
      if (found === undefined) return undefined
      kept.delete(key)
      kept.set(key, found)
      return found.value
    },
    set(key, value, costBytes) {
      drop(key)
      kept.set(key, { value, costBytes })
      total += costBytes
      for (const oldest of kept.keys()) {
        if (total <= limitBytes) break
        drop(oldest)
      }
    },
  }
}
