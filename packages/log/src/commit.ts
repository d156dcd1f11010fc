import { createHash } from 'node:crypto'
import { counterOf, type CommitWrites } from '@causeway/engine'
import {
  COORDINATOR_ID,
  decode,
  encode,
  isSyncError,
  OutcomeSchema,
  SyncError,
  type Actor,
  type CommitRequest,
  type CommitResponse,
  type EventKind,
  type FolderId,
  type Hash,
  type HistoryEvent,
  type NodeId,
  type Operation,
  type Outcome,
} from '@causeway/protocol'
import { z } from 'zod'
import type { ChunkRow, ContentWrites, FolderRow, FolderWrites, MetadataReader, MetadataWriter } from '@causeway/store'
import { isoNow, type CommitContents, type LogPorts } from './ports.ts'
import { decideWithRows } from './decide-with-rows.ts'
import { folderRemoved } from './folder-meant.ts'
import {
  claimable,
  claimedContents,
  contentWrites,
  NO_PATCHES,
  unavailableContents,
  wantedContents,
  type ClaimedContents,
  type TakenPatches,
} from './claimed-contents.ts'
import {
  doubtfulLists,
  DoubtfulLists,
  overruled,
  Proofs,
  withoutUnreadable,
  type DoubtfulList,
} from './doubtful-lists.ts'
import { NONCE_BYTES, type LogTags } from './log-tags.ts'
import { announceEvents } from './note-event.ts'
import { committerOf, firstNeeds, openSnapshot, type Committer } from './load-snapshot.ts'

export interface Commits {
  /**
   * Takes a node's commit. When it resolves, everything accepted survives
   * power loss, and the nodes that follow the folder have been told. A repeat
   * of an operation gets the outcome it got before. `wireBytes` is what the
   * request took, for those who measure.
   */
  commit(folder: FolderId, node: NodeId, request: CommitRequest, wireBytes?: number): Promise<CommitResponse>
  /** A commit by the coordinator itself (a restore, an upload), built on the folder as it then stands. */
  author(folder: FolderId, build: OwnBuild, brought?: Brought): Promise<OwnCommit>
}

/** Contents that an own commit brings along, their bytes checked and durable. */
export interface Brought {
  /** The chunks that were not held before. */
  readonly rows: readonly ChunkRow[]
  /** All of them, and the contents that they make. */
  readonly hashes: readonly Hash[]
}

/** What the coordinator wants done, and how history is to speak of it. */
export interface OwnRequest {
  readonly request: CommitRequest
  /** Without a kind, events keep the one they have. */
  readonly note?: { readonly kind?: EventKind; readonly reason: string; readonly actor: Actor }
}

/**
 * Builds a request; `counter` is the coordinator's next, and further
 * operations take `counter + n * OWN_COUNTER_STEP`: the decision may need
 * counters of the coordinator's own for each. It may be run again, so it must
 * do nothing but read.
 */
export type OwnBuild = (tx: MetadataReader, folder: FolderRow, counter: number) => Promise<OwnRequest>

/** More than the events one operation can cause: a revival of every directory above it. */
export const OWN_COUNTER_STEP = 512

export interface OwnCommit {
  readonly outcomes: readonly Outcome[]
  readonly events: readonly HistoryEvent[]
}

/** A folder that others change each time between is asked for no more often than this. */
const MOST_TRIES = 20
/** After so many, it is decided where nobody else can write. */
const TRIES_OUTSIDE = 3
/** Decided on so few rows, a commit holds others up for some milliseconds at most. */
const QUICK_ROWS = 2000

const ITSELF: Committer = { id: COORDINATOR_ID, name: 'coordinator', access: 'read-write' }

