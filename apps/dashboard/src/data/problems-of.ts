import type { MembershipView, NodeView } from '@causeway/protocol'

/** How many things a node could not do. Why a folder has halted, though told as a problem too, counts as the halt alone. */
export function problemsOf({ folders }: Pick<NodeView, 'folders'>): number {
  return folders.reduce((total, member) => total + problemsIn(member), 0)
}

function problemsIn({ report }: MembershipView): number {
  if (report === null) return 0
  // What is held back is told apart from the problems; that the directory is gone is one of them, and is about no path.
  const isLost = report.state === 'halted' && !report.halted
  return isLost ? report.problems.filter(({ path }) => path !== '').length : report.problems.length
}
