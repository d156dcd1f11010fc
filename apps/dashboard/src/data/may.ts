import type { FolderId, RightsView } from '@causeway/protocol'

/** What the page offers to whoever looks at it: nothing that would be refused. */
export interface May {
  /** True for admins. */
  readonly administer: boolean
  /** True for those who see every folder, and so what is summed up over all of them. */
  readonly seeAll: boolean
  change(folder: FolderId): boolean
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
