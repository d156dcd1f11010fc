import { IGNORE_FILE, basePath, isInBase, sameBytes } from '@causeway/engine'
import {
  LIMITS,
  isSyncError,
  type EntryId,
  type EntryState,
  type FileContent,
  type SyncError,
} from '@causeway/protocol'
import { apply, type ApplyOutcome, type StagedFile } from '@causeway/replica'
import type { CycleContext } from '../cycle-context.ts'
import { pathOf, waitsForLocal, type ChangedHere } from '../changed-here.ts'
import { forgetWriters, isInUse, waitForWriter } from './in-use.ts'
import { holdsRemovals } from './hold-removals.ts'
import { keeperOf, makeWay, type Keeper, type Kept } from './kept-directories.ts'
import { notePlaced, notePlacing } from './placing.ts'
import { stageLarge, stageSmall } from './stage.ts'
import type { CycleReportBuilder } from '../cycle-report-builder.ts'

const STATES_PER_ROUND = 1000
/** A delete stages nothing: what a round costs then is the sync at its end. */
const DELETES_PER_ROUND = 20_000
/** One state may wait for another of a later round (a parent, a name that is vacated). */
const MOST_PASSES = 4

/**
 * Brings pending states to the disk, small ones first and a round at a time:
 * stage, make durable, place, advance the base. What can't be done stays
 * pending; entries with local changes are left alone. Returns what was tried
 * last of each state that is still pending: see `nameWhatWaits`.
 */
export async function applyRemote(
  context: CycleContext,
  cycleReport: CycleReportBuilder,
  here: ChangedHere,
  signal: AbortSignal,
): Promise<Unplaced> {
  const left: Left = { stuck: new Set(), outcomes: new Map(), kept: new Map() }
  if (context.access === 'send-only') return left
  const isHeld = holdsRemovals(context, cycleReport)
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    // What did not fit before may fit now.
    cycleReport.lackingRoom.clear()
    const { pending, waiting } = await makeWay(context, left.kept)
    const due = pending.filter((state) => {
      if (left.stuck.has(state.id) || waiting.has(state.id) || (isHeld && state.deleted)) return false
      return !waitsForLocal(context, here, state)
    })
    if (due.length === 0) break
    if ((await applyPass(context, cycleReport, due, left, signal)) === 0) break
  }
  forgetWriters(context)
  await findKeepers(context, left)
  context.memory.apply.arrivals.forget()
  return left
}

/** What could not be placed. */
export interface Unplaced {
  readonly outcomes: ReadonlyMap<EntryId, Exclude<ApplyOutcome, { kind: 'applied' }>>
  readonly kept: Kept
}

interface Left extends Unplaced {
  /** What another pass of this cycle would not change. */
  readonly stuck: Set<EntryId>
  readonly outcomes: Map<EntryId, Exclude<ApplyOutcome, { kind: 'applied' }>>
  readonly kept: Map<EntryId, Keeper>
}

/** Finds out what keeps the directories that were to go. */
async function findKeepers(context: CycleContext, { outcomes, kept }: Left): Promise<void> {
  for (const [id, { state, path, kind }] of outcomes) {
    if (kind !== 'changed' || !state.deleted || state.content.kind !== 'directory' || kept.has(id)) continue
    const keeper = await keeperOf(context, path)
    if (keeper !== undefined) kept.set(id, keeper)
  }
}

async function applyPass(
  context: CycleContext,
  cycleReport: CycleReportBuilder,
  due: readonly EntryState[],
  left: Left,
  signal: AbortSignal,
): Promise<number> {
  const early = new Map<EntryId, StagedFile>()
  let done = 0
  try {
    await stageLeaving(context, due, early, signal)
    for (const round of roundsOf(context, due)) {
      signal.throwIfAborted()
      done += await applyRound(context, cycleReport, round, { early, left }, signal)
    }
  } finally {
    await context.files.discardStaged([...early.values()])
  }
  return done
}

/** A large content whose only file here is about to go is copied first: it need not be fetched then. */
async function stageLeaving(
  context: CycleContext,
  due: readonly EntryState[],
  early: Map<EntryId, StagedFile>,
  signal: AbortSignal,
): Promise<void> {
  for (const entry of due) {
    if (entry.content.kind !== 'file' || entry.content.size <= LIMITS.inlineBytes) continue
    const content = needsBytes(context, entry)
    if (content === null || !isLeaving(context, content)) continue
    try {
      early.set(entry.id, await stageLarge(context, content, null, signal))
    } catch (error) {
      // Reported when the entry itself is processed.
      if (!isOneFilesTrouble(error)) throw error
    }
  }
}

