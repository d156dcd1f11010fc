import type { FolderView } from '@causeway/protocol'
import { bytes, listOf, plural } from '../../parts/format.ts'

/** What a folder holds, as the end of a sentence that begins with its name. */
export function holds({ files, directories, symlinks, bytes: size }: FolderView['counts']): string {
  if (files + directories + symlinks === 0) return 'holds nothing'
  const parts = [
    plural(files, 'file'),
    ...(directories > 0 ? [plural(directories, 'directory', 'directories')] : []),
    ...(symlinks > 0 ? [plural(symlinks, 'link')] : []),
  ]
  return `holds ${listOf(parts)}, ${bytes(size)}`
}

/** Which nodes carry a folder that is to be removed, and what becomes of their files: whole sentences. */
export function carriedBy(names: readonly string[]): string {
  if (names.length === 0) return 'No node has it.'
  const [who, whose] =
    names.length === 1 ? ['1 node carries', 'its disk'] : [`${names.length} nodes carry`, 'their disks']
  return `${who} it (${listOf(names)}): the files on ${whose} stay where they are, and are no longer synced.`
}
