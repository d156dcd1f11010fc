import type { FolderView, NodeView } from '@causeway/protocol'
import { bytes } from '../../parts/format.ts'

export const GIGABYTE = 1e9

/** As it is entered: three decimals. */
export function gigabytes(sizeBytes: number): number {
  return Math.round(sizeBytes / 1e6) / 1000
}

/** What a folder holds beside what it may hold. */
export function limitWords({ counts }: Pick<FolderView, 'counts'>, limitBytes: number | null): string {
  const holds = `holds ${bytes(counts.bytes)} now, without its history`
  if (limitBytes === null || counts.bytes <= limitBytes) return holds
  return `${holds}: nothing is removed, and nothing larger is taken`
}

/** What a node sent beside what it may send a day. */
export function sentWords({ dailyBytes = null, sentBytes = 0 }: Pick<NodeView, 'dailyBytes' | 'sentBytes'>): string {
  if (dailyBytes === null) return 'new contents, over all folders; counted from when a limit is set'
  const sent = `sent ${bytes(sentBytes)} in the last 24 hours, over all folders`
  return sentBytes < dailyBytes ? sent : `${sent}: no new contents are taken from it for now`
}
