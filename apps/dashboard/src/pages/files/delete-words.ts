import type { EverythingCount } from '@causeway/protocol'
import { bytes, plural } from '../../parts/format.ts'
import type { Row } from './row.ts'

export type Counted = Omit<EverythingCount, 'asOf' | 'entries'>

/** What goes with some rows, as far as they tell it. */
export function countRows(rows: readonly Row[]): Counted {
  const counted = { directories: 0, inDirectories: { files: 0, bytes: 0 }, files: 0, bytes: 0 }
  for (const { kind, size, within } of rows) {
    if (kind === 'directory') {
      counted.directories++
      counted.inDirectories.files += (within?.files ?? 0) + (within?.symlinks ?? 0)
      counted.inDirectories.bytes += within?.bytes ?? 0
    } else {
      counted.files++
      counted.bytes += size ?? 0
    }
  }
  return counted
}

/** The question before a delete: what goes, in numbers, and that it is not lost. */
export function deleteWords({ directories, inDirectories, files, bytes: size }: Counted): string {
  const parts = [
    ...(directories > 0
      ? [
          `${plural(directories, 'directory', 'directories')} with ${
            inDirectories.files === 0
              ? 'no file'
              : `${plural(inDirectories.files, 'file')} (${bytes(inDirectories.bytes)})`
          } in ${directories === 1 ? 'it' : 'them'}`,
        ]
      : []),
    ...(files > 0 ? [`${plural(files, 'file')} (${bytes(size)})`] : []),
  ]
  return `${parts.join(', and ')}: gone from every node. History keeps what was in them, and you can bring it back.`
}
