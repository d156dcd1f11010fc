import type { EntryId, FolderId } from '@causeway/protocol'
import type { MetadataReader, NewTransfer } from '@causeway/store'
import { pathsOf } from '@causeway/log'

/** Transfers with the paths that their entries have now. */
export async function withPaths(
  tx: MetadataReader,
  transfers: readonly NewTransfer[],
): Promise<readonly NewTransfer[]> {
  const entriesOf = new Map<FolderId, Set<EntryId>>()
  for (const { folder, entry } of transfers) {
    if (entry !== null) entriesOf.set(folder, (entriesOf.get(folder) ?? new Set()).add(entry))
  }
  const paths = new Map<string, string>()
  for (const [folder, entries] of entriesOf) {
    const found = await pathsOf(tx, folder, await tx.entries(folder, [...entries]))
    for (const [entry, path] of found) paths.set(`${folder} ${entry}`, path)
  }
  return transfers.map((transfer) => {
    return { ...transfer, path: paths.get(`${transfer.folder} ${transfer.entry}`) ?? null }
  })
}
