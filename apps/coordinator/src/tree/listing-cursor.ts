import { SyncError, type DirectorySums, type EntryState } from '@causeway/protocol'
import type { ListingPosition } from '@causeway/store'
import type { ListingOrder } from '@causeway/engine'

/** Where a listing goes on, as text for the reader to hand back: whether a directory, what it is sorted by, its name. */
export function cursorOf(order: ListingOrder, state: EntryState, within: DirectorySums | null): string {
  const { name, content } = state
  const isDirectory = content.kind === 'directory'
  return `${isDirectory ? 'd' : 'f'} ${valueOf(order, content, within)} ${name}`
}

/** Throws `bad-request` for what is no such text. */
export function positionOf(cursor: string): ListingPosition {
  const [, kind, value, name] = /^([df]) (-?\d{1,16}) (.+)$/s.exec(cursor) ?? []
  if (kind === undefined || value === undefined || name === undefined) {
    throw new SyncError('bad-request', '`after` must be the `next` of the page before')
  }
  return { isDirectory: kind === 'd', value: Number(value), name }
}

function valueOf(order: ListingOrder, content: EntryState['content'], within: DirectorySums | null): number {
  if (order === 'size') return content.kind === 'file' ? content.size : (within?.bytes ?? 0)
  if (order !== 'changed') return 0
  return content.kind === 'file' ? Number(BigInt(content.mtimeNs) / 1_000_000n) : (within?.newestMs ?? 0)
}
