import { directoryOf, type LocalChange } from '@causeway/engine'
import type { ChangeBatch } from '@causeway/protocol'
import { applyRemote } from './cycle/apply/apply-remote.ts'
import { changedHere } from './cycle/changed-here.ts'
import { withCommitsInParts } from './cycle/send/commit-in-parts.ts'
import type { CycleContext, CycleReport, ScanScope } from './cycle/cycle-context.ts'
import { spendWord, wordOf } from './cycle/send/halt-word.ts'
import { holdDeletes, tellRefused, withoutDeletes } from './cycle/send/hold-deletes.ts'
import { letRemovalsThrough } from './cycle/apply/hold-removals.ts'
import { refreshIgnoreRules } from './cycle/scan/ignore-file.ts'
import { holdUnfinished } from './cycle/apply/in-use.ts'
import { keepLocal } from './cycle/send/receive-only.ts'
import { lookAtDisk, lookBelow, type Found } from './cycle/scan/look-at-disk.ts'
import { nameWhatWaits } from './cycle/apply/name-what-waits.ts'
import { recoverPlaced } from './cycle/apply/placing.ts'
import { pull } from './cycle/pull/pull.ts'
import { putBack, revivals } from './cycle/send/put-back.ts'
import { readAgain } from './cycle/pull/read-again.ts'
import { sendChanges, type SendOptions } from './cycle/send/send-changes.ts'
import { sendWanted } from './cycle/send/send-wanted.ts'
import { endReread, resumeReread } from './cycle/pull/reread.ts'
import { applyLogBatch } from './cycle/pull/apply-log-batch.ts'
import { CycleReportBuilder } from './cycle/cycle-report-builder.ts'

export type { CycleContext, CycleReport, ScanScope } from './cycle/cycle-context.ts'
export { CycleMemory } from './cycle/cycle-memory.ts'
export { liftHalt } from './cycle/send/halt-word.ts'

/**
 * Brings one folder in step, both ways, as far as it can be now.
 *
 * ```
 * disk ──scan──▶ local ──diff──▶ local changes ──send──▶ outcomes ──advance──▶ base
 * change log ──pull──▶ remote ──stage──▶ staged ──apply──▶ outcomes ──advance──▶ base
 * ```
 *
 * Local changes go first wherever both sides changed an entry: the coordinator
 * decides, and what it decided comes back as a remote state. Throws `offline`,
 * `root-missing` and the like where the whole folder can't go on; nothing is
 * lost then, and the next cycle goes on from where this one stood.
 */
export async function runSyncCycle(context: CycleContext, scope: ScanScope, signal: AbortSignal): Promise<CycleReport> {
  const cycleReport = new CycleReportBuilder(context.now)
  await makeReady(context, cycleReport, signal)
  const found = await scanDisk(context, cycleReport, scope, signal)
  await pullLog(context, cycleReport, { isAsked: scope.pull, changes: found.changes }, signal)
  const unsent = await sendLocal(context, cycleReport, found, signal)
  await placeRemote(context, cycleReport, unsent, signal)
  await endCycle(context, cycleReport, scope, signal)
  return cycleReport.report(context.access === 'send-only' ? 0 : context.state.pendingCount())
}

/** Whatever an earlier cycle or process left half done is known before the disk is looked at. */
async function makeReady(context: CycleContext, cycleReport: CycleReportBuilder, signal: AbortSignal): Promise<void> {
  context.memory.send.unsent.scanBegins()
  await context.files.checkRoot()
  await recoverPlaced(context, signal)
  for (const path of await context.files.returnLateSaves()) cycleReport.lookAgain(directoryOf(path), 0)
  await readAgain(context, signal)
  await refreshIgnoreRules(context, cycleReport)
}

async function scanDisk(
  context: CycleContext,
  cycleReport: CycleReportBuilder,
  scope: ScanScope,
  signal: AbortSignal,
): Promise<Found> {
  const { saves, memory } = context
  saves.scanBegins()
  const found = await lookAtDisk(context, cycleReport, scope.directories, signal)
  saves.scanned(scope.directories, found.changes)
  memory.send.unsent.found(context.access === 'receive-only' ? 0 : found.changes.length)
  return found
}