export function createCommits(ports: LogPorts, contents: Pick<CommitContents, 'keep' | 'take' | 'prove'>): Commits {
  const { metadata, signals, recent, clock, timers, random, observe, tags } = ports

  interface Attempt {
    readonly folder: FolderId
    readonly kept: readonly ChunkRow[]
    readonly taken: TakenPatches
    /** Why none of its bytes that were new were kept; null where they were. */
    readonly noRoom: string | null
    /** What came with it: its sender has that. */
    readonly sent: ReadonlySet<Hash>
    readonly node: NodeId
    /** What was found out of chunk lists, so far. */
    readonly proofs: Proofs
    readonly build: (tx: MetadataReader) => Promise<OwnRequest>
  }

  interface Decision {
    readonly before: FolderRow
    readonly committer: Committer
    readonly request: CommitRequest
    readonly claimed: ClaimedContents
    readonly outcomes: readonly Outcome[]
    readonly writes: FolderWrites | null
    readonly contents: ContentWrites
    /** How many rows it took: says whether others may wait while it is decided. */
    readonly rows: number
  }

  interface Result extends Decision {
    readonly events: readonly HistoryEvent[]
  }

  /** Decides again where something else changed the folder between. */
  async function attempt(what: Attempt): Promise<Result> {
    for (let tries = 1; ; tries++) {
      try {
        const result = await attemptOnce(what, tries)
        announce(result, what.taken)
        return result
      } catch (error) {
        const isLast = tries === MOST_TRIES
        if (error instanceof DoubtfulLists && !isLast) await prove(error.lists, what.proofs)
        else if (error instanceof DoubtfulLists) throw busy(what.folder)
        else if (!isSyncError(error, 'outdated') || isLast) throw error
      }
    }
  }

  /** Outside any transaction: it takes as long as hashing the contents does. */
  async function prove(lists: readonly DoubtfulList[], proofs: Proofs): Promise<void> {
    for (const { content, list, isHeld, isInTheWay } of lists) {
      const proof = await contents.prove(content, list)
      proofs.put(content, list, proof)
      if (!isHeld || (proof === 'unreadable' && !isInTheWay)) continue
      await metadata.write((tx) => tx.settleManifest(content, list, proof === 'right'))
      if (proof !== 'right')
        ports.log.warn({ content }, 'a chunk list that a node named does not make its content: it was dropped')
    }
  }

  /**
   * Decides on a snapshot, while others write, and then writes if nothing came between. What did is taken in at once
   * where that is quick, and where others would overtake this commit for ever.
   */
  async function attemptOnce(what: Attempt, tries: number): Promise<Result> {
    const given = { at: isoNow(clock), nonce: random.hex(NONCE_BYTES) }
    const decided = await metadata.read((tx) => decide(tx, what, given))
    if (isNothing(decided)) return { ...decided, events: [] }
    return metadata.write(async (tx) => {
      try {
        return await write(tx, decided)
      } catch (error) {
        const mayWait = decided.rows <= QUICK_ROWS || tries > TRIES_OUTSIDE
        if (!isSyncError(error, 'outdated') || !mayWait) throw error
      }
      return write(tx, await decide(tx, what, given))
    }, what.folder)
  }

  async function decide(
    tx: MetadataReader,
    { folder: id, kept, taken, noRoom, sent, node, build, proofs }: Attempt,
    { at, nonce }: { readonly at: string; readonly nonce: string },
  ): Promise<Decision> {
    const { request, note } = await build(tx)
    const claimed = claimedContents(request, taken.spliced)
    const needs = firstNeeds(request, { node, at, ...wantedContents(claimed, kept, true) })
    const loaded = await tx.loadForCommit(id, needs)
    const before = inUse(id, loaded.folder)
    const committer = node === COORDINATOR_ID ? ITSELF : committerOf(loaded)
    if (committer === undefined) throw new SyncError('not-allowed', `${node} does not carry the folder ${id}`)
    const isComplete = loaded.held.isIntact || claimed.spliced.size === 0
    const found = isComplete
      ? loaded.held
      : (await tx.loadForCommit(id, { ...needs, ...wantedContents(claimed, kept, false) })).held
    const held = withoutUnreadable(claimable(found, sent), proofs)
    const listsOf = { claimed, found, held, proofs }
    const doubtful = doubtfulLists({ ...listsOf, committer: committer.id })
    if (doubtful.length > 0) throw new DoubtfulLists(doubtful)
    const unavailable = unavailableContents(claimed, kept, held)
    const told = toldBefore(loaded.outcomes, request)
    const fresh = { ...request, operations: request.operations.filter(({ counter }) => !told.has(counter)) }

    const first = openSnapshot({ folder: before, node: committer, at, unavailable, noRoom }, loaded)
    const { decision, rows, revived } = await decideWithRows(tx, first, fresh, { claimed, kept, sent })
    const decided = new Map(fresh.operations.map(({ counter }, index) => [counter, decision.outcomes[index]]))
    const outcomes = request.operations.map(({ counter }) => {
      const outcome = told.get(counter) ?? decided.get(counter)
      if (outcome === undefined) throw new SyncError('internal', `operation ${counter} of ${node} has no outcome`)
      return outcome
    })
    const words = { committer, request: fresh, note }
    const writes = folderWrites(before, committer, fresh, retold(decision, words), { at, nonce, tags })
    const contents = contentWrites(claimed, {
      unavailable,
      kept,
      held,
      revived,
      overruled: overruled(listsOf),
      by: node === COORDINATOR_ID ? null : node,
    })
    return { before, committer, request, claimed, outcomes, writes, contents, rows: rows + request.operations.length }
  }

  async function write(tx: MetadataWriter, decided: Decision): Promise<Result> {
    const { writes, contents, committer } = decided
    if (writes === null) {
      await tx.keepContents(decided.before.id, contents)
      return { ...decided, events: [] }
    }
    const by = committer.id === COORDINATOR_ID ? {} : { by: { node: committer.id, access: committer.access } }
    return { ...decided, events: await tx.applyFolderWrites({ ...writes, ...by, contents }) }
  }

  /** Only now that the commit is durable does anybody hear of it. */
  function announce({ before, committer, request, writes, events }: Result, taken: TakenPatches): void {
    const durableAt = timers.now()
    announceEvents(ports, events)
    if (writes === null || writes.head === before.head) return
    const { folder, head, tag, clock: seen, states } = writes
    const { epoch } = before
    const counted = writes.events.reduce((sum, { kind, entries }) => sum + (kind === 'delete' ? entries : 0), 0)
    observe.durable({ folder, head, author: committer.id })
    const named = new Set(states.flatMap(({ content }) => (content.kind === 'file' ? [content.hash] : [])))
    const contents = request.contents.filter(({ hash }) => named.has(hash))
    const patches = taken.sound.filter(({ content }) => named.has(content))
    recent.put({
      folder,
      after: { epoch, seq: before.head, tag: before.tag },
      cursor: { epoch, seq: head, tag },
      clock: seen,
      states,
      contents,
      patches,
      node: committer.id,
      ...(counted > 0 && { counted }),
    })
    signals.publish('change', { folder })
    // Signals within a process come at once: who is live has the change in its socket by now.
    observe.fannedOut(timers.now() - durableAt)
  }

  return {
    async commit(folder, node, request, wireBytes = 0) {
      const started = timers.now()
      refuseRepeatedCounters(request)
      const [plain, patched] = await Promise.all([
        whereRoom(contents.keep(request.contents), []),
        whereRoom(contents.take({ folder, node }, request.patches ?? []), NO_PATCHES),
      ])
      const { kept, taken, noRoom } = { kept: plain.kept, taken: patched.kept, noRoom: plain.noRoom ?? patched.noRoom }
      const { before, outcomes, claimed, writes } = await attempt({
        folder,
        kept: [...kept, ...taken.rows],
        taken,
        noRoom,
        sent: new Set([...request.contents.map(({ hash }) => hash), ...taken.made]),
        node,
        proofs: new Proofs(),
        build: async () => ({ request }),
      })
      const versions = writes?.versions.filter((version) => version.node === node) ?? []
      const tookMs = timers.now() - started
      observe.committed({ folder, node, request, wireBytes, claimed, versions, outcomes, tookMs })
      const { epoch } = before
      const { head, tag } = writes ?? before
      return { outcomes: [...outcomes], ...(head > 0 && { receipt: { epoch, seq: head, tag } }) }
    },
    async author(folder, build, { rows, hashes } = { rows: [], hashes: [] }) {
      const { outcomes, events } = await attempt({
        folder,
        kept: rows,
        taken: NO_PATCHES,
        noRoom: null,
        sent: new Set(hashes),
        node: COORDINATOR_ID,
        proofs: new Proofs(),
        build: async (tx) => {
          const row = await folderOf(tx, folder)
          return build(tx, row, counterOf(row.clock, COORDINATOR_ID) + 1)
        },
      })
      return { outcomes, events }
    },
  }
}

