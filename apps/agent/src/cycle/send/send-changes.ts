import {
  EMPTY_VECTOR,
  advance,
  directoryOf,
  identityOf,
  isInBase,
  merge,
  sameContent,
  withDot,
  baseBelow,
  type BaseEntry,
  type LocalChange,
  type LocalCreate,
  type LocalDelete,
  type LocalEdit,
  type LocalMove,
  type SentOperation,
  type Stat,
} from '@causeway/engine'
import {
  ROOT_ID,
  entryIdOf,
  isSyncError,
  type EntryId,
  type EntryState,
  type Operation,
  type Outcome,
} from '@causeway/protocol'
import { adopt, awaitedAt, ownCopyOf } from './adopt.ts'
import { bringBack, forget } from '../bring-back.ts'
import { CommitBatch, type Prepared, type ReadOk } from './commit-batch.ts'
import type { CycleContext } from '../cycle-context.ts'
import { offersInOrder, readOffered } from './offers.ts'
import { NOTHING_UNSEEN, unseenBelow } from './unseen-below.ts'
import { readContent, type ReadContent, type ReadRequest } from './read-content.ts'
import { keepProof } from '../pull/proof.ts'
import { beginReread, giveUpOffer } from '../pull/reread.ts'
import type { Tally } from '../tally.ts'
import { TIMINGS } from '../timings.ts'

/**
 * Sends local changes, in the order given, and takes in what became of them.
 * While one commit is on its way the next is read and hashed. Counters are
 * taken in the order of sending, so a node's events reach the coordinator in
 * the order they happened.
 */
export async function sendChanges(
  context: CycleContext,
  tally: Tally,
  changes: readonly LocalChange[],
  options: SendOptions,
): Promise<void> {
  await new Sending(context, tally, options).run(changes)
}

export interface SendOptions {
  /** A person let the deletes through. */
  readonly approved: boolean
  /** Entries to be sent before all others, as new saves though nothing was changed: that brings them back to life. */
  readonly revivals: readonly LocalEdit[]
  readonly signal: AbortSignal
}

class Sending {
  readonly #context: CycleContext
  readonly #tally: Tally
  readonly #approved: boolean
  readonly #revivals: ReadonlySet<LocalEdit>
  readonly #signal: AbortSignal
  /** Directories created in this cycle, by path. */
  readonly #created = new Map<string, EntryId>()
  readonly #aliases = new Map<EntryId, EntryId>()
  /** Changes of which the coordinator was told too little. */
  #toRepeat: (() => Promise<void>)[] = []
  #batch = new CommitBatch()
  #inFlight: Promise<void> = Promise.resolve()

  constructor(context: CycleContext, tally: Tally, options: SendOptions) {
    this.#context = context
    this.#tally = tally
    this.#approved = options.approved
    this.#revivals = new Set(options.revivals)
    this.#signal = options.signal
  }

