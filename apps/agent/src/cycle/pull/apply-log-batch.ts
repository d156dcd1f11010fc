import { counterOf, includes, isBehindBase, isInBase, merge, stateOfBase } from '@causeway/engine'
import type { ChangeBatch, EntryId, EntryState } from '@causeway/protocol'
import type { CycleContext } from '../cycle-context.ts'
import { expandBatch, type Echo } from './expand-batch.ts'
import { noteRemovals } from '../apply/hold-removals.ts'
import { proof } from './proof.ts'
import { beginReread, finishReread, settleLoss } from './reread.ts'

/**
 * Takes a batch of the change log into memory: what the disk lacks becomes
 * pending, and the cursor moves. Nothing is placed here. Only what it names
 * counts: what a batch does not mention stays as it is. A batch that does not
 * fit is left, and the next cycle asks.
 */
export function applyLogBatch(
  context: CycleContext,
  batch: ChangeBatch,
  origin: 'pulled' | 'pushed',
): 'taken' | 'left' | 'set-back' {
  const { state, memory } = context
  const { log } = memory.pull
  // While the log is read again, where something between is missing, and before it is known what an earlier cycle
  // had placed, only asking tells the truth.
  const isUnsure = log.isRereading || memory.apply.mayHoldUnknown || batch.after > state.cursor().seq
  if (origin === 'pushed' && isUnsure) {
    log.note('missed')
    return 'left'
  }
  const told = expandBatch(context, batch)
  if (told === null) {
    log.note('too-short')
    return 'left'
  }
  memory.apply.arrivals.keep(batch.contents, batch.patches ?? [])
  return state.transaction(() => {
    if (batch.reset) beginReread(context)
    const gone = [...batch.states.filter(({ deleted }) => deleted), ...told.tombstones]
    noteRemovals(context, batch, gone.filter(({ id }) => state.base(id) !== undefined).length)
    let isSetBack = false
    for (const entry of [...batch.states, ...told.tombstones]) {
      if (takeState(context, batch, entry, origin) === 'lacks') isSetBack = true
    }
    for (const echo of told.echoes) if (takeEcho(context, batch, echo, origin) === 'lacks') isSetBack = true
    if (lacksEvents(context, batch, origin === 'pushed')) isSetBack = true
    state.setClock(merge(state.clock(), batch.clock))
    // Where this node's memory is older than the log's, or gone, its next events must not pass for those it forgot.
    state.raiseCounter(counterOf(batch.clock, context.node))
    // While the log is read again from its start, the old cursor stays: a restart must begin again.
    if (!log.isRereading) state.setCursor(batch.cursor)
    else if (batch.cursor.seq >= batch.head) finishReread(context, batch)
    if (!isSetBack) return 'taken'
    beginReread(context)
    return 'set-back'
  })
}

/** `lacks`: the coordinator was set back, and does not hold what this node holds. */
type Taken = 'fits' | 'lacks'

/** An event of this node's own stands as the base has it, or as the base had it before a later one. */
function takeEcho(context: CycleContext, batch: ChangeBatch, echo: Echo, origin: 'pulled' | 'pushed'): Taken {
  const { state } = context
  if (echo.kind === 'overtaken') return judge(context, batch, { id: echo.id, seq: echo.heldSeq }, origin)
  if (echo.kind === 'waits') return 'fits'
  state.removePending(echo.id)
  notePosition(context, echo.id, echo.seq)
  return 'fits'
}

function takeState(context: CycleContext, batch: ChangeBatch, entry: EntryState, origin: 'pulled' | 'pushed'): Taken {
  const { state, memory } = context
  const { id, seq } = entry
  const { reading } = memory.pull.log
  if (reading.kind === 'rereading') return takeReread(context, batch, entry, reading.seen)
  if (origin === 'pushed' && batch.cursor.seq < (state.pendingOf(id)?.seq ?? 0)) return late(context)
  if (isInBase(state.base(id), entry)) {
    state.removePending(id)
    notePosition(context, id, seq)
    return 'fits'
  }
  if (newerHere(context, entry) !== null) return judge(context, batch, { id, seq: heldAt(context, id) }, origin)
  state.putPending(entry)
  return 'fits'
}