/** Bytes that the disk has no room for hold up nothing that comes without any. */
async function whereRoom<T>(
  keeping: Promise<T>,
  nothing: T,
): Promise<{ readonly kept: T; readonly noRoom: string | null }> {
  try {
    return { kept: await keeping, noRoom: null }
  } catch (error) {
    if (!isSyncError(error, 'disk-full')) throw error
    return { kept: nothing, noRoom: error.message }
  }
}

function busy(folder: FolderId): SyncError {
  return new SyncError('outdated', `cannot commit to ${folder}: the chunk lists that it counts on change all the time`)
}

/** The row of a folder in use; throws `not-found`, for a removed one too. */
export async function folderOf(tx: MetadataReader, id: FolderId): Promise<FolderRow> {
  return inUse(id, await tx.folder(id))
}

function inUse(id: FolderId, folder: FolderRow | undefined): FolderRow {
  if (folder === undefined) throw new SyncError('not-found', `there is no folder ${id}`)
  if (folder.removed !== undefined) throw folderRemoved(folder)
  return folder
}

function toldBefore(stored: ReadonlyMap<number, Uint8Array>, request: CommitRequest): ReadonlyMap<number, Outcome> {
  const told = new Map<number, Outcome>()
  for (const operation of request.operations) {
    const bytes = stored.get(operation.counter)
    const kept = bytes === undefined ? undefined : keptOutcome(bytes)
    if (kept === undefined) continue
    if (kept.fingerprint === null || sameBytes(kept.fingerprint, fingerprintOf(operation)))
      told.set(operation.counter, kept.outcome)
  }
  return told
}

