import type { FolderReport, NodeView } from '@causeway/protocol'

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
  const known: Readonly<Record<string, string>> = {
    'disk-full': 'Free some space on that machine; syncing then continues.',
    'no-room': 'Free some space on the coordinator’s disk; syncing then continues.',
    'over-quota': 'Delete something in the folder, or raise its limit in Settings.',
    'io-error': 'Check the disk and the permissions of that file.',
    'not-unicode': 'Rename the file to a name that is valid UTF-8.',
    'too-long': 'Shorten the name or the path.',
    'unsupported-kind': 'Sockets, pipes and devices are not synced: ignore it with a rule.',
    unreadable: 'Give the node’s user permission to read it.',
    'chunk-missing': 'It is restored once a node that has the file connects.',
    'chunk-corrupt': 'It will be fetched again; if the problem stays, check the coordinator’s disk.',
    'manifest-invalid': 'Save the file again on the node that holds it.',
    'missing-content': 'It will be sent again automatically.',
    'no-write-access': 'Give the node the right to send in Settings.',
    halted: 'Look at what would be removed in Settings, then resume.',
    'name-taken': 'Rename one of the two.',
  }
  return known[code] ?? 'It will be retried automatically.'
}
