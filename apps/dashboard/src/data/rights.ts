import type { FolderId, RightsView, SessionView } from '@causeway/protocol'
import { useQuery } from '@tanstack/react-query'
import { client } from './client.ts'

/** Who looks at this page, and what they may do; undefined until it is known. */
export function useSession(): SessionView | undefined {
  return useQuery({ queryKey: ['session'], queryFn: () => client.session() }).data
}

/** What the page offers to whoever looks at it: nothing that would be refused. */
export interface May {
  /** True for admins. */
  readonly administer: boolean
  /** True for those who see every folder, and so what is summed up over all of them. */
  readonly seeAll: boolean
  change(folder: FolderId): boolean
}

export function useMay(): May {
  return mayOf(useSession()?.rights)
}

export function mayOf(rights: RightsView | undefined): May {
  if (rights === undefined) return { administer: false, seeAll: false, change: () => false }
  const { administers, everywhere, folders } = rights
  return {
    administer: administers === 'all',
    seeAll: everywhere !== null,
    change: (folder) => (folders.find((one) => one.folder === folder)?.role ?? everywhere) === 'editor',
  }
}