/** An outcome beside what was asked for; outcomes from before that was kept stand alone. */
const KeptOutcomeSchema = z.union([z.tuple([z.instanceof(Uint8Array), OutcomeSchema]), OutcomeSchema])

function keptOutcome(bytes: Uint8Array): { readonly fingerprint: Uint8Array | null; readonly outcome: Outcome } {
  const kept = decode(KeptOutcomeSchema, bytes)
  return Array.isArray(kept) ? { fingerprint: kept[0], outcome: kept[1] } : { fingerprint: null, outcome: kept }
}

const FINGERPRINT_BYTES = 8

/** Tells a repeat from another operation to which a node, having lost its memory, gave the same counter. */
function fingerprintOf(operation: Operation): Uint8Array {
  return createHash('sha256').update(encode(operation)).digest().subarray(0, FINGERPRINT_BYTES)
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

/** True where there is nothing to write: every operation was refused, or had its outcome before. */
function isNothing({ writes, contents }: { readonly writes: FolderWrites | null; readonly contents: ContentWrites }) {
  return writes === null && contents.chunks.length === 0 && contents.manifests.length === 0
}

interface Decided {
  readonly outcomes: readonly Outcome[]
  readonly writes: CommitWrites
}

/** The decision with the words of whoever asked for it, where there are such, and with who that was. */
function retold(
  decided: Decided,
  {
    committer,
    request,
    note,
  }: { readonly committer: Committer; readonly request: CommitRequest; readonly note: OwnRequest['note'] | undefined },
): Decided {
  const counters = new Set(note === undefined ? [] : request.operations.map(({ counter }) => counter))
  const actor: Actor = note?.actor ?? { kind: 'node', node: committer.id }
  const events = decided.writes.events.map((event) => {
    // The folder goes on because of this request, although the event is the coordinator's.
    if (event.kind === 'resume') return { ...event, actor }
    return event.node === COORDINATOR_ID && counters.has(event.counter) ? { ...event, ...note } : event
  })
  return { ...decided, writes: { ...decided.writes, events } }
}

/** Null where the commit changed nothing at all. */
function folderWrites(
  before: FolderRow,
  committer: Committer,
  request: CommitRequest,
  { outcomes, writes }: Decided,
  { at, nonce, tags }: { readonly at: string; readonly nonce: string; readonly tags: LogTags },
): FolderWrites | null {
  // A refusal is not kept: the same operation may be sent again once its cause is gone.
  const kept = request.operations.flatMap((operation, index) => {
    const { counter } = operation
    const outcome = outcomes[index]
    if (outcome === undefined || outcome.kind === 'refused') return []
    return [{ node: committer.id, counter, outcome: encode([fingerprintOf(operation), outcome]) }]
  })
  const halted = haltAfter(before, writes)
  const isIdle = kept.length === 0 && writes.events.length === 0 && writes.head === before.head
  if (isIdle && halted === undefined) return null
  const { head, clock, states, events, aliases, settled } = writes
  return {
    folder: before.id,
    decidedOn: before.revision,
    head,
    tag: head === before.head ? before.tag : tags.make(before, head, nonce),
    clock,
    at,
    states,
    versions: writes.versions.map(({ state, registers, node, counter }) => {
      return { folder: before.id, seq: state.seq, entry: state.id, registers, state, node, counter, at }
    }),
    events,
    aliases,
    conflicts: writes.conflicts.map(({ copy, rival }) => ({ folder: before.id, copy, rival, at })),
    settled,
    outcomes: kept,
    ...(halted !== undefined && { halted }),
  }
}

/** What the commit makes of the folder's halt; undefined where it leaves it. */
function haltAfter(before: FolderRow, writes: CommitWrites): string | null | undefined {
  if (writes.resumed && before.halted !== null) return null
  return before.halted === null ? (writes.halted ?? undefined) : undefined
}

function refuseRepeatedCounters(request: CommitRequest): void {
  const counters = new Set(request.operations.map(({ counter }) => counter))
  if (counters.size < request.operations.length) {
    throw new SyncError('bad-request', 'two operations of one commit carry the same counter')
  }
}
