import type { DirectorySums, FolderId } from '@causeway/protocol'
import { useMemo, useSyncExternalStore } from 'react'
import { client } from '../../data/client.ts'
import { createDirectory, type Directory, type Sorting } from './directory.ts'
import { isWithin } from './paths.ts'
import { rowOfEntry, type Row } from './row.ts'
import { useChanges, type Changes } from './use-changes.ts'

export interface ShownDirectory {
  readonly rows: readonly Row[]
  readonly status: 'loading' | 'ready' | 'failed'
  readonly error: unknown
  readonly more: boolean
  readonly loadingMore: boolean
  /** How many there are, with those that are not loaded; null where that is not known. */
  readonly total: number | null
  /** What lies in the directory, however deep; null where none is shown. */
  readonly within: DirectorySums | null
  loadMore(): void
  refresh(): void
}

/** A directory as it is now: it follows the events, and reads anew only what they touched. */
export function useDirectory(folder: FolderId, path: string, { order, isDescending }: Sorting): ShownDirectory {
  const directory = useMemo(() => {
    const sorted = { order, direction: isDescending ? 'desc' : 'asc' } as const
    return createDirectory((page) => client.browse(folder, path, { ...sorted, ...page }), { order, isDescending })
  }, [folder, path, order, isDescending])
  const state = useSyncExternalStore(directory.subscribe, () => directory.state)
  useChanges(folder, (changes) => follow(directory, path, changes))
  const rows = useMemo(() => state.entries.map(rowOfEntry), [state.entries])
  return { ...state, rows, loadMore: directory.loadMore, refresh: directory.refresh }
}

function follow(directory: Directory, path: string, { paths, anywhere }: Changes): void {
  // What happens to a directory above happens to this one.
  if (anywhere || [...paths].some((one) => path !== '' && isWithin(path, one))) {
    return directory.refresh()
  }
  // What changes deeper down changes what is told of the directory that it is in.
  const names = new Set([...paths].filter((one) => isWithin(one, path)).map((one) => nameIn(path, one)))
  if (names.size > 0) directory.touched([...names])
}

/** What a path is, or is in, right in a directory. */
function nameIn(directory: string, path: string): string {
  const below = directory === '' ? path : path.slice(directory.length + 1)
  return below.split('/', 1)[0] ?? below
}
