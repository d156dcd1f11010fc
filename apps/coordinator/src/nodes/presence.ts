import type { FolderId, FolderReport, NodeId } from '@causeway/protocol'
import { isoNow } from '@causeway/log'
import type { Context } from '../ports/context.ts'

/** Who is there right now, and what they say about themselves. Nothing of it outlives the process. */
export interface NodePresence {
  /** A node's socket opened; call what is returned when it closes. */
  arrived(node: NodeId): () => void
  reported(node: NodeId, report: FolderReport): void
  /** The node has applied more of a folder's log. */
  advanced(node: NodeId, folder: FolderId, seq: number): void
  isOnline(node: NodeId): boolean
  report(node: NodeId, folder: FolderId): FolderReport | null
  /** The last report of each folder on each node that is there. */
  reports(): readonly FolderReport[]
  online(): number
  /** When everything noted about comings and goings has been stored. */
  settled(): Promise<void>
}

/** Of what a node reports of a folder more often than this, pages are told the last. */
const REPORT_EVERY_MS = 500

export function createPresence({ metadata, signals, broadcasts, clock, timers, log }: Context): NodePresence {
  const sockets = new Map<NodeId, number>()
  const reports = new Map<NodeId, Map<FolderId, FolderReport>>()
  const running = new Set<Promise<void>>()
  /** By node: the folders of which pages were just told; true where there is a newer report. */
  const justTold = new Map<NodeId, Map<FolderId, boolean>>()

  function seen(node: NodeId): void {
    const at = isoNow(clock)
    const noted = metadata
      .write((tx) => tx.touchNode(node, at))
      .catch((error: unknown) => log.warn({ err: error, node }, 'could not note when a node was seen'))
      .then(() => void running.delete(noted))
    running.add(noted)
    signals.publish('node', { node })
  }

  function tell(node: NodeId, report: FolderReport): void {
    const told = justTold.get(node) ?? new Map<FolderId, boolean>()
    if (told.has(report.folder)) {
      told.set(report.folder, true)
      return
    }
    justTold.set(node, told.set(report.folder, false))
    broadcasts.publish('report', { node, report })
    const tellNewer = () => {
      const hasNewer = told.get(report.folder) === true
      told.delete(report.folder)
      if (told.size === 0) justTold.delete(node)
      const newest = reports.get(node)?.get(report.folder)
      if (hasNewer && newest !== undefined) tell(node, newest)
    }
    timers.after(REPORT_EVERY_MS, tellNewer).unref()
  }

  return {
    arrived(node) {
      sockets.set(node, (sockets.get(node) ?? 0) + 1)
      seen(node)
      let gone = false
      return () => {
        if (gone) return
        gone = true
        const left = (sockets.get(node) ?? 1) - 1
        if (left > 0) {
          sockets.set(node, left)
          return
        }
        sockets.delete(node)
        reports.delete(node)
        seen(node)
      }
    },
    reported(node, report) {
      const own = reports.get(node) ?? new Map<FolderId, FolderReport>()
      reports.set(node, own.set(report.folder, report))
      tell(node, report)
    },
    advanced: (node) => signals.publish('node', { node }),
    isOnline: (node) => sockets.has(node),
    report: (node, folder) => reports.get(node)?.get(folder) ?? null,
    reports: () => [...reports.values()].flatMap((own) => [...own.values()]),
    online: () => sockets.size,
    settled: async () => void (await Promise.all(running)),
  }
}