/** True if the file that holds a content is to be removed, or to hold another. */
function isLeaving({ state }: CycleContext, content: FileContent): boolean {
  const holder = state.baseByHash(content.hash)
  const next = holder === undefined ? undefined : state.pendingOf(holder.id)
  return next !== undefined && (next.deleted || !sameBytes(next.content, content))
}

/** Small things together, then each large file by itself, so that it holds up nothing else. */
function roundsOf(context: CycleContext, due: readonly EntryState[]): readonly (readonly EntryState[])[] {
  const small = due.filter((state) => !isLarge(context, state))
  const rounds: EntryState[][] = []
  let isOfDeletes = true
  for (const state of small) {
    const round = rounds.at(-1)
    isOfDeletes &&= state.deleted
    if (round !== undefined && round.length < (isOfDeletes ? DELETES_PER_ROUND : STATES_PER_ROUND)) round.push(state)
    else {
      rounds.push([state])
      isOfDeletes = state.deleted
    }
  }
  for (const state of due) if (isLarge(context, state)) rounds.push([state])
  return rounds
}

function isLarge(context: CycleContext, state: EntryState): boolean {
  return state.content.kind === 'file' && state.content.size > LIMITS.inlineBytes && needsBytes(context, state) !== null
}

/** The content whose bytes must be staged, or null where the disk holds them or none are needed. */
function needsBytes({ state: replica }: CycleContext, state: EntryState): FileContent | null {
  if (state.deleted || state.content.kind !== 'file') return null
  const base = replica.base(state.id)
  return base !== undefined && sameBytes(base.content, state.content) ? null : state.content
}

async function applyRound(
  context: CycleContext,
  cycleReport: CycleReportBuilder,
  given: readonly EntryState[],
  { early, left }: { readonly early: Map<EntryId, StagedFile>; readonly left: Left },
  signal: AbortSignal,
): Promise<number> {
  const { files, state } = context
  const round = await withoutInUse(context, cycleReport, given, left.stuck)
  const wanted = round.flatMap((entry) => {
    const content = needsBytes(context, entry)
    return content === null ? [] : [{ entry, content }]
  })
  const staged = new Map<EntryId, StagedFile>()
  for (const { entry } of wanted) {
    const before = early.get(entry.id)
    if (before !== undefined) staged.set(entry.id, before)
    early.delete(entry.id)
  }
  try {
    const lacking = wanted.filter(({ entry }) => !staged.has(entry.id))
    await stageAll(context, cycleReport, lacking, staged, left.stuck, signal)
    await syncAll(context, cycleReport, round, staged)
    notePlacing(context, round)
    const result = await apply({ files, base: state, states: round, staged, signal })
    state.transaction(() => {
      for (const [id, base] of result.base) {
        if (base === null) state.removeBase(id)
        else state.putBase(base)
        if (staged.has(id) && base?.content.kind === 'file' && base.content.size > LIMITS.inlineBytes) {
          context.memory.apply.agreed.add(id)
        }
      }
      for (const outcome of result.outcomes) if (outcome.kind === 'applied') forgetPending(context, outcome.state)
      notePlaced(context)
    })
    return takeOutcomes(context, cycleReport, result.outcomes, left)
  } finally {
    await files.discardStaged([...staged.values()])
  }
}

/** What is to be fetched, or was found to wait for its writer before, is asked about first: fetching it may be dear. */
async function withoutInUse(
  context: CycleContext,
  cycleReport: CycleReportBuilder,
  states: readonly EntryState[],
  stuck: Set<EntryId>,
): Promise<readonly EntryState[]> {
  const due: EntryState[] = []
  for (const state of states) {
    const isAsked =
      needsBytes(context, state) !== null && (isLarge(context, state) || context.memory.apply.inUse.has(state.id))
    if (!isAsked || !(await isInUse(context, state))) {
      due.push(state)
      continue
    }
    waitForWriter(context, cycleReport, { state, path: pathOf(context, state) ?? state.name })
    stuck.add(state.id)
  }
  return due
}

