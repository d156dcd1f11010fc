import {
  baseBelow,
  basePath,
  directoryOf,
  type BaseView,
  type LocalChange,
  type LocalDelete,
  type Removal,
} from '@causeway/engine'
import type { EntryId } from '@causeway/protocol'
import type { RelativePath } from '@causeway/replica'
import type { CycleContext, Halt, HaltChoice } from '../cycle-context.ts'
import { removalFacts } from './removal-facts.ts'
import type { CycleReportBuilder } from '../cycle-report-builder.ts'

const SAMPLE = 10

/**
 * Leaves deletes out of what is to be sent while the gate does not let them
 * through: because they look like an accident (they wait for a person), or
 * because more of them may follow in a moment. Everything else goes on, but
 * for what stands where something deleted stood.
 */
export function holdDeletes(
  context: CycleContext,
  cycleReport: CycleReportBuilder,
  changes: readonly LocalChange[],
  word: HaltChoice | null,
): readonly LocalChange[] {
  const { state, memory } = context
  const { removals } = memory.send
  const deletes = changes.filter((change) => change.kind === 'delete')
  if (deletes.length === 0) removals.open()
  else if (word !== null) removals.decided()
  if (deletes.length === 0 || word === 'let-go') return changes
  // None of them is to be sent: see `putBack`.
  if (word === 'put-back') return withoutDeletes(changes).kept
  const gone = removalOf(state, changes, deletes)
  const { now, lastEventMs } = context
  const verdict = removals.pass(gone.removal, { now: now(), lastEvent: lastEventMs() })
  if (verdict.kind === 'send') return changes
  cycleReport.halted =
    verdict.kind === 'halt' ? haltOf(state, verdict.reason, gone.entries()) : refusedBefore(context, changes)
  cycleReport.unsent += deletes.length
  if (verdict.kind === 'wait') {
    cycleReport.removalsWait(verdict.ms)
    for (const directory of removals.held) cycleReport.lookAgain(directory, verdict.ms)
  }
  return withoutDeletes(changes).kept
}

/** The coordinator held back deletes that this node let through: they stay in sight, and are told in full. */
export function tellRefused(
  context: CycleContext,
  cycleReport: CycleReportBuilder,
  sent: readonly LocalChange[],
): void {
  const { state, memory } = context
  const deletes = sent.filter((change) => change.kind === 'delete')
  if (deletes.length === 0) return
  if (cycleReport.halted?.held !== null) {
    memory.send.removals.accepted()
    return
  }
  const left = deletes.filter(({ base }) => state.base(base.id) !== undefined)
  memory.send.removals.refused(directoriesOf(left), cycleReport.halted.reason)
  cycleReport.halted = refusedBefore(context, left) ?? cycleReport.halted
}

/** What the coordinator held back, and may hold back again. */
function refusedBefore({ state, memory }: CycleContext, changes: readonly LocalChange[]): Halt | null {
  const { refusal } = memory.send.removals
  const removed = refusal === null ? new Set<EntryId>() : removedBy(state, changes)
  return refusal === null || removed.size === 0 ? null : haltOf(state, refusal, removed)
}

/** What a gate is told of these deletes, and the entries, which are gathered once and only if anybody asks. */
function removalOf(
  state: BaseView & { baseCount(): number },
  changes: readonly LocalChange[],
  deletes: readonly LocalDelete[],
): { readonly removal: Removal; entries(): ReadonlySet<EntryId> } {
  let gathered: ReadonlySet<EntryId> | undefined
  const entries = () => (gathered ??= removedBy(state, changes))
  const directories = deletes.filter(({ base }) => base.content.kind === 'directory').length
  const removal: Removal = {
    files: deletes.length - directories,
    directories,
    count: () => entries().size,
    live: state.baseCount(),
    appeared: changes.filter(({ kind }) => kind === 'create').length,
    lay: directoriesOf(deletes),
  }
  return { removal, entries }
}

function directoriesOf(deletes: readonly LocalDelete[]): readonly RelativePath[] {
  return [...new Set(deletes.map(({ path }) => directoryOf(path)))]
}

/** All but the deletes, and what stands where something deleted stood; and where that lay. */
export function withoutDeletes(changes: readonly LocalChange[]): {
  readonly kept: readonly LocalChange[]
  readonly lay: readonly RelativePath[]
} {
  const deletes = changes.filter((change) => change.kind === 'delete')
  const gone = new Set(deletes.map(({ path }) => path))
  const standsOnGone = (path: RelativePath): boolean => {
    for (let at = path; at !== ''; at = directoryOf(at)) if (gone.has(at)) return true
    return false
  }
  const kept = changes.filter(
    (change) => change.kind !== 'delete' && (change.kind === 'edit' || !standsOnGone(change.path)),
  )
  return { kept, lay: directoriesOf(deletes) }
}

function haltOf(state: BaseView & { baseCount(): number }, reason: string, removed: ReadonlySet<EntryId>): Halt {
  const sample = [...removed].slice(0, SAMPLE).map((id) => basePath(state, id) ?? id)
  const held = removalFacts(state, removed, 'here')
  return { reason, live: state.baseCount(), removed: removed.size, sample, held }
}

/** All that these changes take away, with what lay below. */
function removedBy(base: BaseView, changes: readonly LocalChange[]): ReadonlySet<EntryId> {
  const moved = new Set<EntryId>(changes.flatMap((change) => (change.kind === 'move' ? [change.base.id] : [])))
  const removed = new Set<EntryId>()
  for (const change of changes) {
    if (change.kind !== 'delete') continue
    removed.add(change.base.id)
    if (change.base.content.kind !== 'directory') continue
    for (const entry of baseBelow(base, change.base.id, moved)) removed.add(entry.id)
  }
  return removed
}
