import { basePath, directoryOf } from '@causeway/engine'
import { ROOT_ID, type EntryState } from '@causeway/protocol'
import type { ApplyOutcome, RelativePath } from '@causeway/replica'
import type { Unplaced } from './apply-remote.ts'
import { pathOf } from '../changed-here.ts'
import type { CycleContext } from '../cycle-context.ts'
import type { Keeper, Kept } from './kept-directories.ts'
import type { CycleReportBuilder } from '../cycle-report-builder.ts'
import { TIMINGS } from '../timings.ts'

/**
 * Gives each state that was tried and not placed a reason, with its path, for
 * as long as that lasts. A path that is not as the base says is looked at
 * again first: most often a person has just changed it, and that is sent. Only
 * what is found so a second time is a problem.
 */
export function nameWhatWaits(
  context: CycleContext,
  cycleReport: CycleReportBuilder,
  { outcomes, kept }: Unplaced,
): void {
  const { memory, state } = context
  if (kept.size > 0) for (const pending of state.pending()) nameKept(context, cycleReport, pending, kept)
  const { unplaced } = memory.apply
  unplaced.beginCycle()
  for (const [id, outcome] of outcomes) {
    const { seq } = outcome.state
    // What another program has open, or has no room, is named already.
    const isNamed = kept.has(id) || outcome.kind === 'in-use' || cycleReport.lackingRoom.has(id)
    if (state.pendingOf(id) === undefined || isNamed) continue
    const isSecondTime = unplaced.add(id, seq)
    if (outcome.kind === 'changed') cycleReport.lookAgain(directoryOf(outcome.path), TIMINGS.displacedMs)
    const path = pathOn(context, outcome)
    if (isSecondTime && !cycleReport.hasProblem(path)) cycleReport.problem(path, 'waits', waitMessage(context, outcome))
  }
}

/** A directory that was deleted and can't go, or what is to have the name of one. */
function nameKept(context: CycleContext, cycleReport: CycleReportBuilder, pending: EntryState, kept: Kept): void {
  const { state } = context
  const directory = pending.deleted ? pending.id : state.baseAt(pending.parent, pending.name)?.id
  const keeper = directory === undefined ? undefined : kept.get(directory)
  if (directory === undefined || keeper === undefined) return
  cycleReport.problem(basePath(state, directory) ?? pending.name, 'kept', keptMessage(pending, keeper))
  cycleReport.waitsForPerson += 1
}

function keptMessage({ deleted }: EntryState, { path, why }: Keeper): string {
  const what = `${path} ${why} and still there.`
  const instead = deleted
    ? 'The directory was deleted elsewhere and stays here until you move it away'
    : 'Something else is to take the place of the directory, which stays until you move it away'
  return why === 'is ignored'
    ? `${what} ${instead}, or take its pattern out of .causewayignore.`
    : `${what} ${instead}.`
}

function waitMessage(context: CycleContext, outcome: Exclude<ApplyOutcome, { kind: 'applied' }>): string {
  const { state, path } = outcome
  if (outcome.kind === 'changed') {
    // What is in the way may be of another kind than what is to come.
    const { rules } = context.memory.scan
    const next = [state.content.kind, 'directory' as const].some((kind) => rules.isIgnored(path, kind))
      ? 'It is ignored, so what was changed here is not sent: take its pattern out of .causewayignore, or move it away.'
      : 'It is looked at again.'
    return `what the coordinator holds can't be placed: ${outcome.detail}. ${next}`
  }
  if (state.parent !== ROOT_ID && context.state.base(state.parent) === undefined) {
    const above = context.state.pendingOf(state.parent)
    return above === undefined
      ? 'the directory that it belongs in is not known here yet'
      : `it waits for its directory, ${above.name}, which can't be placed yet`
  }
  return outcome.kind === 'problem' ? outcome.message : 'its content is not here yet'
}

/** Where the entry would be, or where what is to be removed lies. */
function pathOn(context: CycleContext, { state, path }: Exclude<ApplyOutcome, { kind: 'applied' }>): RelativePath {
  return state.deleted ? path : (pathOf(context, state) ?? path)
}
