import { useLocation, useSearch } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useFolders } from '../data/folders.ts'
import { howMany, waitingOf } from '../data/waiting.ts'
import { useLive } from '../live/use-live.ts'
import { titleOf } from './page-title.ts'

/** Keeps the title of the window true. */
export function usePageTitle(): void {
  const { pathname: page } = useLocation()
  const { view, folder: chosen, path } = useSearch({ strict: false })
  const nodes = useLive((state) => state.nodes)
  const { data: folders = [] } = useFolders()
  const folder = folders.find(({ id }) => id === chosen)?.name
  const title = titleOf({ page, view, folder, path, waiting: howMany(waitingOf(folders, nodes.values())) })
  useEffect(() => {
    document.title = title
  }, [title])
}
