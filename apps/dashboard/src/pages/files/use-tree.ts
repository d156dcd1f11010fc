import type { FolderId, HistoryEvent } from '@causeway/protocol'
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { client } from '../../data/client.ts'
import { createTree, type Tree } from './tree.ts'
import { useChanges } from './use-changes.ts'

/** The directories of a folder as they are now, open along the way to one of them. */
export function useTree(folder: FolderId, current: string): Tree {
  const tree = useMemo(
    () => createTree((path, page) => client.browse(folder, path, { ...page, kind: 'directory' })),
    [folder],
  )
  useSyncExternalStore(tree.subscribe, () => tree.state)
  useChanges(folder, (changes) => tree.changed(changes), canBeDirectory)
  useEffect(() => tree.openTo(current), [tree, current])
  return tree
}

/** Files have a size. What is edited stays where it is. */
function canBeDirectory({ sizeBytes, kind }: HistoryEvent): boolean {
  return sizeBytes === null && kind !== 'edit'
}
