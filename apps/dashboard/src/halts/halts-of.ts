import { obstacleToPuttingBack } from '@causeway/engine'
import type { FolderView, HeldReport, NodeView } from '@causeway/protocol'

/** Something that goes on only when a person has done something. */
export interface Halt {
  readonly folder: FolderView
  /** Where; null where the coordinator itself holds it back. */
  readonly node: NodeView | null
  /** `removal`: deletes wait for a word. `root`: the directory is not there, and no word helps. */
  readonly kind: 'removal' | 'root'
  readonly reason: string
  /** What would go, of how many; 0 where that is not known. */
  readonly removed: number
  readonly live: number
  readonly sample: readonly string[]
  /** The same by directory; null where that is not known. */
  readonly held: HeldReport | null
  /** Why the node can't put it back, as the end of a sentence that begins with its name; null where it can. */
  readonly obstacle: string | null
}

const ROOT_CODES: ReadonlySet<string> = new Set(['root-missing', 'root-foreign'])
const UNKNOWN = { removed: 0, live: 0, sample: [], held: null, obstacle: null }

/** What is halted in a folder: by the coordinator first, then node by node. */
export function haltsOf(folder: FolderView, nodes: Iterable<NodeView>): readonly Halt[] {
  const told = [...nodes].flatMap((node) => haltsOfNode(node, [folder]))
  // What a node tells in full the coordinator need not repeat.
  const isTold = told.some(({ kind }) => kind === 'removal')
  if (folder.halted === null || isTold) return told
  return [{ folder, node: null, kind: 'removal', reason: folder.halted, ...UNKNOWN }, ...told]
}

/** What one node waits with. */
export function haltsOfNode(node: NodeView, folders: readonly FolderView[]): readonly Halt[] {
  return node.folders.flatMap(({ folder: id, access, report }): Halt[] => {
    const folder = folders.find((known) => known.id === id)
    if (folder === undefined || report?.state !== 'halted') return []
    const lost = report.problems.find(({ code }) => ROOT_CODES.has(code))
    if (lost !== undefined) return [{ folder, node, kind: 'root', reason: lost.message, ...UNKNOWN }]
    const { halted } = report
    if (!halted || (halted.removed === 0 && folder.halted !== null)) return []
    const obstacle = obstacleToPuttingBack(access, halted)
    return [{ folder, node, kind: 'removal', ...halted, held: halted.held ?? null, obstacle }]
  })
}
