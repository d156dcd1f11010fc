import type { FolderId, FolderView, NodeId, NodeView } from '@causeway/protocol'
import { problemsOf } from './problems-of.ts'

/** What only a person can settle, as the page knows it. */
export interface Waiting {
  /** Open conflicts by folder; folders without any are left out. */
  readonly conflicts: ReadonlyMap<FolderId, number>
  readonly halts: readonly Halted[]
  /** Paths that could not be done. */
  readonly problems: number
}

export interface Halted {
  readonly folder: FolderId
  /** Null where the coordinator itself holds it back. */
  readonly node: NodeId | null
}

export function waitingOf(folders: readonly FolderView[], nodes: Iterable<NodeView>): Waiting {
  const all = [...nodes]
  const known = new Map(folders.map((folder) => [folder.id, folder]))
  const onNodes = all.flatMap(({ id: node, folders: members }) => {
    return members.flatMap(({ folder, report }): Halted[] => {
      // What the coordinator holds back is held back on every node: it counts once.
      const isOwn = report?.state === 'halted' && (known.get(folder)?.halted ?? null) === null
      return isOwn ? [{ folder, node }] : []
    })
  })
  const ofFolders = folders.filter(({ halted }) => halted !== null).map(({ id }) => ({ folder: id, node: null }))
  return {
    conflicts: new Map(folders.flatMap(({ id, openConflicts }) => (openConflicts > 0 ? [[id, openConflicts]] : []))),
    halts: [...ofFolders, ...onNodes],
    problems: all.reduce((sum, node) => sum + problemsOf(node), 0),
  }
}

export function howMany({ conflicts, halts, problems }: Waiting): number {
  return [...conflicts.values()].reduce((sum, count) => sum + count, 0) + halts.length + problems
}
