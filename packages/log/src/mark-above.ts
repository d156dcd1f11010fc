import type { FolderRow, MetadataReader } from '@causeway/store'

type Mark = NonNullable<Awaited<ReturnType<MetadataReader['logMark']>>>

/**
 * The first mark above a log position: the end of the commit that the next
 * position belongs to. Marks are found downwards only, so the stretch in which
 * it must lie is halved.
 */
export async function markAbove(tx: MetadataReader, folder: FolderRow, seq: number): Promise<Mark | undefined> {
  let low = seq
  let high = folder.head
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    const mark = await tx.logMark(folder.id, middle)
    if (mark !== undefined && mark.seq > seq) high = mark.seq
    else low = middle
  }
  return tx.logMark(folder.id, high)
}
