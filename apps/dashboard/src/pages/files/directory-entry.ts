import { EntryIdSchema, FolderIdSchema, type ListedEntry } from '@causeway/protocol'
import { nameOf } from './paths.ts'

/** A directory as the coordinator tells of it, for tests in which only its path matters. */
export function directoryEntry(path: string): ListedEntry {
  const name = nameOf(path)
  const content = { kind: 'directory', mode: 0o755 } as const
  const place = { parent: EntryIdSchema.parse('root'), name, placeVector: {} }
  // Each has an id of its own.
  const id = EntryIdSchema.parse(
    `ash.${Array.from(path).reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 2_147_483_647, 7)}`,
  )
  return {
    folder: FolderIdSchema.parse('docs'),
    path,
    waiting: [],
    within: NOTHING_WITHIN,
    state: { id, seq: 1, ...place, contentVector: {}, content, deleted: false, existenceVector: {} },
  }
}

export const NOTHING_WITHIN = { files: 0, directories: 0, symlinks: 0, bytes: 0, newestMs: null }
