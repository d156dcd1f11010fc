import type { FolderId, FolderReport, NodeId } from '@causeway/protocol'
import { isoNow } from '@causeway/log'
import type { Context } from '../ports/context.ts'
import { createElsewhere } from './elsewhere.ts'

/**
 * Who is there right now, and what they say about themselves: at this
 * coordinator, and as the others say at theirs. Nothing of it outlives the process.
 */
export interface NodePresence {
  /** A node's socket opened; call what is returned when it closes. */
  arrived(node: NodeId): () => void
  reported(node: NodeId, report: FolderReport): void
  /** The node has applied more of a folder's log. */
  advanced(node: NodeId, folder: FolderId, seq: number): void
  isOnline(node: NodeId): boolean
  report(node: NodeId, folder: FolderId): FolderReport | null
  /** The last report of each folder on each node that is linked to this coordinator. */
  reports(): readonly FolderReport[]
  /** How many nodes are linked to this coordinator, and to any. */
  online(): { readonly here: number; readonly anywhere: number }
  /** Calls back when a node came to another coordinator, or left it. Returns the way to stop listening. */
  onMovedElsewhere(listener: (node: NodeId) => void): () => void
  /** When everything noted about comings and goings has been stored. */
  settled(): Promise<void>
}

/** Of what a node reports of a folder more often than this, pages are told the last. */
const REPORT_EVERY_MS = 500
/** Other coordinators hear so often who is linked to this one, */
const SAID_EVERY_MS = 10_000
/** and take it for gone when they have not heard it for so long. */
const SILENT_MS = 25_000

export function createPresence(context: Context): NodePresence {
  const { metadata, signals, broadcasts, clock, timers, log, speaker } = context
  const elsewhere = createElsewhere(timers.now, SILENT_MS)
  const moved = new Set<(node: NodeId) => void>()
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
    broadcasts.publish('report', { from: speaker, node, report })
    const tellNewer = () => {
      const hasNewer = told.get(report.folder) === true
      told.delete(report.folder)
      if (told.size === 0) justTold.delete(node)
      const newest = reports.get(node)?.get(report.folder)
      if (hasNewer && newest !== undefined) tell(node, newest)
    }
    timers.after(REPORT_EVERY_MS, tellNewer).unref()
  }

  function tellMoved(nodes: readonly NodeId[]): void {
    for (const node of nodes) for (const listener of moved) listener(node)
  }

  function sayAll(): void {
    broadcasts.publish('all-linked', { from: speaker, nodes: [...sockets.keys()] })
  }

  const isForeign = ({ from }: { readonly from: string }): boolean => from !== speaker
  const ask = (): void => broadcasts.publish('who-is-linked', { from: speaker })
  broadcasts.subscribe('linked', (message) => {
    if (isForeign(message)) tellMoved(elsewhere.linked(message))
  })
  broadcasts.subscribe('all-linked', (message) => {
    if (isForeign(message)) tellMoved(elsewhere.allLinked(message))
  })
  broadcasts.subscribe('report', (message) => {
    if (isForeign(message)) elsewhere.reported(message)
  })
  broadcasts.subscribe('who-is-linked', (message) => {
    if (!isForeign(message)) return
    sayAll()
    for (const [node, own] of reports) {
      for (const report of own.values()) broadcasts.publish('report', { from: speaker, node, report })
    }
  })
  signals.subscribe('missed', () => {
    ask()
    sayAll()
  })
  timers
    .every(SAID_EVERY_MS, () => {
      sayAll()
      tellMoved(elsewhere.forgetSilent())
    })
    .unref()
  ask()

  return {
    arrived(node) {
      sockets.set(node, (sockets.get(node) ?? 0) + 1)
      broadcasts.publish('linked', { from: speaker, node, isLinked: true })
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
        broadcasts.publish('linked', { from: speaker, node, isLinked: false })
        seen(node)
      }
    },
    reported(node, report) {
      const own = reports.get(node) ?? new Map<FolderId, FolderReport>()
      reports.set(node, own.set(report.folder, report))
      tell(node, report)
    },
    advanced: (node) => signals.publish('node', { node }),
    isOnline: (node) => sockets.has(node) || elsewhere.has(node),
    report: (node, folder) => reports.get(node)?.get(folder) ?? elsewhere.report(node, folder) ?? null,
    reports: () => [...reports.values()].flatMap((own) => [...own.values()]),
    online: () => ({ here: sockets.size, anywhere: new Set([...sockets.keys(), ...elsewhere.nodes()]).size }),
    onMovedElsewhere(listener) {
      moved.add(listener)
      return () => void moved.delete(listener)
    },
    settled: async () => void (await Promise.all(running)),
  }
}