async function pullLog(
  context: CycleContext,
  cycleReport: CycleReportBuilder,
  { isAsked, changes }: { readonly isAsked: boolean; readonly changes: readonly LocalChange[] },
  signal: AbortSignal,
): Promise<void> {
  resumeReread(context)
  if (isAsked || !context.memory.pull.log.isLive) await pull(context, cycleReport, changedHere(changes), signal)
}

/** Returns what waits a moment to be sent: what is the same elsewhere must not pass for it. */
async function sendLocal(
  context: CycleContext,
  cycleReport: CycleReportBuilder,
  found: Found,
  signal: AbortSignal,
): Promise<readonly LocalChange[]> {
  const { state } = context
  const word = wordOf(state)
  if (word === 'let-go') letRemovalsThrough(state)
  if (context.access === 'receive-only') {
    await keepLocal(context, cycleReport, found.changes)
    if (word !== null) spendWord(state)
    return []
  }
  const changes =
    found.moved.length === 0 ? found.changes : await sendMoves(context, cycleReport, found.changes, signal)
  const sendable = holdDeletes(context, cycleReport, changes, word)
  const revived = word === 'put-back' ? revivals(context, changes) : []
  await send(context, cycleReport, sendable, { approved: word === 'let-go', revivals: revived, signal })
  tellRefused(context, cycleReport, sendable)
  if (word === 'put-back') putBack(context, changes)
  if (word !== null) spendWord(state)
  return cycleReport.halted === null && word !== 'put-back' ? without(changes, sendable) : []
}

/** An answer may have told only half of what it decided: before anything is placed, the log tells the rest. */
async function placeRemote(
  context: CycleContext,
  cycleReport: CycleReportBuilder,
  unsent: readonly LocalChange[],
  signal: AbortSignal,
): Promise<void> {
  if (context.memory.pull.log.reading.kind === 'behind') await pull(context, cycleReport, changedHere([]), signal)
  nameWhatWaits(context, cycleReport, await applyRemote(context, cycleReport, changedHere(unsent), signal))
}

async function endCycle(
  context: CycleContext,
  cycleReport: CycleReportBuilder,
  scope: ScanScope,
  signal: AbortSignal,
): Promise<void> {
  const { state, memory } = context
  await sendWanted(context, signal)
  endReread(context)
  if (memory.scan.takeLookAround()) cycleReport.lookAgain('', 0, true)
  if (scope.directories.some(({ directory, recursive }) => directory === '' && recursive)) state.pruneChunkLists()
}

/**
 * Sends all but deletes before anybody looks below the directories that were
 * moved, so that the move of a large tree takes no longer than that of a small
 * one. Returns what is found then; what is still gone was not moved.
 */
async function sendMoves(
  context: CycleContext,
  cycleReport: CycleReportBuilder,
  changes: readonly LocalChange[],
  signal: AbortSignal,
): Promise<readonly LocalChange[]> {
  const { memory, saves } = context
  const { kept, lay } = withoutDeletes(changes)
  await send(context, cycleReport, kept, { approved: false, revivals: [], signal })
  saves.scanBegins()
  const scope = lay.map((directory) => ({ directory, recursive: false }))
  const found = await lookBelow(context, cycleReport, scope, signal)
  saves.scanned([], found)
  memory.send.unsent.found(found.length)
  return found
}

async function send(
  context: CycleContext,
  cycleReport: CycleReportBuilder,
  changes: readonly LocalChange[],
  options: SendOptions,
): Promise<void> {
  await sendChanges(
    withCommitsInParts(context),
    cycleReport,
    await holdUnfinished(context, cycleReport, changes),
    options,
  )
}

function without(changes: readonly LocalChange[], others: readonly LocalChange[]): readonly LocalChange[] {
  const left = new Set(changes)
  for (const change of others) left.delete(change)
  return [...left]
}

/** Takes in a batch that the coordinator pushed; the next cycle places it. Not to be called while one runs. */
export function receiveChanges(context: CycleContext, batch: ChangeBatch): void {
  applyLogBatch(context, batch, 'pushed')
}
