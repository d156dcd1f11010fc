import { EntryIdSchema, FolderIdSchema, type EntryView } from '@causeway/protocol'
import { nameOf } from './paths.ts'

/** A directory as the coordinator tells of it, for tests in which only its path matters. */
export function directoryEntry(path: string): EntryView {
  const id = EntryIdSchema.parse('ash.1')
  const content = { kind: 'directory', mode: 0o755 } as const
  const place = { parent: EntryIdSchema.parse('root'), name: nameOf(path), placeVector: {} }
  return {
    folder: FolderIdSchema.parse('docs'),
    path,
    waiting: [],
    state: { id, seq: 1, ...place, contentVector: {}, content, deleted: false, existenceVector: {} },
  }
}
