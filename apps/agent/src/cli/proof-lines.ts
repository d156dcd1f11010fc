import { subjectOf } from '../cycle/pull/disagreement.ts'
import type { FolderStatus } from '../runner/folder-status.ts'
import { duration } from './format.ts'

type Proved = Pick<FolderStatus, 'state' | 'provedAt' | 'proofFailure' | 'disagreement'>

/** What `status` says of how sure it is that this folder holds what the coordinator holds. */
export function proofLines({ state, provedAt, proofFailure, disagreement }: Proved, nowMs: number): readonly string[] {
  const lines: string[] = []
  const ago = (at: string): string => `${duration(Math.max(0, nowMs - Date.parse(at)) / 1000)} ago`
  if (provedAt !== null) lines.push(`${state === 'idle' ? 'in sync' : 'last in sync'}, proved ${ago(provedAt)}`)
  if (proofFailure !== null) lines.push(`could not be compared with the coordinator: ${proofFailure}`)
  if (disagreement !== null && disagreement.settledAt !== null) {
    const { foundAt, settledAt } = disagreement
    const what = `disagreed with the coordinator ${ago(foundAt)} about ${subjectOf(disagreement)}`
    lines.push(`${what}; repaired ${ago(settledAt)}`)
  }
  return lines
}
