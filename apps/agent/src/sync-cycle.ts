import { diff, directoryOf, orderChanges, type LocalChange, type Stat } from '@causeway/engine'
import type { ChangeBatch } from '@causeway/protocol'
import { scan, type ScanResult } from '@causeway/replica'
import { applyRemote } from './cycle/apply-remote.ts'
import { changedHere } from './cycle/changed-here.ts'
import type { CycleContext, CycleReport, ScanScope } from './cycle/cycle-context.ts'
import { holdDeletes, isApproved, spendApproval } from './cycle/hold-deletes.ts'
import { refreshIgnoreRules } from './cycle/ignore-file.ts'
import { keepLocal } from './cycle/keep-local.ts'
import { recoverPlaced } from './cycle/placing.ts'
import { pull } from './cycle/pull.ts'
import { sendChanges } from './cycle/send-changes.ts'
import { sendWanted } from './cycle/send-wanted.ts'
import { endResync, offerBlockers, offerSuspects, resumeResync, takeBatch } from './cycle/take-batch.ts'
import { Tally } from './cycle/tally.ts'

export type { CycleContext, CycleReport, ScanScope } from './cycle/cycle-context.ts'
export { CycleMemory } from './cycle/cycle-memory.ts'
export { liftHalt } from './cycle/hold-deletes.ts'

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
  const tally = new Tally()
  const { state, files } = context
  await files.checkRoot()
  await recoverPlaced(context)
  await refreshIgnoreRules(context, tally)
  const changes = await localChanges(context, tally, scope, signal)
  const here = changedHere(changes)

  resumeResync(context)
  const suspicionMs = offerSuspects(context)
  if (suspicionMs !== null) tally.lookAgain('', suspicionMs)
  if (scope.pull || context.memory.mustPull || context.memory.resync !== null) await pull(context, tally, here, signal)
  const approved = isApproved(state)
  const receives = context.access === 'receive-only'
  const sendable = receives ? [] : holdDeletes(context, tally, changes, approved)
  if (receives) await keepLocal(context, tally, changes)
  else await sendChanges(context, tally, sendable, { approved, signal })
  // A person's word holds for what waited then, never for a later accident.
  if (approved) spendApproval(state)

  await applyRemote(context, tally, changedHere([]), signal)
  offerBlockers(context)
  await sendWanted(context, signal)
  endResync(context)
  return tally.report(context.access === 'send-only' ? 0 : state.pendingCount())
}

/** Takes in a batch that the coordinator pushed; the next cycle places it. Not to be called while one runs. */
export function receiveChanges(context: CycleContext, batch: ChangeBatch): void {
  takeBatch(context, batch, 'pushed')
}

async function localChanges(
  context: CycleContext,
  tally: Tally,
  scope: ScanScope,
  signal: AbortSignal,
): Promise<readonly LocalChange[]> {
  const { files, state, memory } = context
  const isIgnored = (path: string, kind: Stat['kind']): boolean =>
    kind !== 'other' && memory.rules.isIgnored(path, kind)
  const held = memory.heldDirectories.map((directory) => ({ directory, recursive: false }))
  const found = await scan({ files, base: state, isIgnored, scope: [...scope.directories, ...held], signal })
  rememberProblems(context, found)
  for (const { path, code, message } of memory.scanProblems.values()) tally.problem(path, code, message)
  // What can't be looked at is there all the same: it is neither changed nor gone.
  const unseen = new Set(found.problems.map(({ path }) => path))
  const changes = diff(state, found.local, (path, kind) => unseen.has(path) || isIgnored(path, kind))
  return orderChanges(
    state,
    changes.filter((change) => change.kind !== 'create' || !found.onlyIgnored.has(change.path)),
  )
}

/** What a scan came across stays told until that place was looked at again. */
function rememberProblems({ memory }: CycleContext, { local, problems }: ScanResult): void {
  for (const path of memory.scanProblems.keys()) {
    if (local.has(directoryOf(path)) || local.has(path)) memory.scanProblems.delete(path)
  }
  for (const { path, reason } of problems) {
    memory.scanProblems.set(path, { path, code: reason, message: `can't be synced: ${reason}` })
  }
}
