import type { NodeView } from '@causeway/protocol'
import { bytes, plural } from '../../parts/format.ts'

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