/** What a log says that is read again from its start holds for this log alone, positions included. */
function takeReread(context: CycleContext, batch: ChangeBatch, entry: EntryState, seen: Set<EntryId>): Taken {
  const { state } = context
  seen.add(entry.id)
  const isHeld = isInBase(state.base(entry.id), entry)
  const newer = isHeld ? null : newerHere(context, entry)
  const isKept = newer !== null && settleLoss(context, batch, newer) !== 'given-up'
  const base = state.base(entry.id)
  const tombstone = state.tombstone(entry.id)
  if (base !== undefined && base.seq !== entry.seq) state.putBase({ ...base, seq: entry.seq })
  if (tombstone !== undefined && tombstone.seq !== entry.seq) state.putTombstone({ ...tombstone, seq: entry.seq })
  if (isHeld) state.removePending(entry.id)
  else if (!isKept) state.putPending(entry)
  return 'fits'
}

/** What this node holds and the given state has not seen, if anything. */
function newerHere({ state }: CycleContext, entry: EntryState): EntryState | null {
  const base = state.base(entry.id)
  if (base !== undefined) return isBehindBase(base, entry) ? stateOfBase(base) : null
  const tombstone = state.tombstone(entry.id)
  return tombstone !== undefined && hasSeenAll(tombstone, entry) ? tombstone : null
}

/** Where in the log the coordinator held what this node holds of an entry; 0 where that is not known. */
function heldAt({ state }: CycleContext, id: EntryId): number {
  return (state.base(id) ?? state.tombstone(id))?.seq ?? 0
}

/** The coordinator holds at this position, too, what the base does. */
function notePosition({ state }: CycleContext, id: EntryId, seq: number): void {
  const base = state.base(id)
  if (base !== undefined && base.seq < seq) state.putBase({ ...base, seq })
}

/**
 * A batch tells less of an entry than this node holds. If it ends before the
 * position at which the coordinator held that, it was on its way while the
 * newer one was accepted: it is old. Otherwise, and wherever this node asked
 * after all was answered, the log was set back.
 */
function judge(
  context: CycleContext,
  { cursor }: ChangeBatch,
  held: { readonly id: EntryId; readonly seq: number },
  origin: 'pulled' | 'pushed',
): Taken {
  if (origin === 'pulled') return 'lacks'
  // The answer to the offer will say what stands.
  if (context.memory.send.reoffers.has(held.id)) return 'fits'
  return cursor.seq >= held.seq ? 'lacks' : late(context)
}

/**
 * An answer has told of something later. That may also be the beginning of
 * another log, which was set back further: asking shows the coordinator the
 * newest position that it gave out, and it says which.
 */
function late({ memory }: CycleContext): Taken {
  memory.pull.log.note('missed')
  return 'fits'
}

/**
 * At its head the log has seen every event this node ever heard of, or had
 * accepted, unless the coordinator was set back. The cursor alone does not
 * tell: what was accepted after it may be gone too. What was pushed says so
 * only of the newest position that this node was given, or a later one.
 */
function lacksEvents({ state, memory }: CycleContext, { cursor, head, clock }: ChangeBatch, isPush: boolean): boolean {
  if (memory.pull.log.isRereading || cursor.seq < head || includes(clock, state.clock())) return false
  return !isPush || cursor.seq >= Math.max(state.cursor().seq, proof(state)?.seq ?? 0)
}

function hasSeenAll(tombstone: EntryState, entry: EntryState): boolean {
  return [entry.contentVector, entry.placeVector, entry.existenceVector].every((vector) =>
    includes(tombstone.existenceVector, vector),
  )
}
