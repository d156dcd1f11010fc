import type { FolderId, FolderReport, NodeId } from '@causeway/protocol'
import type { BroadcastMessages, Speaker } from '../ports/broadcasts.ts'

/** The nodes that are linked to other coordinators, as those say. */
export interface Elsewhere {
  /** Each of these returns the nodes that came or went by it. */
  linked(message: BroadcastMessages['linked']): readonly NodeId[]
  allLinked(message: BroadcastMessages['all-linked']): readonly NodeId[]
  /** Whoever was not heard for long is gone, with its nodes. */
  forgetSilent(): readonly NodeId[]
  reported(message: BroadcastMessages['report']): void
  has(node: NodeId): boolean
  report(node: NodeId, folder: FolderId): FolderReport | undefined
  nodes(): readonly NodeId[]
}

interface Other {
  heardAt: number
  readonly reports: Map<NodeId, Map<FolderId, FolderReport>>
}

export function createElsewhere(now: () => number, silentMs: number): Elsewhere {
  const others = new Map<Speaker, Other>()

  function other(from: Speaker): Other {
    const known = others.get(from) ?? { heardAt: 0, reports: new Map() }
    others.set(from, known)
    known.heardAt = now()
    return known
  }

  function has(node: NodeId): boolean {
    return [...others.values()].some(({ reports }) => reports.has(node))
  }

  /** Those of them whose being there has changed by the work. */
  function changed(nodes: Iterable<NodeId>, work: () => void): readonly NodeId[] {
    const before = new Map([...new Set(nodes)].map((node) => [node, has(node)]))
    work()
    return [...before].flatMap(([node, wasThere]) => (has(node) === wasThere ? [] : [node]))
  }

  return {
    linked({ from, node, isLinked }) {
      const { reports } = other(from)
      return changed([node], () => {
        if (!isLinked) reports.delete(node)
        else if (!reports.has(node)) reports.set(node, new Map())
      })
    },
    allLinked({ from, nodes }) {
      const { reports } = other(from)
      const there = new Set(nodes)
      return changed([...reports.keys(), ...there], () => {
        for (const node of reports.keys()) if (!there.has(node)) reports.delete(node)
        for (const node of there) if (!reports.has(node)) reports.set(node, new Map())
      })
    },
    forgetSilent() {
      const silent = [...others].filter(([, { heardAt }]) => now() - heardAt > silentMs)
      return changed(
        silent.flatMap(([, { reports }]) => [...reports.keys()]),
        () => {
          for (const [from] of silent) others.delete(from)
        },
      )
    },
    reported: ({ from, node, report }) => void others.get(from)?.reports.get(node)?.set(report.folder, report),
    has,
    report(node, folder) {
      // The one heard last: a link that is dead and not known to be says nothing new.
      const byAge = [...others.values()].toSorted((a, b) => b.heardAt - a.heardAt)
      return byAge.map(({ reports }) => reports.get(node)?.get(folder)).find((report) => report !== undefined)
    },
    nodes: () => [...others.values()].flatMap(({ reports }) => [...reports.keys()]),
  }
}
