import type { FolderId } from './ids.ts'
import { printable } from './printable.ts'

/** A text as one word to a POSIX shell: quoted where it needs to be. */
export function shellWord(text: string): string {
  return /^[\w./@%+,:-]+$/.test(text) ? text : shellQuoted(text)
}

/** A text between quotes, for a POSIX shell, whatever is in it. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/** What a person types in a command for a folder: its name or, where the name holds what nobody sees or types, its id. */
export function folderWord({ id, name }: { readonly id: FolderId; readonly name: string }): string {
  return shellWord(printable(name) === name ? name : id)
}
