import type { FolderId } from '@causeway/protocol'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { client } from '../../data/client.ts'
import { useRefetchOnEvents } from '../../data/folders.ts'
import { rowOfFile } from './row.ts'
import type { Sorting } from './directory.ts'
import { useDirectory, type ShownDirectory } from './use-directory.ts'

const FOUND_AT_MOST = 500

/** The rows of a directory or, where something is searched, those of the files it is in the name of. */
export function useShownRows(folder: FolderId, path: string, search: string, sorting: Sorting): ShownDirectory {
  const directory = useDirectory(folder, path, sorting)
  const queryKey = ['search', folder, search]
  useRefetchOnEvents(queryKey)
  const found = useQuery({
    queryKey,
    queryFn: () => client.files({ folder, search, limit: FOUND_AT_MOST }),
    enabled: search !== '',
    placeholderData: keepPreviousData,
    staleTime: 0,
    select: ({ files, next }) => ({ rows: files.map(rowOfFile), more: next !== null }),
  })
  if (search === '') return directory
  return {
    rows: found.data?.rows ?? [],
    more: found.data?.more ?? false,
    status: found.error !== null ? 'failed' : found.data === undefined ? 'loading' : 'ready',
    error: found.error,
    loadingMore: false,
    total: null,
    within: null,
    loadMore: () => undefined,
    refresh: () => void found.refetch(),
  }
}
