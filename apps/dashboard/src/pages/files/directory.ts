import type { BrowseResponse, EntryView } from '@causeway/protocol'

/** What is known of one directory. Every change makes a new value. */
export interface DirectoryState {
  /** By name, as the coordinator orders them; without a gap from the first on. */
  readonly entries: readonly EntryView[]
  readonly status: 'loading' | 'ready' | 'failed'
  readonly error: unknown
  /** Whether there are entries behind the last one. */
  readonly more: boolean
  readonly loadingMore: boolean
}

/** One directory, read page by page as a person scrolls, and read again only where something changed. */
export interface Directory {
  readonly state: DirectoryState
  subscribe(listener: () => void): () => void
  /** Reads the next page. While one is being read, or there is none, nothing happens. */
  loadMore(): void
  /** Says that these names came, went or changed. Names behind what was read need no reading. */
  touched(names: readonly string[]): void
  /** Reads everything anew that was read before. */
  refresh(): void
}

export const PAGE_ENTRIES = 1000

type Browse = (page: { readonly after?: string; readonly limit: number }) => Promise<BrowseResponse>

/** A stretch of the directory: all names after `after`, up to and including `upTo` (null: to the end). */
interface Page {
  readonly after: string | undefined
  readonly upTo: string | null
  readonly entries: readonly EntryView[]
}

export function createDirectory(browse: Browse, limit = PAGE_ENTRIES): Directory {
  let pages: readonly Page[] = []
  let state: DirectoryState = { entries: [], status: 'loading', error: null, more: false, loadingMore: false }
  let last = Promise.resolve()
  const listeners = new Set<() => void>()

  function become(change: Partial<DirectoryState>): void {
    state = { ...state, ...change }
    for (const listener of listeners) listener()
  }

  /** One after the other, so that an answer never meets pages other than those it was asked for. */
  function queue(work: () => Promise<void>): void {
    last = last.then(work).catch((error: unknown) => become({ status: 'failed', error, loadingMore: false }))
  }

  function show(next: readonly Page[]): void {
    pages = next
    const end = pages.at(-1)
    become({
      entries: pages.flatMap(({ entries }) => entries),
      status: 'ready',
      error: null,
      more: end !== undefined && end.upTo !== null,
      loadingMore: false,
    })
  }

  async function read(after: string | undefined): Promise<Page> {
    const { entries, next } = await browse(after === undefined ? { limit } : { after, limit })
    return { after, upTo: next, entries }
  }

  async function readAgain(page: Page): Promise<readonly Page[]> {
    const found: Page[] = []
    let after = page.after
    for (;;) {
      const next = await read(after)
      const bound = page.upTo
      if (bound === null || next.upTo === null || precedes(bound, next.upTo)) {
        // Names behind the old end belong to the next page; the last page may end wherever it now does.
        if (bound === null) return [...found, next]
        const within = next.entries.filter((entry) => !precedes(bound, nameOf(entry)))
        return [...found, { after, upTo: bound, entries: within }]
      }
      found.push(next)
      after = next.upTo
      if (after === bound) return found
    }
  }

  async function again(isStale: (page: Page) => boolean): Promise<void> {
    if (pages.length === 0) return show([await read(undefined)])
    const next: Page[] = []
    for (const page of pages) next.push(...(isStale(page) ? await readAgain(page) : [page]))
    show(next)
  }

  queue(() => again(() => true))

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
      queue(async () => {
        const end = pages.at(-1)
        if (end === undefined || end.upTo === null) return become({ loadingMore: false })
        show([...pages, await read(end.upTo)])
      })
    },
    touched(names) {
      queue(async () => {
        const isStale = (page: Page): boolean => names.some((name) => holds(page, name))
        if (pages.length === 0 || pages.some(isStale)) await again(isStale)
      })
    },
    refresh: () => queue(() => again(() => true)),
  }
}

function holds({ after, upTo }: Page, name: string): boolean {
  return (after === undefined || precedes(after, name)) && (upTo === null || !precedes(upTo, name))
}

function nameOf({ state }: EntryView): string {
  return state.name
}

/** The coordinator's order: by code points, as UTF-8 bytes compare. JavaScript alone compares by halves of surrogate pairs. */
function precedes(a: string, b: string): boolean {
  const most = Math.min(a.length, b.length)
  for (let at = 0; at < most; at++) {
    const x = a.charCodeAt(at)
    const y = b.charCodeAt(at)
    if (x === y) continue
    const isHigh = (code: number): boolean => code >= 0xd800 && code <= 0xdfff
    return isHigh(x) === isHigh(y) ? x < y : isHigh(y)
  }
  return a.length < b.length
}
