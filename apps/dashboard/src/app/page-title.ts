import { count } from '../parts/format.ts'
import { isolated } from '../parts/isolated.ts'
import { MORE_PAGES, TABS } from './tabs.ts'

export interface Shown {
  /** The path of the address. */
  readonly page: string
  readonly view: string | undefined
  /** The name of the folder that the address chooses. */
  readonly folder: string | undefined
  /** The directory within it. */
  readonly path: string | undefined
  /** How many things wait for a person. */
  readonly waiting: number
}

const PRODUCT = 'Causeway'

/** The title of the window: what waits first, then what is shown, from the smallest part to the product. */
export function titleOf({ page, view, folder, path, waiting }: Shown): string {
  const parts = [partOf(page, view, path), ...(folder === undefined ? [] : [isolated(folder)]), PRODUCT]
  return `${waiting > 0 ? `(${count(waiting)}) ` : ''}${parts.join(' · ')}`
}

export const SIGN_IN_TITLE = `Sign in · ${PRODUCT}`

function partOf(page: string, view: string | undefined, path: string | undefined): string {
  const tab = [...TABS, ...MORE_PAGES].find(({ to }) => to === page)
  if (tab === undefined) return 'Page not found'
  if (page !== '/') return tab.label
  if (view === 'conflicts') return 'Conflicts'
  if (view === 'deleted') return 'Deleted'
  const directory = path?.split('/').at(-1) ?? ''
  return directory === '' ? tab.label : isolated(directory)
}
