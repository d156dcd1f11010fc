import type { EditOperation, EntryState, ModeSetBy } from '@causeway/protocol'
import { touched, versionsBeside, type Deciding } from './deciding.ts'
import { modeAfterEdit, setsMode } from './merge-content.ts'
import { savesOf, withSaves } from './saves.ts'

/** A mode that was set counts for every version of the file that the node took for one. */
export function setModeBeside(
  deciding: Deciding,
  operation: EditOperation,
  { current, set }: { readonly current: EntryState; readonly set: ModeSetBy },
): void {
  if (!setsMode(operation)) return
  const { tree, author } = deciding
  for (const copy of versionsBeside(deciding, current)) {
    const moded = modeAfterEdit(copy, operation, { content: copy.content, set })
    if (moded.content === copy.content) continue
    const next = { ...copy, ...moded, contentVector: touched(copy.contentVector, author) }
    tree.put(withSaves(next, savesOf(copy)), ['content'], author)
  }
}

/** The rival that keeps the name, with the mode that came with the other's bytes. */
export function withModeOf(
  { tree, author }: Deciding,
  operation: EditOperation,
  { current, set }: { readonly current: EntryState; readonly set: ModeSetBy },
): EntryState {
  if (!setsMode(operation)) return current
  const moded = modeAfterEdit(current, operation, { content: current.content, set })
  if (moded.content === current.content) return current
  const next = { ...current, ...moded, contentVector: touched(current.contentVector, author) }
  return tree.put(withSaves(next, savesOf(current)), ['content'], author)
}
