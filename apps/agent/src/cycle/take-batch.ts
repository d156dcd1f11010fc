import { counterOf, includes, isBehindBase, isInBase, merge, stateOfBase } from '@causeway/engine'
import type { ChangeBatch, EntryId, EntryState } from '@causeway/protocol'
import type { CycleContext } from './cycle-context.ts'
import { expandBatch, type Echo } from './expand-batch.ts'
import { noteRemovals } from './hold-removals.ts'
import { nextReading } from './log-reading.ts'
import { beginReread, finishReread, settleLoss } from './reread.ts'

/**
 * Takes a batch of the change log into memory: what the disk lacks becomes
 * pending, and the cursor moves. Nothing is placed here. Only what it names
 * counts: what a batch does not mention stays as it is. A batch that does not
 * fit is left, and the next cycle asks.
 */
export function takeBatch(
  context: CycleContext,
  batch: ChangeBatch,
  origin: 'pulled' | 'pushed',
): 'taken' | 'left' | 'set-back' {
  const { state, memory } = context
  // While the log is read again, where something between is missing, and before it is known what an earlier cycle
  // had placed, only asking tells the truth.
  const isUnsure = memory.reading.kind === 'rereading' || memory.mayHoldUnknown || batch.after > state.cursor().seq
  if (origin === 'pushed' && isUnsure) {
    memory.reading = nextReading(memory.reading, 'missed')
    return 'left'
  }
  const told = expandBatch(context, batch)
  if (told === null) {
    memory.reading = nextReading(memory.reading, 'too-short')
    return 'left'
  }
  memory.keep(batch.contents)
  memory.keepPatches(batch.patches ?? [])
  return state.transaction(() => {
    if (batch.reset) beginReread(context)
    const gone = [...batch.states.filter(({ deleted }) => deleted), ...told.tombstones]
    noteRemovals(context, batch, gone.filter(({ id }) => state.base(id) !== undefined).length)
    let isSetBack = false
    for (const entry of [...batch.states, ...told.tombstones]) {
      if (takeState(context, batch, entry, origin) === 'lacks') isSetBack = true
    }
    for (const echo of told.echoes) if (takeEcho(context, echo, origin) === 'lacks') isSetBack = true
    if (origin === 'pulled' && lacksEvents(context, batch)) isSetBack = true
    state.setClock(merge(state.clock(), batch.clock))
    // Where this node's memory is older than the log's, or gone, its next events must not pass for those it forgot.
    state.raiseCounter(counterOf(batch.clock, context.node))
    // While the log is read again from its start, the old cursor stays: a restart must begin again.
    if (memory.reading.kind !== 'rereading') state.setCursor(batch.cursor)
    else if (batch.cursor.seq >= batch.head) finishReread(context, batch)
    if (!isSetBack) return 'taken'
    beginReread(context)
    return 'set-back'
  })
}

/** An event of this node's own stands as the base has it, or as the base had it before a later one. */
function takeEcho(context: CycleContext, echo: Echo, origin: 'pulled' | 'pushed'): Taken {
  const { state, memory } = context
  if (echo.newer !== null) return suspect(context, echo.id, origin)
  if (echo.isPending) return 'fits'
  state.removePending(echo.id)
  memory.suspects.delete(echo.id)
  return 'fits'
}

/** `lacks`: the coordinator was set back, and does not hold what this node holds. */
type Taken = 'fits' | 'lacks'

function takeState(context: CycleContext, batch: ChangeBatch, entry: EntryState, origin: 'pulled' | 'pushed'): Taken {
  const { state, memory } = context
  const isReread = memory.reading.kind === 'rereading'
  if (memory.reading.kind === 'rereading') memory.reading.seen.add(entry.id)
  if (isInBase(state.base(entry.id), entry)) {
    state.removePending(entry.id)
    memory.suspects.delete(entry.id)
    return 'fits'
  }
  const newer = newerHere(context, entry)
  if (newer !== null && !isReread) return suspect(context, entry.id, origin)
  if (newer !== null && settleLoss(context, batch, newer) !== 'given-up') return 'fits'
  memory.suspects.delete(entry.id)
  state.putPending(entry)
  return 'fits'
}

/** What this node holds and the given state has not seen, if anything. */
function newerHere({ state }: CycleContext, entry: EntryState): EntryState | null {
  const base = state.base(entry.id)
  if (base !== undefined) return isBehindBase(base, entry) ? stateOfBase(base) : null
  const tombstone = state.tombstone(entry.id)
  return tombstone !== undefined && hasSeenAll(tombstone, entry) ? tombstone : null
}

/**
 * The coordinator seems to lack what this node holds: it was set back to an
 * older copy, or a pushed state was on its way while a newer one was accepted.
 * What was asked for after every commit was answered can only be the first.
 * Reading the whole log again tells, and shows the coordinator the proof.
 */
function suspect({ memory, now }: CycleContext, id: EntryId, origin: 'pulled' | 'pushed'): Taken {
  if (origin === 'pulled') return 'lacks'
  if (!memory.suspects.has(id)) memory.suspects.set(id, now())
  return 'fits'
}

/**
 * At its head the log has seen every event this node ever heard of, or had
 * accepted, unless the coordinator was set back. The cursor alone does not
 * tell: what was accepted after it may be gone too.
 */
function lacksEvents({ state, memory }: CycleContext, batch: ChangeBatch): boolean {
  if (memory.reading.kind === 'rereading' || batch.cursor.seq < batch.head) return false
  return !includes(batch.clock, state.clock())
}

/** A pushed state is followed by what makes up for it within this time, if anything is on its way. */
const SUSPICION_MS = 2000

/** Reads the log again if something pushed still seems to know too little. Returns the milliseconds until that is due, or null. */
export function rereadSuspects(context: CycleContext): number | null {
  const { memory, now } = context
  const isDue = [...memory.suspects.values()].some((sinceMs) => now() - sinceMs >= SUSPICION_MS)
  if (isDue) beginReread(context)
  return memory.suspects.size > 0 ? SUSPICION_MS : null
}

function hasSeenAll(tombstone: EntryState, entry: EntryState): boolean {
  return [entry.contentVector, entry.placeVector, entry.existenceVector].every((vector) =>
    includes(tombstone.existenceVector, vector),
  )
}
