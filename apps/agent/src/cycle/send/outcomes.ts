import {
  advance,
  contentOf,
  directoryOf,
  isInBase,
  withAccepted,
  withDot,
  type BaseEntry,
  type SentOperation,
} from '@causeway/engine'
import { ROOT_ID, type EntryId, type Operation, type Outcome } from '@causeway/protocol'
import { bringBack, forget } from '../base-edits.ts'
import type { Prepared, ReadOk } from './commit-batch.ts'
import type { CycleContext } from '../cycle-context.ts'
import type { HeldForRoom } from './room-hold.ts'
import { beginReread, giveUpOffer } from '../pull/reread.ts'
import type { CycleReportBuilder } from '../cycle-report-builder.ts'
import { TIMINGS } from '../timings.ts'

/** Takes in what became of the operations that one cycle sent. */
export class Outcomes {
  readonly #context: CycleContext
  readonly #cycleReport: CycleReportBuilder
  readonly #onRepeat: (again: () => Promise<void>) => void
  readonly #aliases = new Map<EntryId, EntryId>()

  /** `onRepeat` hears of changes of which the coordinator was told too little. */
  constructor(context: CycleContext, cycleReport: CycleReportBuilder, onRepeat: (again: () => Promise<void>) => void) {
    this.#context = context
    this.#cycleReport = cycleReport
    this.#onRepeat = onRepeat
  }

  /** To be called in a transaction. */
  take(prepared: Prepared, outcome: Outcome): void {
    const { sent } = prepared
    const { state, memory } = this.#context
    const next = advance(state, this.#withKnownParent(sent), outcome)
    if (next.alias !== null) {
      this.#aliases.set(next.alias.from, next.alias.to)
      state.removePending(next.alias.from)
    }
    for (const id of next.removed) state.removeBase(id)
    for (const entry of next.put) this.#putBase(entry)
    if (outcome.kind === 'accepted') for (const { id } of next.put) this.#mendPending(id)
    for (const tombstone of next.tombstones) state.putTombstone(tombstone)
    for (const pending of next.pending) {
      const waiting = state.pendingOf(pending.id)
      // The log has told of something later, or of the same.
      if (waiting !== undefined && waiting.seq >= pending.seq) continue
      const base = state.base(pending.id)
      if (base !== undefined && isInBase(base, pending)) state.putBase({ ...base, seq: pending.seq })
      if (isInBase(base, pending)) state.removePending(pending.id)
      else state.putPending(pending)
    }
    if (next.isIncomplete === true) memory.pull.log.note('missed')
    if (outcome.kind === 'conflict') this.#cycleReport.conflicts += 1
    const waits = outcome.kind === 'refused' && outcome.refusal === 'halted'
    if (sent.operation.kind === 'offer' && !waits) memory.send.reoffers.answered(sent.operation.state.id)
    if (outcome.kind !== 'refused') state.setClock(withDot(state.clock(), sent.node, sent.operation.counter))
    else this.#refused(prepared, outcome)
    noteMoved(this.#context, prepared)
    if (outcome.kind === 'refused' || prepared.read === null) return
    memory.send.room.accepted(sizeOf(sent.operation))
    if (isSave(prepared)) this.#context.saves.accepted(prepared.path)
    noteContent(this.#context, prepared.read)
    if (prepared.read.uploaded !== null) for (const { id } of next.put) memory.apply.agreed.add(id)
  }

  /** By how much an operation makes the folder larger, as far as this node knows. */
  #growthOf(operation: Operation): number {
    const replaced = operation.kind === 'edit' ? this.#context.state.base(operation.entry)?.content : undefined
    return sizeOf(operation) - (replaced?.kind === 'file' ? replaced.size : 0)
  }

  /** The log told of an entry before it was accepted what happened to it here: that must not be undone. */
  #mendPending(id: EntryId): void {
    const { state } = this.#context
    const base = state.base(id)
    const waiting = state.pendingOf(id)
    if (base === undefined || waiting === undefined) return
    const mended = withAccepted(waiting, base)
    if (isInBase(base, mended)) state.removePending(id)
    else state.putPending(mended)
  }

  /** A directory that was joined with another goes by that one's id from now on. */
  #withKnownParent(sent: SentOperation): SentOperation {
    const { operation } = sent
    if (operation.kind !== 'create' && operation.kind !== 'move') return sent
    const parent = this.#aliases.get(operation.place.parent)
    return parent === undefined ? sent : { ...sent, operation: { ...operation, place: { ...operation.place, parent } } }
  }

