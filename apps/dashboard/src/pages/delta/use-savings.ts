import type { SavingsResponse, Transfer, TransferOrder } from '@causeway/protocol'
import { keepPreviousData, useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query'
import { useEffect } from 'react'
import { client } from '../../data/client.ts'
import { useLive, useLiveStore } from '../../live/use-live.ts'

export interface Chosen {
  readonly folder?: string | undefined
  readonly node?: string | undefined
  readonly direction?: 'up' | 'down' | undefined
}

/** Transfers come in bursts: sums are asked for again at most so often. */
const AGAIN_MS = 1_000

/** Sums by the hour, from a moment on. */
export function useSavings(
  { folder, node, direction }: Chosen,
  since: string | undefined,
): UseQueryResult<SavingsResponse> {
  const queryKey = ['savings', folder, node, direction, since]
  useAgainOnTransfers('savings')
  const query = { ...(node !== undefined && { node }), ...(direction !== undefined && { direction }), since }
  return useQuery({ queryKey, queryFn: () => client.savings(folder, query), placeholderData: keepPreviousData })
}

/** Single transfers, as many as are asked for. */
export function useTransfers(
  { folder, node, direction, entry }: Chosen & { readonly entry?: string | undefined },
  order: TransferOrder,
  limit: number,
): UseQueryResult<readonly Transfer[]> {
  const queryKey = ['transfers', folder, node, direction, entry, order, limit]
  useAgainOnTransfers('transfers')
  const query = {
    order,
    limit,
    ...(node !== undefined && { node }),
    ...(direction !== undefined && { direction }),
    ...(entry !== undefined && { entry }),
  }
  return useQuery({
    queryKey,
    queryFn: async () => (await client.transfers(folder, query)).transfers,
    placeholderData: keepPreviousData,
  })
}

/** Asks again when something crossed, and after the connection was lost. */
function useAgainOnTransfers(key: string): void {
  const store = useLiveStore()
  const queries = useQueryClient()
  const connection = useLive((state) => state.connection)
  useEffect(() => {
    if (connection === 'live') void queries.invalidateQueries({ queryKey: [key] })
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = store.onMessage((message) => {
      if (message.kind !== 'transfers') return
      timer ??= setTimeout(() => {
        timer = undefined
        void queries.invalidateQueries({ queryKey: [key] })
      }, AGAIN_MS)
    })
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [store, queries, key, connection])
}
