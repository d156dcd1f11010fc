import { problemAdvice, type FolderReport, type NodeView } from '@causeway/protocol'

/** What one node does in one folder. */
export interface UnderWay {
  readonly node: NodeView
  readonly folder: string
  readonly report: FolderReport
  /** Seconds until it is done, as the node itself reckons; null where nobody can tell. */
  readonly secondsLeft: number | null
}

export function underWay(nodes: readonly NodeView[]): readonly UnderWay[] {
  return nodes.flatMap((node) =>
    node.folders.flatMap(({ folder, report, behind, paused }) => {
      if (report === null || paused) return []
      const isBusy = report.pendingUp > 0 || report.pendingDown > 0 || report.transfer !== null || (behind ?? 1) > 0
      if (!isBusy) return []
      // What is there, and has nothing left to wait for, is done in a moment: no time is told of it.
      const secondsLeft = node.online ? report.secondsLeft || null : null
      return [{ node, folder, report, secondsLeft }]
    }),
  )
}

export interface NodeProblem {
  readonly node: NodeView
  readonly folder: string
  readonly path: string
  readonly code: string
  readonly message: string
}

export function problemsOf(nodes: readonly NodeView[]): readonly NodeProblem[] {
  return nodes.flatMap((node) =>
    node.folders.flatMap(({ folder, report }) => {
      const told = (report?.problems ?? []).map((problem) => ({ node, folder, ...problem }))
      const halted = report?.state === 'halted' ? report.halted : undefined
      return halted ? [{ node, folder, path: '', code: 'halted', message: halted.reason }, ...told] : told
    }),
  )
}

/** What a person can do about a problem, by its code. */
export function adviceFor(code: string): string {
  return problemAdvice(code) ?? 'It will be retried automatically.'
}
