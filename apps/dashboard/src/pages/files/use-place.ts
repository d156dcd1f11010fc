import { useNavigate, useSearch } from '@tanstack/react-router'
import { BY_NAME, type Sorting } from './directory.ts'

export type View = 'files' | 'conflicts' | 'deleted'
/** The parts of an entry's panel. */
export type EntryTab = 'preview' | 'history' | 'where'

/** Where a person is among the files. It lives in the address, so that Back, a link and a reload lead there. */
export interface Place {
  readonly folder: string | undefined
  readonly path: string
  /** The entry that is looked at. */
  readonly entry: string | undefined
  /** The part of it that is; what suits the entry where none is named. */
  readonly tab: EntryTab | undefined
  readonly sorting: Sorting
  /** What is searched in the names. */
  readonly search: string
  /** The one entry that is selected. */
  readonly selected: string | undefined
  readonly view: View
  /** `isStep`: not worth a step of its own for Back. */
  go(change: Change, isStep?: boolean): void
}

interface Change {
  readonly folder?: string | undefined
  readonly path?: string | undefined
  readonly entry?: string | undefined
  readonly tab?: EntryTab | undefined
  readonly sorting?: Sorting
  readonly search?: string
  readonly selected?: string | undefined
  readonly view?: View
}

export function usePlace(): Place {
  const given = useSearch({ strict: false })
  const navigate = useNavigate()
  return {
    folder: given.folder,
    path: given.path ?? '',
    entry: given.entry,
    tab: TABS.find((tab) => tab === given.tab),
    sorting: sortingOf(given.sort),
    search: given.q ?? '',
    selected: given.select,
    view: given.view === 'conflicts' || given.view === 'deleted' ? given.view : 'files',
    go({ sorting, search, selected, ...rest }, isStep = true) {
      const change = {
        ...rest,
        ...(sorting !== undefined && { sort: sortWord(sorting) }),
        ...(search !== undefined && { q: search }),
        ...(selected !== undefined && { select: selected }),
      }
      // What is as it is without a word needs none in the address.
      const isSaid = ([name, value]: readonly [string, unknown]): boolean =>
        value !== undefined && value !== '' && !(name === 'view' && value === 'files')
      void navigate({
        to: '/',
        search: (before: Record<string, unknown>) =>
          Object.fromEntries(Object.entries({ ...before, ...change }).filter(isSaid)) as never,
        resetScroll: false,
        replace: !isStep,
      })
    },
  }
}

const TABS: readonly EntryTab[] = ['preview', 'history', 'where']

/** "size" is from the smallest on, "-size" from the largest. */
export function sortingOf(word: string | undefined): Sorting {
  const isDescending = word?.startsWith('-') === true
  const order = word?.replace(/^-/, '')
  if (order === 'size' || order === 'changed' || order === 'name') return { order, isDescending }
  return BY_NAME
}

/** Empty for the order that needs no word. */
export function sortWord({ order, isDescending }: Sorting): string {
  return order === 'name' && !isDescending ? '' : `${isDescending ? '-' : ''}${order}`
}
