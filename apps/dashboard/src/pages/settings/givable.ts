import type { FolderId, FolderView, NodeView } from '@causeway/protocol'
import { isRegisteredOnly } from '../../parts/state-mark.tsx'

/** Whether a folder was given to a node which has not said yet where it is to keep it. */
export function isOffered(folder: FolderId, { offers = [] }: NodeView): boolean {
  return offers.some((offer) => offer.folder === folder)
}

/** The nodes that could be given a folder: those that have joined, do not carry it, and were not offered it. */
export function takersOf(folder: FolderId, nodes: readonly NodeView[]): readonly NodeView[] {
  return nodes.filter((node) => {
    const carries = node.folders.some((member) => member.folder === folder)
    return !carries && !isOffered(folder, node) && !isRegisteredOnly(node)
  })
}

/** The folders that a node could be given. */
export function givableTo(node: NodeView, folders: readonly FolderView[]): readonly FolderView[] {
  return folders.filter(({ id }) => takersOf(id, [node]).length > 0)
}
