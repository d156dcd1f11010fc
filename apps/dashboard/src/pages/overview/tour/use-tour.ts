import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { client } from '../../../data/client.ts'
import { useRefetchOnEvents } from '../../../data/folders.ts'
import { useLiveStore } from '../../../live/use-live.ts'
import { withConflicts, withEvents, type OpenConflict } from './progress.ts'
import { tourOf, type TourStore } from './tour-store.ts'

/** So many events are asked for at once, and at most so often: what lies further back is not looked for. */
const EVENTS = { limit: 1000, pages: 20 }

/** The tour of the coordinator that served the page; `undefined` until it is known which one that is. */
export function useTour(): TourStore | undefined {
  const { data } = useQuery({ queryKey: ['health'], queryFn: () => client.health() })
  return data === undefined ? undefined : tourOf(data.coordinator)
}

/** Ticks the steps as they happen, and first those that happened while no page looked. */
export function useTicking(tour: TourStore, isBegun: boolean): void {
  useEvents(tour, isBegun)
  useConflicts(tour, isBegun)
}

function useEvents(tour: TourStore, isBegun: boolean): void {
  const live = useLiveStore()
  useEffect(() => {
    if (!isBegun) return undefined
    let isCurrent = true
    const stop = live.onMessage((message) => {
      // What comes before the past was read would hide it.
      if (message.kind === 'event') void past.then(() => take([message.event])).catch(() => undefined)
    })
    const past = catchUp()
    // Once the connection stands again, the events that were missed come by themselves.
    past.catch(() => undefined)
    return () => {
      isCurrent = false
      stop()
    }

    function take(events: Parameters<typeof withEvents>[1]): void {
      if (isCurrent) tour.become(withEvents(tour.progress, events))
    }

    async function catchUp(): Promise<void> {
      for (let page = 0; page < EVENTS.pages && isCurrent; page++) {
        const events = await client.pastEvents({ after: tour.progress.seen ?? 0, limit: EVENTS.limit })
        take(events)
        if (events.length < EVENTS.limit) return
      }
    }
  }, [tour, live, isBegun])
}

function useConflicts(tour: TourStore, isBegun: boolean): void {
  const queryKey = ['tour-conflicts']
  useRefetchOnEvents(queryKey)
  const { data } = useQuery({ queryKey, queryFn: openConflicts, enabled: isBegun, staleTime: 0 })
  useEffect(() => {
    if (data !== undefined) tour.become(withConflicts(tour.progress, data, new Date().toISOString()))
  }, [tour, data])
}

async function openConflicts(): Promise<readonly OpenConflict[]> {
  const folders = (await client.folders()).filter((folder) => folder.openConflicts > 0)
  const lists = await Promise.all(folders.map(({ id }) => client.conflicts(id)))
  return lists.flat().map(({ folder, copy }) => ({ key: `${folder} ${copy}` }))
}
