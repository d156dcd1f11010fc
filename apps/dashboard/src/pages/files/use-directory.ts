import type { FolderId } from '@causeway/protocol'
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { client } from '../../data/client.ts'
import { useLiveStore } from '../../live/use-live.ts'
import { createDirectory, PAGE_ENTRIES, type Directory } from './directory.ts'
import { isWithin, nameOf, parentOf } from './paths.ts'
import { directoriesFirst, rowOfEntry, type Row } from './row.ts'

/** Changes come in bursts: what they touch is read at most so often. */
const TOGETHER_MS = 300

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
  useFollow(directory, folder, path)
  const rows = useMemo(() => {
    const all = state.entries.map(rowOfEntry)
    // Only a directory that is known to its end can be put in another order than the coordinator's.
    return !state.more && all.length <= PAGE_ENTRIES ? directoriesFirst(all) : all
  }, [state.entries, state.more])
  const { status, error, more, loadingMore } = state
  return { rows, status, error, more, loadingMore, loadMore: directory.loadMore, refresh: directory.refresh }
}

function useFollow(directory: Directory, folder: FolderId, path: string): void {
  const store = useLiveStore()
  useEffect(() => {
    let names = new Set<string>()
    let everything = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = store.onMessage((message) => {
      if (message.kind !== 'event' || message.event.folder !== folder || message.event.seq === 0) return
      const { path: changed, pathBefore } = message.event
      for (const one of [changed, pathBefore]) {
        if (one === null) continue
        if (parentOf(one) === path) names.add(nameOf(one))
        // What happens to a directory above happens to this one.
        else if (path !== '' && isWithin(path, one)) everything = true
      }
      if (changed === null) everything = true
      if (names.size === 0 && !everything) return
      timer ??= setTimeout(() => {
        timer = undefined
        if (everything) directory.refresh()
        else directory.touched([...names])
        names = new Set()
        everything = false
      }, TOGETHER_MS)
    })
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [store, directory, folder, path])
}
