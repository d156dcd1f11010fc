import { includes, isBehindBase, isInBase, merge, stateOfBase } from '@causeway/engine'
import { LOG_START, type ChangeBatch, type EntryState } from '@causeway/protocol'
import type { CycleContext } from './cycle-context.ts'
import { expandBatch, type Echo } from './expand-batch.ts'

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
    for (const entry of batch.states) takeState(context, entry, origin)
    for (const tombstone of told.tombstones) takeState(context, tombstone, origin)
    for (const echo of told.echoes) takeEcho(context, echo, origin)
    if (origin === 'pulled') noticeSetBack(context, batch)
    state.setClock(merge(state.clock(), batch.clock))
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
    lacks(context, echo.newer, origin)
    return
  }
  if (echo.isPending) return
  state.removePending(echo.id)
  memory.suspects.delete(echo.id)
}

function takeState(context: CycleContext, entry: EntryState, origin: 'pulled' | 'pushed'): void {
  const { state, memory } = context
  memory.resync?.add(entry.id)
  if (isInBase(state.base(entry.id), entry)) {
    state.removePending(entry.id)
    memory.suspects.delete(entry.id)
    return
  }
  const newer = newerHere(context, entry)
  if (newer !== null) {
    lacks(context, newer, origin)
    return
  }
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
 * The coordinator, set back to an older copy, lacks what this node holds; or
 * a pushed state was on its way while a newer one was accepted. What was
 * asked for after every commit was answered can only be the first.
 */
function lacks(context: CycleContext, held: EntryState, origin: 'pulled' | 'pushed'): void {
  const { memory, now } = context
  if (origin === 'pulled') offer(context, held)
  else if (!memory.suspects.has(held.id)) memory.suspects.set(held.id, { held, sinceMs: now() })
}

/**
 * At its head the log has seen every event this node ever heard of, or had
 * accepted, unless the coordinator was set back. The cursor alone does not
 * tell: what was accepted after it may be gone too.
 */
function noticeSetBack(context: CycleContext, batch: ChangeBatch): void {
  const { state, memory } = context
  if (memory.resync !== null || batch.cursor.seq < batch.head) return
  if (!includes(batch.clock, state.clock())) memory.isSetBack = true
}

/** The cursor has gone past what told of it: if the process ends before the answer, the log must be read again. */
function offer({ state, memory }: CycleContext, held: EntryState): void {
  memory.offers.set(held.id, held)
  if (state.setting(RESYNC_DUE) === undefined) state.putSetting(RESYNC_DUE, '1')
}

const SUSPICION_MS = 2000

/** Offers what the coordinator still seems to lack after a while. Returns the milliseconds until the next is due, or null. */
export function offerSuspects(context: CycleContext): number | null {
  const { memory, now } = context
  for (const [id, { held, sinceMs }] of memory.suspects) {
    if (now() - sinceMs < SUSPICION_MS) continue
    memory.suspects.delete(id)
    offer(context, held)
  }
  return memory.suspects.size > 0 ? SUSPICION_MS : null
}

/**
 * Where the coordinator gave a place to one entry, and this disk holds another
 * there of which nothing is pending, that one was lost there or goes by another
 * id: offering it brings out which. To one that is known it changes nothing.
 */
export function offerBlockers({ access, state, memory }: CycleContext): void {
  if (access !== 'read-write') return
  for (const pending of state.pending()) {
    const occupant = pending.deleted ? undefined : state.baseAt(pending.parent, pending.name)
    if (occupant === undefined || occupant.id === pending.id || state.pendingOf(occupant.id) !== undefined) continue
    memory.offers.set(occupant.id, stateOfBase(occupant))
  }
}

function hasSeenAll(tombstone: EntryState, entry: EntryState): boolean {
  return [entry.contentVector, entry.placeVector, entry.existenceVector].every((vector) =>
    includes(tombstone.existenceVector, vector),
  )
}

/** The log was read to its end: what the base holds and it never mentioned, the coordinator lost. */
function finishResync({ state, memory }: CycleContext, batch: ChangeBatch): void {
  for (const base of state.baseAll()) {
    if (memory.resync?.has(base.id) !== true) memory.offers.set(base.id, stateOfBase(base))
  }
  // What was told but not placed yet is not on this disk; its bytes may still be where they were.
  for (const told of memory.toldBefore) {
    if (memory.resync?.has(told.id) !== true) memory.offers.set(told.id, told)
  }
  memory.toldBefore = []
  state.setCursor(batch.cursor)
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
  memory.resync = new Set()
  memory.offers.clear()
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
