import { counterOf, includes, isBehindBase, isInBase, merge, stateOfBase } from '@causeway/engine'
import { LOG_START, type ChangeBatch, type EntryId, type EntryState } from '@causeway/protocol'
import { forget } from './bring-back.ts'
import type { CycleContext } from './cycle-context.ts'
import { expandBatch, type Echo } from './expand-batch.ts'
import { noteRemovals } from './hold-removals.ts'
import { keepCursorAsProof, keepProof } from './proof.ts'

const RESYNC_DUE = 'resync-due'

/**
 * Takes a batch of the change log into memory: what the disk lacks becomes
 * pending, and the cursor moves. Nothing is placed here. Only what it names
 * counts: what a batch does not mention stays as it is. A batch that does not
 * fit is left, and the next cycle asks.
 */
export function takeBatch(context: CycleContext, batch: ChangeBatch, origin: 'pulled' | 'pushed'): 'taken' | 'left' {
  const { state, memory } = context
  // While the log is read again, where something between is missing, and before it is known what an earlier cycle
  // had placed, only asking tells the truth.
  const isUnsure = memory.resync !== null || memory.mayHoldUnknown || batch.after > state.cursor().seq
  if (origin === 'pushed' && isUnsure) {
    memory.mustPull = true
    return 'left'
  }
  const told = expandBatch(context, batch)
  if (told === null) {
    memory.mustPull = true
    memory.needsFull = true
    return 'left'
  }
  memory.keep(batch.contents)
  memory.keepPatches(batch.patches ?? [])
  state.transaction(() => {
    if (batch.reset) beginResync(context)
    const gone = [...batch.states.filter(({ deleted }) => deleted), ...told.tombstones]
    noteRemovals(context, batch, gone.filter(({ id }) => state.base(id) !== undefined).length)
    for (const entry of batch.states) takeState(context, batch, entry, origin)
    for (const tombstone of told.tombstones) takeState(context, batch, tombstone, origin)
    for (const echo of told.echoes) takeEcho(context, echo, origin)
    if (origin === 'pulled') noticeSetBack(context, batch)
    state.setClock(merge(state.clock(), batch.clock))
    // Where this node's memory is older than the log's, or gone, its next events must not pass for those it forgot.
    state.raiseCounter(counterOf(batch.clock, context.node))
    // While the log is read again from its start, the old cursor stays: a restart must begin again.
    if (memory.resync === null) state.setCursor(batch.cursor)
    else if (batch.cursor.seq >= batch.head) finishResync(context, batch)
  })
  return 'taken'
}

/** An event of this node's own stands as the base has it, or as the base had it before a later one. */
function takeEcho(context: CycleContext, echo: Echo, origin: 'pulled' | 'pushed'): void {
  const { state, memory } = context
  if (echo.newer !== null) {
    suspect(context, echo.id, origin)
    return
  }
  if (echo.isPending) return
  state.removePending(echo.id)
  memory.suspects.delete(echo.id)
}