  /** An entry whose directory is not in the base (it was forgotten meanwhile) is not either: the next scan finds both. */
  #putBase(entry: BaseEntry): void {
    const { state } = this.#context
    const occupant = state.baseAt(entry.parent, entry.name)
    // The disk holds this entry here, so it does not hold the other any more.
    if (occupant !== undefined && occupant.id !== entry.id) bringBack(this.#context, occupant)
    if (entry.parent === ROOT_ID || (state.base(entry.parent) !== undefined && !this.#closesCircle(entry))) {
      state.putBase(entry)
      return
    }
    const before = state.base(entry.id)
    if (before !== undefined) bringBack(this.#context, before)
  }

  /** Moves that crossed may be known in an order in which, for a while, each of two would lie below the other. */
  #closesCircle({ id, parent }: BaseEntry): boolean {
    const { state } = this.#context
    for (let at = state.base(parent); at !== undefined; at = state.base(at.parent)) if (at.id === id) return true
    return false
  }

  #refused({ sent, path, again }: Prepared, outcome: Extract<Outcome, { kind: 'refused' }>): void {
    const { operation } = sent
    const { state, memory } = this.#context
    if (operation.kind === 'offer' && outcome.refusal !== 'halted') {
      return giveUpOffer(this.#context, operation.state, outcome.states)
    }
    switch (outcome.refusal) {
      case 'halted':
        this.#cycleReport.halted = {
          reason: outcome.detail,
          removed: 0,
          live: state.baseCount(),
          sample: [path],
          held: null,
        }
        return
      case 'unknown-entry':
      case 'not-a-directory':
        // The coordinator lost what this was based on: as a new entry it can be sent.
        if (operation.kind !== 'create' && operation.kind !== 'offer') forget(this.#context, operation.entry)
        beginReread(this.#context)
        break
      case 'invalid':
      case 'ahead':
        beginReread(this.#context)
        break
      case 'counter-used':
        // The log tells which counters are free.
        memory.pull.log.note('missed')
        sendLater(this.#cycleReport, path, 0)
        return
      case 'missing-content':
        if (again === null) break
        this.#onRepeat(again)
        return
      case 'unreadable':
        // It is tried again in a while, whatever is looked at meanwhile.
        this.#cycleReport.unsent += 1
        this.#cycleReport.problem(path, outcome.refusal, outcome.detail)
        return
      case 'not-set-back':
      case 'no-write-access':
        break
      case 'no-room':
        noRoom(this.#context, this.#cycleReport, {
          hold: memory.send.room,
          path,
          bytes: sizeOf(operation),
          detail: outcome.detail,
        })
        return
      case 'over-quota':
        noRoom(this.#context, this.#cycleReport, {
          hold: memory.send.quota,
          path,
          bytes: { sizeBytes: sizeOf(operation), growthBytes: this.#growthOf(operation) },
          detail: outcome.detail,
        })
        return
      case 'unplaceable':
        // It stays so until somebody renames it here: there is no hurry to ask again.
        this.#cycleReport.unsent += 1
        this.#cycleReport.problem(path, outcome.refusal, outcome.detail)
        this.#cycleReport.lookAgain(directoryOf(path), TIMINGS.unplaceableMs)
        return
    }
    this.#cycleReport.unsent += 1
    this.#cycleReport.problem(path, outcome.refusal, outcome.detail)
    this.#cycleReport.lookAgain(directoryOf(path), TIMINGS.refusedMs)
  }
}

/** What travelled with its commit is there when that is; larger files were told of as they went. */
function noteMoved({ progress }: CycleContext, { read, sent }: Prepared): void {
  const inline = read?.inline
  if (inline === null || inline === undefined || sent.operation.kind === 'offer') return
  progress.moved(inline.length)
  progress.finished(1)
}

/** Both sides hold the content now: what comes after it may be told by what it shares with it. */
export function noteContent({ state }: CycleContext, { uploaded }: ReadOk): void {
  if (uploaded !== null) state.putChunkList(uploaded.hash, uploaded.chunks)
}

/** The coordinator has no room for a content: named by its path, and tried again before long. */
export function noRoom<Bytes>(
  { now }: CycleContext,
  cycleReport: CycleReportBuilder,
  {
    hold,
    path,
    bytes,
    detail,
  }: { readonly hold: Hold<Bytes>; readonly path: string; readonly bytes: Bytes; readonly detail: string },
): void {
  hold.refused(bytes, detail, now())
  const held = hold.hold(bytes, now())
  if (held !== undefined) heldForRoom(cycleReport, path, held)
}

interface Hold<Bytes> {
  hold(bytes: Bytes, nowMs: number): HeldForRoom | undefined
  refused(bytes: Bytes, detail: string, nowMs: number): void
}

export function heldForRoom(
  cycleReport: CycleReportBuilder,
  path: string,
  { code, detail, retryInMs }: HeldForRoom,
): void {
  cycleReport.problem(path, code, detail)
  sendLater(cycleReport, path, retryInMs)
}

function sizeOf(operation: Operation): number {
  const content = contentOf(operation)
  return content?.kind === 'file' ? content.size : 0
}

/** A change that could not be sent now is looked for again where it is. */
export function sendLater(cycleReport: CycleReportBuilder, path: string, afterMs: number): void {
  cycleReport.unsent += 1
  cycleReport.lookAgain(directoryOf(path), afterMs)
}

/** An offer is nothing that was saved now. */
function isSave({ sent, read }: Prepared): boolean {
  return sent.operation.kind !== 'offer' && read?.content.kind === 'file'
}
