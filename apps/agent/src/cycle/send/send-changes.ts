import {
  baseBelow,
  directoryOf,
  identityOf,
  sameContent,
  type BaseEntry,
  type LocalChange,
  type LocalCreate,
  type LocalDelete,
  type LocalEdit,
  type LocalMove,
  type Stat,
} from '@causeway/engine'
import {
  entryIdOf,
  isSyncError,
  type EntryId,
  type EntryState,
  type FileContent,
  type Operation,
} from '@causeway/protocol'
import { messageOf } from '../../link/json-call.ts'
import { adopt, awaitedAt, ownCopyOf, seenOnDisk } from './adopt.ts'
import type { Prepared, ReadOk } from './commit-batch.ts'
import { CommitLine } from './commit-line.ts'
import type { CycleContext } from '../cycle-context.ts'
import { offersInOrder, readOffered } from './offers.ts'
import { heldForRoom, noRoom, noteContent, Outcomes, sendLater } from './outcomes.ts'
import { NOTHING_UNSEEN, unseenBelow } from './unseen-below.ts'
import { readContent, type ReadContent, type ReadRequest } from './read-content.ts'
import type { HeldForRoom } from './room-hold.ts'
import type { CycleReportBuilder } from '../cycle-report-builder.ts'
import { TIMINGS } from '../timings.ts'

/**
 * Sends local changes, in the order given, and takes in what became of them.
 * While one commit is on its way the next is read and hashed. Counters are
 * taken in the order of sending, so a node's events reach the coordinator in
 * the order they happened.
 */
