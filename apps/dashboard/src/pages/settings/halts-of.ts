import type { FolderView, NodeView } from '@causeway/protocol'

/** Something that goes on only when a person has done something. */
export interface Halt {
  /** Where; null where the coordinator itself holds it back. */
  readonly node: NodeView | null
  /** `removal`: deletes wait for a word. `root`: the directory is not there, and no word helps. */
  readonly kind: 'removal' | 'root'
  readonly reason: string
  /** What would go, of how many; 0 where that is not known. */
  readonly removed: number
  readonly live: number
  readonly sample: readonly string[]
}

const ROOT_CODES: ReadonlySet<string> = new Set(['root-missing', 'root-foreign'])

/** What is halted in a folder: by the coordinator first, then node by node. */
export function haltsOf(folder: FolderView, nodes: readonly NodeView[]): readonly Halt[] {
  const unknown = { removed: 0, live: 0, sample: [] }
  const own: Halt[] = folder.halted === null ? [] : [{ node: null, kind: 'removal', reason: folder.halted, ...unknown }]
  const told = nodes.flatMap((node) =>
    node.folders.flatMap(({ folder: id, report }): Halt[] => {
      if (id !== folder.id || report?.state !== 'halted') return []
      const lost = report.problems.find(({ code }) => ROOT_CODES.has(code))
      if (lost !== undefined) return [{ node, kind: 'root', reason: lost.message, ...unknown }]
      const { halted } = report
      // What the coordinator holds back is told above, once.
      if (!halted || (halted.removed === 0 && folder.halted !== null)) return []
      return [{ node, kind: 'removal', ...halted }]
    }),
  )
  return [...own, ...told]
}
