import { SyncError, decodeManifest } from '@causeway/protocol'
import type { CoordinatorLink } from '../../ports.ts'

/** A coordinator that takes and gives contents whole only, for tests of what does not depend on deltas. */
export const NO_DELTAS: Pick<CoordinatorLink, 'sendDeltas' | 'signatures' | 'patch' | 'announce'> = {
  sendDeltas: async (_, deltas) => deltas.flatMap(({ chunks }) => decodeManifest(chunks).map(({ hash }) => hash)),
  signatures: () => Promise.reject(new SyncError('not-found', 'this coordinator gives no signatures')),
  patch() {
    throw new SyncError('not-found', 'this coordinator gives no patches')
  },
  announce: () => undefined,
}
