import { joinPath, type BaseEntry } from '@causeway/engine'
import { LIMITS, type EntryId } from '@causeway/protocol'
import { ASIDE_ID } from './base-overlay.ts'
import { ASIDE_DIRECTORY } from './disk/relative-path.ts'

/** An entry's base once it has stepped aside. Its name there says which entry it is, and what it was called. */
export function asAside(entry: BaseEntry): BaseEntry {
  let name = `${entry.id}~${entry.name}`
  while (Buffer.byteLength(name) > LIMITS.nameBytes || !name.isWellFormed()) name = name.slice(0, -1)
  return { ...entry, parent: ASIDE_ID, name }
}

export function asidePath({ name }: BaseEntry): string {
  return joinPath(ASIDE_DIRECTORY, name)
}

/** Which entry a name in the directory of those that stepped aside stands for, and what it was called. */
export function parseAsideName(name: string): { readonly id: EntryId; readonly name: string } {
  const cut = name.indexOf('~')
  return { id: name.slice(0, cut) as EntryId, name: name.slice(cut + 1) }
}
