import type { Hash } from '@causeway/protocol'
import type { MetadataWriter } from '@causeway/store'

const LONG_AGO = '2000-01-01T00:00:00.000Z'

/** Takes chunks or manifests out of the index, as a collection does. */
export async function forget(tx: MetadataWriter, kind: 'chunk' | 'manifest', names: readonly Hash[]): Promise<void> {
  await tx.markGarbage(kind, names, LONG_AGO)
  await tx.removeMarked(kind, new Map(names.map((name) => [name, LONG_AGO])))
}
