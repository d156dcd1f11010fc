import {
  decodeManifest,
  encodeManifest,
  LIMITS,
  type ChunkId,
  type Manifest,
  type SplicePart,
} from '@causeway/protocol'

/** Chunks of the new list that the base's list holds one after the other. */
export interface CopiedRun {
  /** Where the run begins in the base's list. */
  readonly from: number
  /** Where it begins in the new list. */
  readonly to: number
  readonly count: number
}

/**
 * How the chunk list `next` follows from `base`: every chunk that the base
 * holds is taken over, what both begin and end with first, the rest in runs as
 * long as can be found in one pass; chunks in between are told in full. Runs
 * that go on where the last one ended are preferred. Time is linear in both
 * lists, however often a chunk is repeated.
 */
export function spliceParts(base: Manifest, next: Manifest): readonly SplicePart[] {
  const parts: SplicePart[] = []
  let told = 0
  const tell = (end: number) => {
    if (end > told) parts.push(encodeManifest(next.slice(told, end)))
  }
  for (const run of copiedRuns(base, next)) {
    tell(run.to)
    parts.push([run.from, run.count])
    told = run.to + run.count
  }
  tell(next.length)
  return parts
}

/** The reverse. Throws a `RangeError` on parts that do not fit the base or make too long a list; nothing is built before. */
export function applySplice(base: Manifest, parts: readonly SplicePart[]): Manifest {
  const made = parts.reduce((sum, part) => sum + chunksOf(part, base.length), 0)
  if (made > LIMITS.chunksPerManifest) throw new RangeError(`a splice makes ${made} chunks, which is too many`)
  return parts.flatMap((part) => (isTold(part) ? decodeManifest(part) : base.slice(part[0], part[0] + part[1])))
}

/** What `next` takes over from `base`, in the order of `next`. */
export function copiedRuns(base: Manifest, next: Manifest): readonly CopiedRun[] {
  const head = runLength(base, 0, next, 0)
  const tail = commonTail(base, next, Math.min(base.length, next.length) - head)
  const runs = innerRuns(base, next, head, next.length - tail)
  if (head > 0) runs.unshift({ from: 0, to: 0, count: head })
  if (tail > 0) runs.push({ from: base.length - tail, to: next.length - tail, count: tail })
  return runs
}

/** The runs of `next[start, end)`, each found anywhere in `base`. */
function innerRuns(base: Manifest, next: Manifest, start: number, end: number): CopiedRun[] {
  const index = indexOf(base, new Set(next.slice(start, end).map((chunk) => chunk.hash)))
  const runs: CopiedRun[] = []
  let expected = start
  for (let to = start; to < end;) {
    const hash = next[to]?.hash
    const places = hash === undefined ? undefined : index.get(hash)
    if (places === undefined) {
      to++
      continue
    }
    // The one that goes on, the one that begins the longest repetition, the first: each is followed to its end, so
    // that the work is at most three times the run that is taken.
    const candidates = new Set([nextPlace(places.all, expected), places.longest, places.all[0] ?? 0])
    let from = 0
    let count = 0
    for (const candidate of candidates) {
      const length = Math.min(runLength(base, candidate, next, to), end - to)
      if (length > count) {
        count = length
        from = candidate
      }
    }
    runs.push({ from, to, count })
    to += count
    expected = from + count
  }
  return runs
}

interface Places {
  /** Every position of one chunk in the list, rising. */
  readonly all: number[]
  /** Where its longest uninterrupted repetition begins, and how long that is. */
  longest: number
  length: number
}

/** Where the list has these chunks. */
function indexOf(list: Manifest, wanted: ReadonlySet<ChunkId>): ReadonlyMap<ChunkId, Places> {
  const index = new Map<ChunkId, Places>()
  let start = 0
  if (wanted.size === 0) return index
  list.forEach((chunk, at) => {
    if (!wanted.has(chunk.hash)) {
      start = at + 1
      return
    }
    let places = index.get(chunk.hash)
    if (places === undefined) {
      places = { all: [], longest: at, length: 0 }
      index.set(chunk.hash, places)
    }
    places.all.push(at)
    if (list[at + 1]?.hash === chunk.hash) return
    if (at + 1 - start > places.length) {
      places.longest = start
      places.length = at + 1 - start
    }
    start = at + 1
  })
  return index
}

/** The first of rising positions that is not before `least`; where there is none, the first of all. */
function nextPlace(positions: readonly number[], least: number): number {
  let low = 0
  let high = positions.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((positions[middle] ?? 0) < least) low = middle + 1
    else high = middle
  }
  return positions[low] ?? positions[0] ?? 0
}

function runLength(base: Manifest, from: number, next: Manifest, to: number): number {
  let count = 0
  while (to + count < next.length && base[from + count]?.hash === next[to + count]?.hash) count++
  return count
}

function commonTail(base: Manifest, next: Manifest, most: number): number {
  let count = 0
  while (count < most && base[base.length - 1 - count]?.hash === next[next.length - 1 - count]?.hash) count++
  return count
}

function chunksOf(part: SplicePart, baseLength: number): number {
  if (isTold(part)) return part.length / 36
  const [first, count] = part
  if (!Number.isInteger(first) || !Number.isInteger(count) || first < 0 || count < 1 || first + count > baseLength) {
    throw new RangeError(`a splice takes ${count} chunks from ${first}, but its base has ${baseLength}`)
  }
  return count
}

function isTold(part: SplicePart): part is Uint8Array {
  return part instanceof Uint8Array
}
