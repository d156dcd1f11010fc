import type { EntryState } from '@causeway/protocol'
import { sameContent } from '../plan/remote.ts'
import type { BaseEntry } from '../tree.ts'
import { includes, vectorsEqual } from '../version-vector.ts'

/** What becomes of what a node believes of one entry about which it and the coordinator disagreed. */
export interface Mend {
  /**
   * `keep`: the base stands. `take-vectors`: it stands, under the coordinator's
   * vectors. `look-again`: the base forgets the entry, so that whatever the disk
   * holds in its place counts as new; nothing is deleted by that.
   */
  readonly base: 'keep' | 'take-vectors' | 'look-again'
  /** What is still to be brought to the disk; null for nothing. */
  readonly pending: EntryState | null
}

/**
 * The coordinator's word about an entry holds, and whatever the disk has
 * besides is kept: what the coordinator lacks is found as new and sent again,
 * what it has otherwise is taken as a later version where the vectors say so,
 * and else found as new beside it. `told` is what the coordinator holds,
 * `undefined` where it never knew the entry.
 */
export function mendBelief(base: BaseEntry | undefined, told: EntryState | undefined): Mend {
  const live = told === undefined || told.deleted ? null : told
  if (base === undefined) return { base: 'keep', pending: live }
  if (live === null) return { base: 'look-again', pending: null }
  const isSamePlace = base.parent === live.parent && base.name === live.name
  const isSameContent = sameContent(base, live)
  if (isSamePlace && isSameContent) return { base: 'take-vectors', pending: null }
  const isLater =
    includes(live.placeVector, base.placeVector) &&
    includes(live.contentVector, base.contentVector) &&
    includes(live.existenceVector, base.existenceVector) &&
    (isSamePlace || !vectorsEqual(live.placeVector, base.placeVector)) &&
    (isSameContent || !vectorsEqual(live.contentVector, base.contentVector))
  return { base: isLater ? 'keep' : 'look-again', pending: live }
}
