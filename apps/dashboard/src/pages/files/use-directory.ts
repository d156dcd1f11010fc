import type { FolderId } from '@causeway/protocol'
import { useMemo, useSyncExternalStore } from 'react'
import { client } from '../../data/client.ts'
import { createDirectory, PAGE_ENTRIES, type Directory } from './directory.ts'
import { isWithin, nameOf, parentOf } from './paths.ts'
import { directoriesFirst, rowOfEntry, type Row } from './row.ts'
import { useChanges, type Changes } from './use-changes.ts'

export interface ShownDirectory {
  readonly rows: readonly Row[]
  readonly status: 'loading' | 'ready' | 'failed'
  readonly error: unknown
  readonly more: boolean
  readonly loadingMore: boolean
  loadMore(): void
  refresh(): void
}

/** A directory as it is now: it follows the events, and reads anew only what they touched. */
export function useDirectory(folder: FolderId, path: string): ShownDirectory {
  const directory = useMemo(() => createDirectory((page) => client.browse(folder, path, page)), [folder, path])
  const state = useSyncExternalStore(directory.subscribe, () => directory.state)
  useChanges(folder, (changes) => follow(directory, path, changes))
  const rows = useMemo(() => {
    const all = state.entries.map(rowOfEntry)
    // Only a directory that is known to its end can be put in another order than the coordinator's.
    return !state.more && all.length <= PAGE_ENTRIES ? directoriesFirst(all) : all
  }, [state.entries, state.more])
  const { status, error, more, loadingMore } = state
  return { rows, status, error, more, loadingMore, loadMore: directory.loadMore, refresh: directory.refresh }
}

function follow(directory: Directory, path: string, { paths, anywhere }: Changes): void {
  // What happens to a directory above happens to this one.
  if (anywhere || [...paths].some((one) => path !== '' && isWithin(path, one))) return directory.refresh()
  const names = [...paths].filter((one) => parentOf(one) === path).map(nameOf)
  if (names.length > 0) directory.touched(names)
}
