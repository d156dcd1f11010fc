import type { FolderView, MembershipView } from '@causeway/protocol'
import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useLiveStore } from '../live/use-live.ts'
import { client } from './client.ts'

/** Changes come in bursts: what they make stale is asked for again at most so often. */
const AGAIN_MS = 500
const MAKES_STALE: ReadonlySet<string> = new Set(['event', 'node', 'node-removed'])

export function useFolders(): UseQueryResult<FolderView[]> {
  useRefetchOnEvents(['folders'])
  return useQuery({ queryKey: ['folders'], queryFn: () => client.folders() })
}

/** Who carries a folder: nobody, once it is removed. */
export function useMembers(folder: string | undefined): UseQueryResult<MembershipView[]> {
  useRefetchOnEvents(['members', folder])
  const queries = useQueryClient()
  return useQuery({
    queryKey: ['members', folder],
    queryFn: async () => {
      // Folders first: the same event may tell of members and of the folder's end, which may be another page's doing.
      const folders = await queries.fetchQuery({ queryKey: ['folders'], queryFn: () => client.folders() })
      return folders.some(({ id }) => id === folder) ? client.members(folder ?? '') : []
    },
    enabled: folder !== undefined,
  })
}

/** Asks again for what an event, or a node's progress, may have changed. */
export function useRefetchOnEvents(queryKey: readonly unknown[]): void {
  const store = useLiveStore()
  const queries = useQueryClient()
  const key = JSON.stringify(queryKey)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = store.onMessage((message) => {
      if (!MAKES_STALE.has(message.kind)) return
      timer ??= setTimeout(() => {
        timer = undefined
        void queries.invalidateQueries({ queryKey: JSON.parse(key) as unknown[] })
      }, AGAIN_MS)
    })
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [store, queries, key])
}