  async run(changes: readonly LocalChange[]): Promise<void> {
    for (const offered of offersInOrder(this.#context)) await this.#prepareOffer(offered)
    for (const change of [...this.#revivals, ...changes]) {
      this.#signal.throwIfAborted()
      await this.#prepare(change)
      if (this.#batch.isFull) await this.#flush()
    }
    await this.#flush()
    await this.#inFlight
    await this.#repeat()
  }

  /** Sends whole what was refused as a patch, or by its hash alone. What is refused again is told, as any refusal. */
  async #repeat(): Promise<void> {
    for (const again of this.#toRepeat.splice(0)) {
      this.#signal.throwIfAborted()
      await again()
      if (this.#batch.isFull) await this.#flush()
    }
    await this.#flush()
    await this.#inFlight
  }

  async #prepare(change: LocalChange): Promise<void> {
    switch (change.kind) {
      case 'create':
        return this.#prepareCreate(change)
      case 'edit':
        return this.#prepareEdit(change)
      case 'move':
        return this.#prepareMove(change)
      case 'delete':
        return this.#prepareDelete(change)
    }
  }

  /** Waits for the commit before, then sends this one without waiting for it. */
  async #flush(): Promise<void> {
    const batch = this.#batch
    if (batch.isEmpty) return
    this.#batch = new CommitBatch()
    await this.#inFlight
    this.#inFlight = this.#send(batch)
    this.#inFlight.catch(() => undefined)
  }

  async #send(batch: CommitBatch): Promise<void> {
    const { link, folder, state } = this.#context
    const response = await link.commit(folder, batch.request(this.#approved))
    state.transaction(() => {
      keepProof(state, response.receipt)
      batch.prepared.forEach((prepared, index) => {
        const outcome = response.outcomes[index]
        if (outcome !== undefined) this.#settle(prepared, outcome)
      })
    })
    this.#tally.changedAnything = true
  }

  #settle(prepared: Prepared, outcome: Outcome): void {
    const { sent } = prepared
    const { state, memory } = this.#context
    const next = advance(state, this.#withKnownParent(sent), outcome)
    if (next.alias !== null) {
      this.#aliases.set(next.alias.from, next.alias.to)
      state.removePending(next.alias.from)
    }
    for (const id of next.removed) state.removeBase(id)
    for (const entry of next.put) this.#putBase(entry)
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
    if (outcome.kind === 'conflict') this.#tally.conflicts += 1
    const waits = outcome.kind === 'refused' && outcome.refusal === 'halted'
    if (sent.operation.kind === 'offer' && !waits) memory.send.reoffers.answered(sent.operation.state.id)
    if (outcome.kind !== 'refused') state.setClock(withDot(state.clock(), sent.node, sent.operation.counter))
    else this.#refused(prepared, outcome)
    this.#moved(prepared)
    if (outcome.kind === 'refused' || prepared.read === null) return
    if (isSave(prepared)) this.#context.saves.accepted(prepared.path)
    this.#noteContent(prepared.read)
    if (prepared.read.uploaded !== null) for (const { id } of next.put) memory.apply.agreed.add(id)
  }

  /** What travelled with its commit is there when that is; larger files were told of as they went. */
  #moved({ read, sent }: Prepared): void {
    const inline = read?.inline
    if (inline === null || inline === undefined || sent.operation.kind === 'offer') return
    const { progress } = this.#context
    progress.moved(inline.length)
    progress.finished(1)
  }

  /** Both sides hold the content now: what comes after it may be told by what it shares with it. */
  #noteContent({ uploaded }: ReadOk): void {
    if (uploaded !== null) this.#context.state.putChunkList(uploaded.hash, uploaded.chunks)
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
        this.#tally.halted = { reason: outcome.detail, removed: 0, live: state.baseCount(), sample: [path], held: null }
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
        this.#later(path, 0)
        return
      case 'missing-content':
        if (again === null) break
        this.#toRepeat.push(again)
        return
      case 'unreadable':
        // It is tried again in a while, whatever is looked at meanwhile.
        this.#tally.unsent += 1
        this.#tally.problem(path, outcome.refusal, outcome.detail)
        return
      case 'not-set-back':
      case 'no-write-access':
        break
      case 'unplaceable':
        // It stays so until somebody renames it here: there is no hurry to ask again.
        this.#tally.unsent += 1
        this.#tally.problem(path, outcome.refusal, outcome.detail)
        this.#tally.lookAgain(directoryOf(path), TIMINGS.unplaceableMs)
        return
    }
    this.#tally.unsent += 1
    this.#tally.problem(path, outcome.refusal, outcome.detail)
    this.#tally.lookAgain(directoryOf(path), TIMINGS.refusedMs)
  }

