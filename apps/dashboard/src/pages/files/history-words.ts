import type { Order, VersionView } from '@causeway/protocol'
import { parentOf } from './paths.ts'

/** What a version was, against the one before it. */
export function versionWords(version: VersionView, before: VersionView | undefined): string {
  const { registers, deleted, path } = version
  if (deleted) return 'Deleted'
  if (before === undefined) return 'Created'
  const parts: string[] = []
  if (registers.includes('existence')) parts.push('restored')
  if (registers.includes('content')) parts.push(version.content.kind === 'file' ? 'saved' : 'changed')
  if (registers.includes('place') && path !== before.path) {
    parts.push(parentOf(path) === parentOf(before.path) ? 'renamed' : 'moved')
  }
  const words = parts.length === 0 ? 'noted' : parts.join(' and ')
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
