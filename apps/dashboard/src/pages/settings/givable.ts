import type { FolderId, FolderView, NodeOffer, NodeView } from '@causeway/protocol'
import { isRegisteredOnly } from '../../parts/state-mark.tsx'

/** What became of a folder that was given to a node and that it does not carry: it waits for an answer, or was declined. */
export function offerOf(folder: FolderId, { offers = [] }: NodeView): NodeOffer | undefined {
  return offers.find((offer) => offer.folder === folder)
}

/** The nodes that could be given a folder: those that have joined, do not carry it, and were not offered it; those that declined are offered it again where that is said. */
export function takersOf(folder: FolderId, nodes: readonly NodeView[]): readonly NodeView[] {
  return nodes.filter((node) => {
    const carries = node.folders.some((member) => member.folder === folder)
    return !carries && offerOf(folder, node) === undefined && !isRegisteredOnly(node)
  })
}

/** The folders that a node could be given. */
export function givableTo(node: NodeView, folders: readonly FolderView[]): readonly FolderView[] {
  return folders.filter(({ id }) => takersOf(id, [node]).length > 0)
}
