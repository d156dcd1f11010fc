import type { HistoryEvent } from '@causeway/protocol'
import { useEffect, useMemo, useState } from 'react'
import { client } from '../../data/client.ts'
import { useLive, useLiveStore } from '../../live/use-live.ts'

const PAGE = 1000
/** More than this is not loaded at once; a filter by time or file reaches further back. */
const MOST_EVENTS = 100_000

/** A burst is one change to the page. */
const SHOWN_WITHIN_MS = 200

/** The newest events of each entry, oldest first. */
async function eventsOf(folder: string, entries: readonly string[]): Promise<readonly HistoryEvent[]> {
  const pages = await Promise.all(entries.map((entry) => client.pastEvents({ folder, entry, limit: PAGE })))
  const byPosition = new Map(pages.flat().map((event) => [event.position, event]))
  return [...byPosition.values()].toSorted((a, b) => a.position - b.position)
}

export interface Loaded {
  /** Oldest first. */
  readonly events: readonly HistoryEvent[]
  readonly loading: boolean
  /** True if there are older ones than those here. */
  readonly more: boolean
  loadMore(): void
  readonly error: unknown
}

/**
 * The folder's events, newest page first, and every new one as it happens. Given entries (their ids, with commas
 * between them), those of these alone, however old.
 */
export function useHistory(folder: string | undefined, entries: string | undefined): Loaded {
  const store = useLiveStore()
  const connection = useLive((state) => state.connection)
  const [older, setOlder] = useState<readonly HistoryEvent[]>([])
  const [fresh, setFresh] = useState<readonly HistoryEvent[]>([])
  const [pages, setPages] = useState(2)
  const [loading, setLoading] = useState(true)
  const [more, setMore] = useState(false)
  const [error, setError] = useState<unknown>(null)

  useEffect(() => {
    let stopped = false
    async function load(): Promise<void> {
      setLoading(true)
      if (folder !== undefined && entries !== undefined) {
        const found = await eventsOf(folder, entries.split(','))
        if (stopped) return
        setOlder(found)
        setMore(false)
        setError(null)
        setLoading(false)
        return
      }
      const found: HistoryEvent[] = []
      let before: number | undefined
      for (let page = 0; page < pages && found.length < MOST_EVENTS; page++) {
        const query = { limit: PAGE, ...(folder !== undefined && { folder }), ...(before !== undefined && { before }) }
        const events = await client.pastEvents(query)
        if (stopped) return
        found.push(...events)
        before = events.at(-1)?.position
        setMore(events.length === PAGE)
        if (events.length < PAGE || before === undefined) break
      }
      setOlder(found.toReversed())
      setError(null)
      setLoading(false)
    }
    load().catch((failure: unknown) => {
      if (stopped) return
      setError(failure)
      setLoading(false)
    })
    return () => {
      stopped = true
    }
  }, [folder, entries, pages, connection === 'lost'])

  useEffect(() => {
    let waiting: HistoryEvent[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = store.onMessage((message) => {
      if (message.kind !== 'event' || (folder !== undefined && message.event.folder !== folder)) return
      waiting.push(message.event)
      timer ??= setTimeout(() => {
        timer = undefined
        const arrived = waiting
        waiting = []
        setFresh((known) => [...known, ...arrived].slice(-MOST_EVENTS))
      }, SHOWN_WITHIN_MS)
    })
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [store, folder])

  const events = useMemo(() => {
    const last = older.at(-1)?.position ?? 0
    const wanted = entries === undefined ? undefined : new Set(entries.split(','))
    const isShown = ({ position, entry }: HistoryEvent): boolean => {
      return position > last && (wanted === undefined || (entry !== null && wanted.has(entry)))
    }
    return [...older, ...fresh.filter(isShown)]
  }, [older, fresh, entries])
  return { events, loading, more, loadMore: () => setPages((count) => count * 2), error }
}
