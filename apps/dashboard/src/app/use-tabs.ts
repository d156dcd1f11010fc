import type { SessionView } from '@causeway/protocol'
import { mayOf } from '../data/may.ts'
import { useSession } from '../data/rights.ts'
import { MORE_PAGES, TABS, type Tab } from './tabs.ts'

/** The pages of whoever looks: `tabs` in the rail, `more` where there is room. */
export interface Pages {
  readonly tabs: readonly Tab[]
  readonly more: readonly Tab[]
}

export function usePages(): Pages {
  return pagesOf(useSession())
}

/** All pages but those about all folders at once, which are for those who see all of them. */
export function pagesOf(session: SessionView | undefined): Pages {
  const may = mayOf(session?.rights)
  // Until it is known who looks, nothing jumps: most see all.
  const seesAll = session === undefined || may.seeAll
  const isHidden: Partial<Record<Tab['to'], boolean>> = {
    '/delta': !seesAll,
    '/monitor': !seesAll,
    '/people': !may.administer,
    '/audit': !may.administer,
    '/account': session?.hasAccount !== true,
  }
  const shown = ({ to }: Tab): boolean => isHidden[to] !== true
  return { tabs: TABS.filter(shown), more: MORE_PAGES.filter(shown) }
}
