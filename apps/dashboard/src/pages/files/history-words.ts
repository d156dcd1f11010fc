import { versionChange, type Order, type VersionView } from '@causeway/protocol'

/** What a version was, against the one before it. */
export function versionWords(version: VersionView, before: VersionView | undefined): string {
  const words = versionChange(version, before)
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

/** How two versions stand, the first being the older in the list. */
export function orderWords(order: Order): string {
  switch (order) {
    case 'before':
      return 'The author of the newer one had seen the older one.'
    case 'after':
      return 'The author of the older one had seen the newer one.'
    case 'concurrent':
      return 'Neither had seen the other: as far as anyone can tell, they were made at the same time.'
    case 'equal':
      return 'Both are the same state.'
  }
}
