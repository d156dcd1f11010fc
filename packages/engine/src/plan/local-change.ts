import type { EntryId } from '@causeway/protocol'
import type { BaseEntry, Stat } from '../tree.ts'

/** One difference between disk and base, not yet read: an `edit` may turn out to be none. */
export type LocalChange = LocalCreate | LocalEdit | LocalMove | LocalDelete

export interface LocalCreate {
  readonly kind: 'create'
  /** The directory it is in, or `undefined` where that one is new as well (see `directoryOf(path)`). */
  readonly parent: EntryId | undefined
  readonly name: string
  readonly path: string
  readonly stat: Stat
}

export interface LocalEdit {
  readonly kind: 'edit'
  readonly base: BaseEntry
  readonly path: string
  readonly stat: Stat
}

export interface LocalMove {
  readonly kind: 'move'
  readonly base: BaseEntry
  readonly parent: EntryId | undefined
  readonly name: string
  readonly path: string
  readonly stat: Stat
}

export interface LocalDelete {
  readonly kind: 'delete'
  readonly base: BaseEntry
  /** Where it was. */
  readonly path: string
}

/** The directories that a scan looked into, by path, with what it found there. */
export type LocalTree = ReadonlyMap<string, readonly { readonly name: string; readonly stat: Stat }[]>
