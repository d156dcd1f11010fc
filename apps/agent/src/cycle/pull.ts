import type { ChangeBatch, Cursor } from '@causeway/protocol'
import { applyRemote } from './apply-remote.ts'
import type { ChangedHere } from './changed-here.ts'
import type { CycleContext } from './cycle-context.ts'
import { beginResync, takeBatch } from './take-batch.ts'
import type { Tally } from './tally.ts'

const STATES_PER_REQUEST = 1000

/**
 * Reads the change log up to its head. The next batch is under way while the
 * last one is placed; entries with local changes wait until those are with
 * the coordinator.
 */
export async function pull(context: CycleContext, tally: Tally, here: ChangedHere, signal: AbortSignal): Promise<void> {
  context.memory.mustPull = false
  let next: Promise<ChangeBatch> | null = ask(context, context.state.cursor())
  while (next !== null) {
    const batch: ChangeBatch = await next
    signal.throwIfAborted()
    const isLast = batch.cursor.seq >= batch.head
    next = isLast ? null : ask(context, batch.cursor)
    takeBatch(context, batch, 'pulled')
    // What may be here already waits for the local changes: it is looked through once, not with every batch.
    const isDue = here.created.size === 0 ? batch.states.length > 0 : isLast
    if (isDue) await applyRemote(context, tally, here, signal)
    if (context.memory.isSetBack) {
      context.memory.isSetBack = false
      beginResync(context)
      next = ask(context, context.state.cursor())
    }
  }
}

function ask({ link, folder }: CycleContext, cursor: Cursor): Promise<ChangeBatch> {
  const batch = link.changes(folder, { cursor, limit: STATES_PER_REQUEST })
  // It is awaited on the next round; if that is never reached, its failure is the round's.
  batch.catch(() => undefined)
  return batch
}