async function stageAll(
  context: CycleContext,
  cycleReport: CycleReportBuilder,
  wanted: readonly { entry: EntryState; content: FileContent }[],
  staged: Map<EntryId, StagedFile>,
  stuck: Set<EntryId>,
  signal: AbortSignal,
): Promise<void> {
  const small = wanted.filter(({ content }) => content.size <= LIMITS.inlineBytes)
  for (const { entry, error } of await stageSmall(context, small, staged)) {
    noteTrouble(context, cycleReport, { entry, error, stuck })
  }
  for (const { entry, content } of wanted) {
    if (content.size <= LIMITS.inlineBytes) continue
    const base = context.state.base(entry.id)
    const path = base === undefined ? undefined : basePath(context.state, base.id)
    const replaces = base === undefined || path === undefined ? null : { path, base }
    try {
      staged.set(entry.id, await stageLarge(context, content, replaces, signal))
    } catch (error) {
      if (!isOneFilesTrouble(error)) throw error
      noteTrouble(context, cycleReport, { entry, error, stuck })
    }
  }
}

/** Makes what was staged durable. Some disks say only here that they are full: what needs no bytes goes on without. */
async function syncAll(
  context: CycleContext,
  cycleReport: CycleReportBuilder,
  round: readonly EntryState[],
  staged: Map<EntryId, StagedFile>,
): Promise<void> {
  const { files } = context
  if (staged.size === 0) return
  try {
    await files.syncStaged([...staged.values()])
  } catch (error) {
    if (!isSyncError(error, 'disk-full')) throw error
    await files.discardStaged([...staged.values()])
    for (const entry of round) if (staged.has(entry.id)) noteNoRoom(context, cycleReport, { entry, error })
    staged.clear()
  }
}

function noteTrouble(
  context: CycleContext,
  cycleReport: CycleReportBuilder,
  { entry, error, stuck }: { readonly entry: EntryState; readonly error: SyncError; readonly stuck: Set<EntryId> },
): void {
  if (error.code === 'disk-full') {
    noteNoRoom(context, cycleReport, { entry, error })
    return
  }
  cycleReport.problem(pathOf(context, entry) ?? entry.name, error.code, error.message)
  stuck.add(entry.id)
}

function noteNoRoom(
  context: CycleContext,
  cycleReport: CycleReportBuilder,
  { entry, error }: { readonly entry: EntryState; readonly error: { readonly code: string; readonly message: string } },
): void {
  const path = pathOf(context, entry) ?? entry.name
  cycleReport.lackingRoom.set(entry.id, { path, code: error.code, message: error.message })
}

/** Trouble that concerns one content only; the other files go on. */
function isOneFilesTrouble(error: unknown): error is SyncError {
  return (['chunk-missing', 'chunk-corrupt', 'manifest-invalid', 'disk-full'] as const).some((code) =>
    isSyncError(error, code),
  )
}

function forgetPending({ state }: CycleContext, applied: EntryState): void {
  const newest = state.pendingOf(applied.id)
  // A newer state may have come in while this one was placed.
  if (newest !== undefined && newest.seq <= applied.seq) state.removePending(applied.id)
  else if (newest !== undefined && isInBase(state.base(applied.id), newest)) state.removePending(applied.id)
  if (applied.deleted) state.putTombstone(applied)
  else state.removeTombstone(applied.id)
}

function takeOutcomes(
  context: CycleContext,
  cycleReport: CycleReportBuilder,
  outcomes: readonly ApplyOutcome[],
  left: Left,
): number {
  let done = 0
  for (const outcome of outcomes) {
    const { state } = outcome
    if (outcome.kind === 'applied') {
      done += 1
      left.outcomes.delete(state.id)
      if (state.name === IGNORE_FILE) cycleReport.ignoreRulesChanged = true
      continue
    }
    left.outcomes.set(state.id, outcome)
    if (outcome.kind === 'problem' && outcome.code === 'disk-full') {
      noteNoRoom(context, cycleReport, { entry: state, error: outcome })
      continue
    }
    if (outcome.kind === 'problem') cycleReport.problem(outcome.path, outcome.code, outcome.message)
    if (outcome.kind === 'in-use') waitForWriter(context, cycleReport, outcome)
    if (outcome.kind !== 'waiting') left.stuck.add(state.id)
  }
  if (done > 0) cycleReport.changedAnything = true
  return done
}
