import type { ThroughputBy, ThroughputResponse, ThroughputSpan } from '@causeway/protocol'
import { keepPreviousData, useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query'
import { useEffect } from 'react'
import { client } from '../../data/client.ts'
import { useLive, useLiveStore } from '../../live/use-live.ts'
import { useNow } from '../../parts/clock.ts'

/** What moves tells of itself often: the sums are asked for again at most so often. */
const AGAIN_MS = 3_000
const MINUTE_MS = 60_000

/** The series, asked for again when something moved and when a minute begins. */
export function useThroughput(span: ThroughputSpan, by: ThroughputBy): UseQueryResult<ThroughputResponse> {
  const store = useLiveStore()
  const queries = useQueryClient()
  const connection = useLive((state) => state.connection)
  const minute = Math.floor(useNow() / MINUTE_MS)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const again = (): void => {
      timer = undefined
      void queries.invalidateQueries({ queryKey: ['throughput'] })
    }
    const stop = store.onMessage(({ kind }) => {
      if (kind === 'event' || kind === 'traffic') timer ??= setTimeout(again, AGAIN_MS)
    })
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [store, queries])
  return useQuery({
    queryKey: ['throughput', span, by, minute, connection === 'live'],
    queryFn: () => client.throughput({ span, by }),
    placeholderData: keepPreviousData,
  })
}
