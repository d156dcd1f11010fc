import { compareListed, type Listed, type ListingOrder } from '@causeway/engine'
import type { BrowseResponse, DirectorySums, ListedEntry } from '@causeway/protocol'

/** What is known of one directory. Every change makes a new value. */
export interface DirectoryState {
  /** As the coordinator orders them; without a gap from the first on. */
  readonly entries: readonly ListedEntry[]
  readonly status: 'loading' | 'ready' | 'failed'
  readonly error: unknown
  /** Whether there are entries behind the last one. */
  readonly more: boolean
  readonly loadingMore: boolean
  /** How many there are in all; null until that is known. */
  readonly total: number | null
  /** What lies in it, however deep. */
  readonly within: DirectorySums | null
}

/** One directory, read page by page as a person scrolls; of what changes, only that is read again. */
export interface Directory {
  readonly state: DirectoryState
  subscribe(listener: () => void): () => void
  /** Reads the next page. While one is being read, or there is none, nothing happens. */
  loadMore(): void
  /** Says that what has these names came, went or changed. */
  touched(names: readonly string[]): void
  /** Reads everything anew that was read before. */
  refresh(): void
}

export interface Sorting {
  readonly order: ListingOrder
  readonly isDescending: boolean
}

export const BY_NAME: Sorting = { order: 'name', isDescending: false }
export const PAGE_ENTRIES = 1000
/** Of more names at once, reading all again costs less. */
const NAMES_AT_ONCE = 200
/** What an address holds of them. */
const NAMES_LENGTH = 4000

type Browse = (page: {
  readonly after?: string
  readonly name?: readonly string[]
  readonly limit: number
}) => Promise<BrowseResponse>

export function createDirectory(
  browse: Browse,
  { order, isDescending }: Sorting = BY_NAME,
  limit = PAGE_ENTRIES,
): Directory {
  const compare = compareListed(order, isDescending)
  let cursor: string | null = null
  /** The last that was read: what comes behind it is not shown before it is read. */
  let bound: Listed | null = null
  let state: DirectoryState = {
    entries: [],
    status: 'loading',
    error: null,
    more: false,
    loadingMore: false,
    total: null,
    within: null,
  }
  let last = Promise.resolve()
  const listeners = new Set<() => void>()

  function become(change: Partial<DirectoryState>): void {
    state = { ...state, ...change }
    for (const listener of listeners) listener()
  }

  /** One after the other, so that an answer never meets entries other than those it was asked for. */
  function queue(work: () => Promise<void>): void {
    last = last.then(work).catch((error: unknown) => become({ status: 'failed', error, loadingMore: false }))
  }

  function show(entries: readonly ListedEntry[], { next, total, within }: BrowseResponse): void {
    const end = entries.at(-1)
    cursor = next
    bound = next === null || end === undefined ? null : listedOf(end)
    const read = { entries, more: next !== null, total: total ?? state.total, within }
    become({ ...read, status: 'ready', error: null, loadingMore: false })
  }

  async function readNext(): Promise<void> {
    const page = await browse(cursor === null ? { limit } : { after: cursor, limit })
    const known = new Set(page.entries.map(idOf))
    // What moved in the order since it was read is now where it was read last.
    show([...state.entries.filter((entry) => !known.has(idOf(entry))), ...page.entries], page)
  }

  async function readAgain(): Promise<void> {
    const wanted = Math.max(limit, state.entries.length)
    let page = await browse({ limit })
    const entries = [...page.entries]
    const { total } = page
    while (page.next !== null && entries.length < wanted) {
      page = await browse({ after: page.next, limit })
      entries.push(...page.entries)
    }
    show(entries, { ...page, total })
  }

  async function readNames(names: readonly string[]): Promise<void> {
    const found = await browse({ name: names, limit })
    const asked = new Set(names)
    const end = bound
    const here = found.entries.filter((entry) => end === null || compare(listedOf(entry), end) <= 0)
    const others = state.entries.filter((entry) => !asked.has(entry.state.name))
    become({
      entries: merged(others, here, (a, b) => compare(listedOf(a), listedOf(b))),
      total: found.total ?? state.total,
      within: found.within,
    })
  }

  queue(readAgain)

  return {
    get state() {
      return state
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    loadMore() {
      if (!state.more || state.loadingMore) return
      become({ loadingMore: true })
      queue(async () => (state.more ? readNext() : become({ loadingMore: false })))
    },
    touched(names) {
      queue(async () => {
        if (state.status !== 'ready' || names.length > NAMES_AT_ONCE) return readAgain()
        for (const some of inAddresses(names)) await readNames(some)
      })
    },
    refresh: () => queue(readAgain),
  }
}

/** Puts some into a list that is in order already: of a hundred thousand only a few are compared. */
function merged<T>(sorted: readonly T[], some: readonly T[], compare: (a: T, b: T) => number): readonly T[] {
  const found: T[] = []
  let from = 0
  for (const one of some.toSorted(compare)) {
    let [low, high] = [from, sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const other = sorted[middle]
      if (other !== undefined && compare(other, one) < 0) low = middle + 1
      else high = middle
    }
    for (; from < low; from++) {
      const other = sorted[from]
      if (other !== undefined) found.push(other)
    }
    found.push(one)
  }
  return found.concat(sorted.slice(from))
}

const listed = new WeakMap<ListedEntry, Listed>()

/** What an order looks at of an entry. */
export function listedOf(entry: ListedEntry): Listed {
  const known = listed.get(entry)
  if (known !== undefined) return known
  const { state, within } = entry
  const { content, name } = state
  const file = content.kind === 'file' ? content : undefined
  const made = {
    isDirectory: content.kind === 'directory',
    name,
    size: file?.size ?? within?.bytes ?? 0,
    changedMs: file === undefined ? (within?.newestMs ?? 0) : Number(BigInt(file.mtimeNs) / 1_000_000n),
  }
  listed.set(entry, made)
  return made
}

function idOf({ state }: ListedEntry): string {
  return state.id
}

function inAddresses(names: readonly string[]): readonly (readonly string[])[] {
  const parts: string[][] = []
  let length = Infinity
  for (const name of names) {
    const more = encodeURIComponent(name).length + 6
    if (length + more > NAMES_LENGTH) {
      parts.push([])
      length = 0
    }
    parts.at(-1)?.push(name)
    length += more
  }
  return parts
}
