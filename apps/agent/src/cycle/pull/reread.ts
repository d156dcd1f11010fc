import { stateOfBase } from '@causeway/engine'
import { LOG_START, type ChangeBatch, type EntryState } from '@causeway/protocol'
import { forget } from '../base-edits.ts'
import type { CycleContext } from '../cycle-context.ts'
import { keepCursorAsProof, keepProof } from './proof.ts'

/** Of a version that this log may or may not come to hold. */
const UNKNOWN_POSITION = 0

/**
 * From here on the log is read from its start, and what the coordinator turns
 * out to lack is offered again. A restart before that is done begins again.
 */
export function beginReread({ state, memory }: CycleContext): void {
  keepCursorAsProof(state)
  // Told by a log that is no more: what of it still holds will be told again.
  const told = state.pending()
  memory.pull.log.note('set-back', told)
  for (const { id } of told) state.removePending(id)
  memory.send.reoffers.clear()
  state.setCursor(LOG_START)
}

/** Goes on with what an earlier process did not finish. */
export function resumeReread(context: CycleContext): void {
  if (context.memory.pull.log.isInterrupted) beginReread(context)
}

/** The log was read to its end: what the base holds and it never mentioned, the coordinator lost. */
export function finishReread(context: CycleContext, batch: ChangeBatch): void {
  const { state, memory } = context
  const { reading } = memory.pull.log
  if (reading.kind !== 'rereading') return
  const { seen, known } = reading
  const lost = [...state.baseAll()].filter(({ id }) => !seen.has(id))
  for (const base of lost) {
    if (settleLoss(context, batch, stateOfBase(base)) !== 'given-up') state.putBase({ ...base, seq: UNKNOWN_POSITION })
  }
  for (const tombstone of state.tombstones()) {
    if (!seen.has(tombstone.id)) state.putTombstone({ ...tombstone, seq: UNKNOWN_POSITION })
  }
  // What was told but not placed yet is not on this disk; its bytes may still be where they were.
  for (const told of known) if (!seen.has(told.id)) settleLoss(context, batch, told)
  state.setCursor(batch.cursor)
  // What the coordinator gave out before is of no use any more: this log has replaced it.
  keepProof(state, batch.cursor)
  // Events the coordinator will never know of again must not look like another set-back.
  state.setClock(batch.clock)
  memory.pull.log.note('level')
}

/** What the coordinator lacked was given back, or given up: a restart has nothing to go on with. */
export function endReread({ memory }: CycleContext): void {
  if (memory.send.reoffers.isEmpty) memory.pull.log.restored()
}

/**
 * What the coordinator lacks. Where it knows that it was set back, it is
 * offered; a node that may not do that keeps what it has, as another may offer
 * the same. Otherwise the coordinator is believed: what lies on this disk
 * counts as new, so nothing of it is lost.
 */
export function settleLoss(
  context: CycleContext,
  batch: ChangeBatch,
  held: EntryState,
): 'offered' | 'kept' | 'given-up' {
  const { access, state, memory } = context
  if (batch.setBack !== true) {
    forget(context, held.id)
    memory.scan.lookAround()
    state.removeTombstone(held.id)
    return 'given-up'
  }
  // A node that may only send can't say of others' files that they are gone.
  if (access === 'receive-only' || (access === 'send-only' && held.deleted)) return 'kept'
  memory.send.reoffers.add(held)
  return 'offered'
}

/** An offer that was refused: the coordinator is believed. */
export function giveUpOffer(context: CycleContext, offered: EntryState, known: readonly EntryState[]): void {
  const { state, memory } = context
  forget(context, offered.id)
  memory.scan.lookAround()
  state.removeTombstone(offered.id)
  state.removePending(offered.id)
  for (const current of known) state.putPending(current)
}
