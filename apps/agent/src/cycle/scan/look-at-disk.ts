import { diff, orderChanges, type BaseView, type LocalChange, type Stat } from '@causeway/engine'
import { scan, type RelativePath, type ScanResult, type WatchHint } from '@causeway/replica'
import type { CycleContext } from '../cycle-context.ts'
import type { CycleReportBuilder } from '../cycle-report-builder.ts'

/** How the disk differs from the base. */
export interface Found {
  readonly changes: readonly LocalChange[]
  /** Directories that were moved and not looked into: whatever seems to be gone may lie there. */
  readonly moved: readonly RelativePath[]
}

/**
 * Looks at some directories, and at what an earlier look left owing or holds
 * back. It does not look below directories that were moved, as long as their
 * moves can be sent before anything else of them is known.
 */
export async function lookAtDisk(
  context: CycleContext,
  cycleReport: CycleReportBuilder,
  directories: readonly WatchHint[],
  signal: AbortSignal,
): Promise<Found> {
  const { memory } = context
  const held = memory.send.removals.held.map((directory) => ({ directory, recursive: false }))
  const scope = [...directories, ...held, ...below(memory.scan.unlooked)]
  // A node that only receives sends no move that anything could follow.
  const first = await look(context, { scope, defersMoved: context.access !== 'receive-only' }, signal)
  const isOwed = first.found.deferred.some((path) => !mayWait(path, first.changes))
  const all = [...scope, ...below(first.found.deferred)]
  const { found, changes } = isOwed ? await look(context, { scope: all, defersMoved: false }, signal) : first
  return noted(context, cycleReport, found, changes)
}

/** Looks below directories that were moved, once their moves were sent, and again at others. */
export async function lookBelow(
  context: CycleContext,
  cycleReport: CycleReportBuilder,
  directories: readonly WatchHint[],
  signal: AbortSignal,
): Promise<readonly LocalChange[]> {
  const scope = [...directories, ...below(context.memory.scan.unlooked)]
  const { found, changes } = await look(context, { scope, defersMoved: false }, signal)
  return noted(context, cycleReport, found, changes).changes
}

interface Look {
  readonly scope: readonly WatchHint[]
  readonly defersMoved: boolean
}

async function look(
  { files, state, memory }: CycleContext,
  request: Look,
  signal: AbortSignal,
): Promise<{ readonly found: ScanResult; readonly changes: readonly LocalChange[] }> {
  const isIgnored = (path: string, kind: Stat['kind']): boolean => memory.scan.rules.isIgnored(path, kind)
  const found = await scan({ files, base: state, isIgnored, ...request, signal })
  return { found, changes: differences(state, found, isIgnored) }
}

function noted(
  context: CycleContext,
  cycleReport: CycleReportBuilder,
  found: ScanResult,
  changes: readonly LocalChange[],
): Found {
  const { memory, state } = context
  memory.scan.looked(found)
  for (const { path, code, message } of memory.scan.problems) cycleReport.problem(path, code, message)
  return { changes: orderChanges(state, changes), moved: found.deferred }
}

function below(directories: readonly RelativePath[]): readonly WatchHint[] {
  return directories.map((directory) => ({ directory, recursive: true }))
}

/**
 * True if what lies below a directory that seems to have been moved may be
 * looked at after its move was sent: it really was moved, and the move waits for no delete, as
 * deletes wait for that look.
 */
function mayWait(path: RelativePath, changes: readonly LocalChange[]): boolean {
  return !changes.some((change) => {
    if (change.kind === 'create') return change.path === path
    return change.kind === 'delete' && (change.path === path || path.startsWith(`${change.path}/`))
  })
}

function differences(
  base: BaseView,
  { local, problems, onlyIgnored }: ScanResult,
  isIgnored: (path: string, kind: Stat['kind']) => boolean,
): readonly LocalChange[] {
  // What can't be looked at is there all the same: it is neither changed nor gone.
  const unseen = new Set(problems.map(({ path }) => path))
  const changes = diff(base, local, (path, kind) => unseen.has(path) || isIgnored(path, kind))
  return changes.filter((change) => change.kind !== 'create' || !onlyIgnored.has(change.path))
}
