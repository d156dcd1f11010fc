import { ROOT_ID } from '@causeway/protocol'
import { merge } from '../version-vector.ts'
import type { Deciding } from './deciding.ts'
import { isEnded } from './reached-by.ts'

/**
 * Removes directories that had been deleted, came back or stayed only for
 * what was in them, and are empty now: whether the last of it goes before the
 * delete arrives or after makes no difference.
 */
export function sweepEmptied({ tree, author }: Deciding): void {
  for (let vacated = tree.takeVacated(); vacated.length > 0; vacated = tree.takeVacated()) {
    for (const id of vacated) {
      const directory = id === ROOT_ID ? undefined : tree.entry(id)
      if (directory === undefined || directory.deleted || !isEnded(directory)) continue
      if (tree.below(directory.id).length > 0) continue
      const seen = merge(merge(directory.existenceVector, directory.contentVector), directory.placeVector)
      const state = tree.put(
        { ...directory, deleted: true, existenceVector: tree.decided(seen) },
        ['existence'],
        author,
      )
      tree.note(tree.ownAuthor(), {
        kind: 'delete',
        entry: state,
        decision: 'fast-forward',
        reason: 'It had been deleted and was only kept for what was in it; now it is empty.',
        seq: state.seq,
      })
    }
  }
}
