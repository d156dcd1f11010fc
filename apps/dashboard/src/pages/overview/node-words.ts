import type { NodeView } from '@causeway/protocol'
import { bytes, count, plural } from '../../parts/format.ts'

/** What a node still lacks, in words. */
export function behindBy({ folders }: NodeView): string {
  if (folders.length === 0) return '–'
  if (folders.some(({ behind }) => behind === null)) return 'over 10,000 changes'
  const changes = folders.reduce((sum, { behind }) => sum + (behind ?? 0), 0)
  const left = folders.reduce((sum, { report }) => {
    const transfer = report?.transfer
    return sum + (transfer ? Math.max(0, transfer.bytesTotal - transfer.bytes) : 0)
  }, 0)
  if (changes === 0) return 'nothing'
  return left > 0 ? `${plural(changes, 'change')}, ${bytes(left)}` : plural(changes, 'change')
}

/** What a node has found and not sent yet, in words; empty where it has sent all. What is held back is not on its way. */
export function unsentBy({ folders }: NodeView): string {
  const unsent = folders.reduce((sum, { report }) => sum + (report?.halted ? 0 : (report?.pendingUp ?? 0)), 0)
  const held = folders.reduce((sum, { report }) => sum + (report?.halted?.removed ?? 0), 0)
  const told = [unsent === 0 ? '' : `${count(unsent)} unsent`, held === 0 ? '' : `${count(held)} held back`]
  return told.filter((part) => part !== '').join(', ')
}

/** How far a node is from being in sync, both ways. */
export function outOfStepBy(node: NodeView): string {
  const behind = behindBy(node)
  const unsent = unsentBy(node)
  if (unsent !== '') return behind === 'nothing' ? unsent : `${behind}, ${unsent}`
  const isLooking = node.folders.some(({ report, paused }) => report?.state === 'scanning' && !paused)
  return isLooking && behind === 'nothing' ? 'looking' : behind
}
