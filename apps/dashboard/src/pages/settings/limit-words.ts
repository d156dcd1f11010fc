import type { FolderView } from '@causeway/protocol'
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
