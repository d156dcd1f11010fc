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
  const now = useSearch({ strict: false })
  const navigate = useNavigate()
  return {
    folder: now.folder,
    path: now.path ?? '',
    entry: now.entry,
    tab: TABS.find((tab) => tab === now.tab),
    sorting: sortingOf(now.sort),
    search: now.q ?? '',
    selected: now.select,
    view: now.view === 'conflicts' || now.view === 'deleted' ? now.view : 'files',
    go(given, isStep = true) {
      const { sorting, search, selected, ...rest } = given
      const change = {
        ...rest,
        ...(sorting !== undefined && { sort: sortWord(sorting) }),
        ...(search !== undefined && { q: search }),
        // To say that nothing is selected is to change something, too.
        ...('selected' in given && { select: selected }),
        // What was chosen of one file or conflict is nothing of another.
        ...('entry' in given && given.entry !== now.entry && { versions: undefined }),
        ...('view' in given && { conflict: undefined }),
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
