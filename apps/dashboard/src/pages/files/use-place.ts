import { useNavigate, useSearch } from '@tanstack/react-router'

export type View = 'files' | 'conflicts' | 'deleted'

/** Where a person is among the files. It lives in the address, so that Back, a link and a reload lead there. */
export interface Place {
  readonly folder: string | undefined
  readonly path: string
  /** The entry that is looked at. */
  readonly entry: string | undefined
  readonly view: View
  go(change: {
    readonly folder?: string | undefined
    readonly path?: string | undefined
    readonly entry?: string | undefined
    readonly view?: View
  }): void
}

export function usePlace(): Place {
  const search = useSearch({ strict: false })
  const navigate = useNavigate()
  return {
    folder: search.folder,
    path: search.path ?? '',
    entry: search.entry,
    view: search.view === 'conflicts' || search.view === 'deleted' ? search.view : 'files',
    go(change) {
      const next = { ...search, ...change }
      if (next.view === 'files') next.view = undefined
      if (next.path === '') next.path = undefined
      void navigate({ to: '/', search: next as never, resetScroll: false })
    },
  }
}