function takeState(context: CycleContext, batch: ChangeBatch, entry: EntryState, origin: 'pulled' | 'pushed'): void {
  const { state, memory } = context
  memory.resync?.add(entry.id)
  if (isInBase(state.base(entry.id), entry)) {
    state.removePending(entry.id)
    memory.suspects.delete(entry.id)
    return
  }
  const newer = newerHere(context, entry)
  if (newer !== null && memory.resync === null) {
    suspect(context, entry.id, origin)
    return
  }
  if (newer !== null && settleLoss(context, batch, newer) !== 'given-up') return
  memory.suspects.delete(entry.id)
  state.putPending(entry)
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
function suspect({ memory, now }: CycleContext, id: EntryId, origin: 'pulled' | 'pushed'): void {
  if (origin === 'pulled') memory.mustReread = true
  else if (!memory.suspects.has(id)) memory.suspects.set(id, now())
}

/**
 * At its head the log has seen every event this node ever heard of, or had
 * accepted, unless the coordinator was set back. The cursor alone does not
 * tell: what was accepted after it may be gone too.
 */
function noticeSetBack({ state, memory }: CycleContext, batch: ChangeBatch): void {
  if (memory.resync !== null || batch.cursor.seq < batch.head) return
  if (!includes(batch.clock, state.clock())) memory.mustReread = true
}

/**
 * What the coordinator lacks. Where it knows that it was set back, it is
 * offered; a node that may not do that keeps what it has, as another may offer
 * the same. Otherwise the coordinator is believed: what lies on this disk
 * counts as new, so nothing of it is lost.
 */
function settleLoss(context: CycleContext, batch: ChangeBatch, held: EntryState): 'offered' | 'kept' | 'given-up' {
  const { access, state, memory } = context
  if (batch.setBack !== true) {
    forget(context, held.id)
    memory.mustLookAround = true
    state.removeTombstone(held.id)
    return 'given-up'
  }
  // A node that may only send can't say of others' files that they are gone.
  if (access === 'receive-only' || (access === 'send-only' && held.deleted)) return 'kept'
  memory.offers.set(held.id, held)
  return 'offered'
}

/** An offer that was refused: the coordinator is believed. */
export function giveUpOffer(context: CycleContext, offered: EntryState, known: readonly EntryState[]): void {
  const { state, memory } = context
  forget(context, offered.id)
  memory.mustLookAround = true
  state.removeTombstone(offered.id)
  state.removePending(offered.id)
  for (const current of known) state.putPending(current)
}

/** A pushed state is followed by what makes up for it within this time, if anything is on its way. */
const SUSPICION_MS = 2000

/** Reads the log again if something pushed still seems to know too little. Returns the milliseconds until that is due, or null. */
export function rereadSuspects(context: CycleContext): number | null {
  const { memory, now } = context
  const isDue = [...memory.suspects.values()].some((sinceMs) => now() - sinceMs >= SUSPICION_MS)
  if (isDue) beginResync(context)
  return memory.suspects.size > 0 ? SUSPICION_MS : null
}

/**
 * Where the coordinator gave a place to one entry, and this disk holds another
 * there of which nothing is pending, that one was lost there or goes by
 * another id: the whole log tells.
 */
export function rereadBlockers(context: CycleContext): void {
  const { access, state, memory } = context
  if (access !== 'read-write' || memory.resync !== null) return
  for (const pending of state.pending()) {
    const occupant = pending.deleted ? undefined : state.baseAt(pending.parent, pending.name)
    if (occupant === undefined || occupant.id === pending.id || state.pendingOf(occupant.id) !== undefined) continue
    if (memory.blockers.has(occupant.id) || memory.offers.has(occupant.id)) continue
    memory.blockers.add(occupant.id)
    beginResync(context)
    return
  }
}

function hasSeenAll(tombstone: EntryState, entry: EntryState): boolean {
  return [entry.contentVector, entry.placeVector, entry.existenceVector].every((vector) =>
    includes(tombstone.existenceVector, vector),
  )
}

/** The log was read to its end: what the base holds and it never mentioned, the coordinator lost. */
function finishResync(context: CycleContext, batch: ChangeBatch): void {
  const { state, memory } = context
  const lost = [...state.baseAll()].filter(({ id }) => memory.resync?.has(id) !== true)
  for (const base of lost) settleLoss(context, batch, stateOfBase(base))
  // What was told but not placed yet is not on this disk; its bytes may still be where they were.
  for (const told of memory.toldBefore) {
    if (memory.resync?.has(told.id) !== true) settleLoss(context, batch, told)
  }
  memory.toldBefore = []
  state.setCursor(batch.cursor)
  // What the coordinator gave out before is of no use any more: this log has replaced it.
  keepProof(state, batch.cursor)
  // Events the coordinator will never know of again must not look like another set-back.
  state.setClock(batch.clock)
  memory.resync = null
}

/**
 * From here on the log is read from its start, and what the coordinator turns
 * out to lack is offered again. The mark on disk stays until that is done, so
 * that a restart begins anew.
 */
export function beginResync({ state, memory }: CycleContext): void {
  keepCursorAsProof(state)
  memory.resync = new Set()
  memory.mustReread = false
  memory.offers.clear()
  memory.suspects.clear()
  // Told by a log that is no more: what of it still holds will be told again.
  memory.toldBefore = [...memory.toldBefore, ...state.pending()]
  for (const { id } of memory.toldBefore) state.removePending(id)
  state.setCursor(LOG_START)
  state.putSetting(RESYNC_DUE, '1')
}

/** Goes on with a resync that an earlier process did not finish. */
export function resumeResync(context: CycleContext): void {
  const { state, memory } = context
  const isUnderWay = memory.resync !== null || memory.offers.size > 0
  if (!isUnderWay && state.setting(RESYNC_DUE) !== undefined) beginResync(context)
}

export function endResync({ state, memory }: CycleContext): void {
  if (memory.resync === null && memory.offers.size === 0 && state.setting(RESYNC_DUE) !== undefined) {
    state.putSetting(RESYNC_DUE, null)
  }
}