export async function sendChanges(
  context: CycleContext,
  cycleReport: CycleReportBuilder,
  changes: readonly LocalChange[],
  options: SendOptions,
): Promise<void> {
  await new Sending(context, cycleReport, options).run(changes)
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
  readonly #cycleReport: CycleReportBuilder
  readonly #revivals: ReadonlySet<LocalEdit>
  readonly #signal: AbortSignal
  /** Directories created in this cycle, by path. */
  readonly #created = new Map<string, EntryId>()
  /** Changes of which the coordinator was told too little. */
  readonly #toRepeat: (() => Promise<void>)[] = []
  readonly #line: CommitLine

  constructor(context: CycleContext, cycleReport: CycleReportBuilder, options: SendOptions) {
    this.#context = context
    this.#cycleReport = cycleReport
    this.#revivals = new Set(options.revivals)
    this.#signal = options.signal
    const outcomes = new Outcomes(context, cycleReport, (again) => this.#toRepeat.push(again))
    this.#line = new CommitLine(context, {
      approved: options.approved,
      onOutcome: (prepared, outcome) => outcomes.take(prepared, outcome),
      onAnswered: () => (cycleReport.changedAnything = true),
    })
  }

  async run(changes: readonly LocalChange[]): Promise<void> {
    for (const offered of offersInOrder(this.#context)) await this.#prepareOffer(offered)
    for (const change of [...this.#revivals, ...changes]) {
      this.#signal.throwIfAborted()
      await this.#prepare(change)
      await this.#line.flushIfFull()
    }
    await this.#line.drain()
    await this.#repeat()
  }

  /** Sends whole what was refused as a patch, or by its hash alone. What is refused again is told, as any refusal. */
  async #repeat(): Promise<void> {
    for (const again of this.#toRepeat.splice(0)) {
      this.#signal.throwIfAborted()
      await again()
      await this.#line.flushIfFull()
    }
    await this.#line.drain()
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

  async #prepareCreate(change: LocalCreate, isWhole = false): Promise<void> {
    const parent = change.parent ?? this.#created.get(directoryOf(change.path))
    if (parent === undefined) return sendLater(this.#cycleReport, change.path, TIMINGS.parentMs)
    const read = await this.#read(change, { replaces: null, isWhole })
    if (read === null) return
    const place = { parent, name: change.name }
    const { content, stat, racy } = read
    const stood = this.#context.state.baseAt(parent, change.name)
    const rivals = stood === undefined ? [] : [stood, awaitedAt(this.#context, parent, change.name)]
    // What this became before its answer was lost is taken up once the coordinator knows that what stood here is gone.
    if (rivals.some((rival) => rival !== undefined && ownCopyOf(this.#context, rival.id, content) !== undefined)) {
      await this.#line.drain()
    }
    const twin = adopt(this.#context, change, parent, { content, stat, racy })
    if (twin !== undefined) {
      if (content.kind === 'directory') this.#created.set(change.path, twin)
      // The answer to its commit was lost, as a rule: that the coordinator holds it is known from the log.
      if (content.kind === 'file') this.#context.saves.accepted(change.path)
      noteContent(this.#context, read)
      this.#cycleReport.changedAnything = true
      return
    }
    const counter = this.#line.takeCounter()
    const entry = entryIdOf(this.#context.node, counter)
    if (content.kind === 'directory') this.#created.set(change.path, entry)
    const again = toldShort(read) ? () => this.#prepareCreate(change, true) : null
    this.#add({ kind: 'create', counter, entry, place, content }, { path: change.path, read, again })
  }

  async #prepareEdit(change: LocalEdit, isWhole = false): Promise<void> {
    const base = this.#context.state.base(change.base.id)
    if (base === undefined) return sendLater(this.#cycleReport, change.path, 0)
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
      this.#cycleReport.changedAnything = true
      return
    }
    const counter = this.#line.takeCounter()
    const basedOnHash = identityOf(base.content)
    const operation = {
      kind: 'edit',
      counter,
      entry: base.id,
      basedOn: seenOnDisk(this.#context, base).contentVector,
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
    if (base === undefined || parent === undefined) return sendLater(this.#cycleReport, change.path, 0)
    const counter = this.#line.takeCounter()
    const place = { parent, name: change.name }
    const operation = { kind: 'move', counter, entry: base.id, basedOn: base.placeVector, place } as const
    const onDisk = { content: base.content, stat: statAfterMove(base, change), racy: base.racy }
    this.#line.add(operation, { path: change.path, read: null, again: null }, onDisk)
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
      const counter = this.#line.takeCounter()
      const operation = {
        kind: 'delete',
        counter,
        entry: entry.id,
        seenContent: entry.contentVector,
        seenPlace: entry.placeVector,
        subtree: isWhole && below.length > 0,
        ...unseen,
      } as const
      this.#line.add(operation, { path: change.path, read: null, again: null }, null)
      await this.#line.flushIfFull()
    }
  }

  async #prepareOffer(offered: EntryState): Promise<void> {
    const counter = this.#line.takeCounter()
    const read = await readOffered(this.#context, offered, this.#signal)
    this.#line.add({ kind: 'offer', counter, state: offered }, { path: offered.name, read, again: null }, null)
    await this.#line.flushIfFull()
  }

  async #read(
    { path, stat }: LocalCreate | LocalEdit,
    how: Pick<ReadRequest, 'replaces' | 'isWhole'>,
  ): Promise<ReadOk | null> {
    const held = stat.kind === 'file' ? this.#heldForRoom(stat.size, how.replaces) : undefined
    if (held !== undefined) {
      heldForRoom(this.#cycleReport, path, held)
      return null
    }
    const read = await this.#readOrTell({ path, seen: stat, ...how })
    if (read === null) return null
    if (read.kind === 'unstable') {
      this.#context.saves.unfinished(path)
      sendLater(this.#cycleReport, path, read.waitMs)
      return null
    }
    if (read.racy) this.#cycleReport.lookAgain(directoryOf(path), TIMINGS.racyMs)
    return read
  }

  #heldForRoom(sizeBytes: number, replaces: FileContent | null): HeldForRoom | undefined {
    const { now, memory } = this.#context
    const growthBytes = sizeBytes - (replaces?.size ?? 0)
    return memory.send.room.hold(sizeBytes, now()) ?? memory.send.quota.hold({ sizeBytes, growthBytes }, now())
  }

  /** A file that the disk refuses to give is one problem; the others go on. */
  async #readOrTell(request: ReadRequest): Promise<ReadContent | null> {
    const { path, seen } = request
    try {
      return await readContent(this.#context, request, this.#signal)
    } catch (error) {
      if (isSyncError(error, 'disk-full')) {
        noRoom(this.#context, this.#cycleReport, {
          hold: this.#context.memory.send.room,
          path,
          bytes: seen.size,
          detail: messageOf(error),
        })
        return null
      }
      if (!isSyncError(error, 'io-error')) throw error
      this.#cycleReport.problem(path, error.code, error.message)
      sendLater(this.#cycleReport, path, TIMINGS.refusedMs)
      return null
    }
  }

  #add(operation: Operation, prepared: Omit<Prepared, 'sent'>): void {
    const inline = prepared.read?.inline
    if (inline !== null && inline !== undefined) this.#context.progress.planned(1, inline.length)
    this.#line.add(operation, prepared, prepared.read)
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