  async #prepareCreate(change: LocalCreate, isWhole = false): Promise<void> {
    const parent = change.parent ?? this.#created.get(directoryOf(change.path))
    if (parent === undefined) return this.#later(change.path, TIMINGS.parentMs)
    const read = await this.#read(change, { replaces: null, isWhole })
    if (read === null) return
    const place = { parent, name: change.name }
    const { content, stat, racy } = read
    const stood = this.#context.state.baseAt(parent, change.name)
    const rivals = stood === undefined ? [] : [stood, awaitedAt(this.#context, parent, change.name)]
    // What this became before its answer was lost is taken up once the coordinator knows that what stood here is gone.
    if (rivals.some((rival) => rival !== undefined && ownCopyOf(this.#context, rival.id, content) !== undefined)) {
      await this.#flush()
      await this.#inFlight
    }
    const twin = adopt(this.#context, change, parent, { content, stat, racy })
    if (twin !== undefined) {
      if (content.kind === 'directory') this.#created.set(change.path, twin)
      // The answer to its commit was lost, as a rule: that the coordinator holds it is known from the log.
      if (content.kind === 'file') this.#context.saves.accepted(change.path)
      this.#noteContent(read)
      this.#tally.changedAnything = true
      return
    }
    const counter = this.#takeCounter()
    const entry = entryIdOf(this.#context.node, counter)
    if (content.kind === 'directory') this.#created.set(change.path, entry)
    const again = toldShort(read) ? () => this.#prepareCreate(change, true) : null
    this.#add({ kind: 'create', counter, entry, place, content }, { path: change.path, read, again })
  }

  async #prepareEdit(change: LocalEdit, isWhole = false): Promise<void> {
    const base = this.#context.state.base(change.base.id)
    if (base === undefined) return this.#later(change.path, 0)
    const replaces = base.content.kind === 'file' ? base.content : null
    const read = await this.#read(change, { replaces, isWhole })
    if (read === null) return
    if (sameContent(base, { content: read.content }) && !this.#revivals.has(change)) {
      this.#context.state.putBase({ ...base, stat: read.stat, racy: read.racy })
      this.#context.saves.unchanged(change.path)
      return
    }
    const { state } = this.#context
    const rival = state.pendingOf(base.id)
    if (rival !== undefined && ownCopyOf(this.#context, base.id, read.content) !== undefined) {
      // It was sent, and became a conflict copy: that and its rival are to be placed.
      state.putBase({ ...base, content: read.content, stat: read.stat, racy: read.racy })
      this.#context.saves.accepted(change.path)
      this.#tally.changedAnything = true
      return
    }
    const counter = this.#takeCounter()
    const basedOnHash = identityOf(base.content)
    const operation = {
      kind: 'edit',
      counter,
      entry: base.id,
      basedOn: base.contentVector,
      basedOnHash,
      ...(base.content.kind !== 'symlink' && { basedOnMode: base.content.mode }),
      content: read.content,
    } as const
    const again = toldShort(read) ? () => this.#prepareEdit(change, true) : null
    this.#add(operation, { path: change.path, read, again })
  }

  async #prepareMove(change: LocalMove): Promise<void> {
    const base = this.#context.state.base(change.base.id)
    const parent = change.parent ?? this.#created.get(directoryOf(change.path))
    if (base === undefined || parent === undefined) return this.#later(change.path, 0)
    const counter = this.#takeCounter()
    const place = { parent, name: change.name }
    this.#batch.add(
      {
        sent: {
          operation: { kind: 'move', counter, entry: base.id, basedOn: base.placeVector, place },
          node: this.#context.node,
          onDisk: { content: base.content, stat: statAfterMove(base, change), racy: base.racy },
        },
        path: change.path,
        read: null,
        again: null,
      },
      () => this.#clockBefore(counter),
    )
  }

  /**
   * One operation for a whole directory, with the names of what the log has
   * told and this disk has not got; where those are too many, one for each
   * entry, so that nothing falls that was never here.
   */
  async #prepareDelete(change: LocalDelete): Promise<void> {
    const { state } = this.#context
    if (state.base(change.base.id) === undefined) return
    const below = change.base.content.kind === 'directory' ? baseBelow(state, change.base.id, new Set()) : []
    const unseen = below.length > 0 ? unseenBelow(state, change.base.id) : NOTHING_UNSEEN
    const isWhole = unseen !== null
    const separately = isWhole ? [change.base] : [...[...below].reverse(), change.base]
    for (const entry of separately) {
      const counter = this.#takeCounter()
      const operation = {
        kind: 'delete',
        counter,
        entry: entry.id,
        seenContent: entry.contentVector,
        seenPlace: entry.placeVector,
        subtree: isWhole && below.length > 0,
        ...unseen,
      } as const
      this.#batch.add(
        { sent: { operation, node: this.#context.node, onDisk: null }, path: change.path, read: null, again: null },
        () => this.#clockBefore(counter),
      )
      if (this.#batch.isFull) await this.#flush()
    }
  }

  async #prepareOffer(offered: EntryState): Promise<void> {
    const counter = this.#takeCounter()
    const sent: SentOperation = {
      operation: { kind: 'offer', counter, state: offered },
      node: this.#context.node,
      onDisk: null,
    }
    const read = await readOffered(this.#context, offered, this.#signal)
    this.#batch.add({ sent, path: offered.name, read, again: null }, () => this.#clockBefore(counter))
    if (this.#batch.isFull) await this.#flush()
  }

  async #read(
    { path, stat }: LocalCreate | LocalEdit,
    how: Pick<ReadRequest, 'replaces' | 'isWhole'>,
  ): Promise<ReadOk | null> {
    const read = await this.#readOrTell({ path, seen: stat, ...how })
    if (read === null) return null
    if (read.kind === 'unstable') {
      this.#context.saves.unfinished(path)
      this.#later(path, read.waitMs)
      return null
    }
    if (read.racy) this.#tally.lookAgain(directoryOf(path), TIMINGS.racyMs)
    return read
  }

  /** A file that the disk refuses to give is one problem; the others go on. */
  async #readOrTell(request: ReadRequest): Promise<ReadContent | null> {
    const { path } = request
    try {
      return await readContent(this.#context, request, this.#signal)
    } catch (error) {
      if (!isSyncError(error, 'io-error')) throw error
      this.#tally.problem(path, error.code, error.message)
      this.#later(path, TIMINGS.refusedMs)
      return null
    }
  }

  #later(path: string, afterMs: number): void {
    this.#tally.unsent += 1
    this.#tally.lookAgain(directoryOf(path), afterMs)
  }

  #add(operation: Operation, prepared: Omit<Prepared, 'sent'>): void {
    const sent: SentOperation = { operation, node: this.#context.node, onDisk: prepared.read }
    const inline = prepared.read?.inline
    if (inline !== null && inline !== undefined) this.#context.progress.planned(1, inline.length)
    this.#batch.add({ sent, ...prepared }, () => this.#clockBefore(operation.counter))
  }

  #takeCounter(): number {
    return this.#context.state.takeCounters(1)
  }

  /** All the node had seen when the event happened, its own earlier events included. */
  #clockBefore(counter: number): Record<string, number> {
    const { state, node } = this.#context
    const own = counter > 1 ? withDot(EMPTY_VECTOR, node, counter - 1) : EMPTY_VECTOR
    return { ...merge(state.clock(), own) }
  }
}

/**
 * What the base says of a file that was moved. If it was edited as well, the
 * base must go on describing the old bytes: else the new ones would pass for
 * them, and be replaced unseen.
 */
function statAfterMove({ stat }: BaseEntry, { stat: now }: LocalMove): Stat {
  const isEdited = now.kind === 'file' && (now.size !== stat.size || now.mtimeNs !== stat.mtimeNs)
  return isEdited ? stat : now
}

/** True if the coordinator may find that it can't make the content out of what it is told. */
function toldShort({ uploaded }: ReadOk): boolean {
  return uploaded !== null && uploaded.told.kind !== 'manifest'
}

/** An offer is nothing that was saved now. */
function isSave({ sent, read }: Prepared): boolean {
  return sent.operation.kind !== 'offer' && read?.content.kind === 'file'
}
