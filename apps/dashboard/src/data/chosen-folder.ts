import type { FolderView } from '@causeway/protocol'

/** The folder a page shows: the one its address names, else the one in which most has happened. */
export function chosenFolder(
  folders: readonly FolderView[] | undefined,
  named: string | undefined,
): FolderView | undefined {
  const found = folders?.find(({ id }) => id === named)
  return found ?? folders?.toSorted((a, b) => b.head - a.head)[0]
}
