import { basePath, directoryOf, type LocalChange } from '@causeway/engine'
import type { EntryState } from '@causeway/protocol'
import type { RelativePath } from '@causeway/replica'
import type { CycleContext } from '../cycle-context.ts'
import type { CycleReportBuilder } from '../cycle-report-builder.ts'
import { TIMINGS } from '../timings.ts'

/**
 * A program has a file open for writing that is to be replaced or removed: what it saves next would be lost. The change
 * stays pending and is tried again, soon at first; after a while the path is told.
 */
export function waitForWriter(
  { memory, now }: CycleContext,
  cycleReport: CycleReportBuilder,
  { state, path }: { readonly state: EntryState; readonly path: RelativePath },
): void {
  const sinceMs = memory.apply.inUse.get(state.id) ?? now()
  memory.apply.inUse.set(state.id, sinceMs)
  const waitedMs = now() - sinceMs
  cycleReport.lookAgain(
    directoryOf(path),
    Math.min(Math.max(waitedMs / 8, TIMINGS.firstInUseMs), TIMINGS.longestInUseMs),
  )
  if (waitedMs < TIMINGS.inUseUntoldMs) return
  const change = state.deleted ? 'was deleted elsewhere' : 'was changed elsewhere'
  cycleReport.problem(
    path,
    'open-for-writing',
    `It ${change}, but another program here has it open for writing: that waits until the program closes it.`,
  )
}

/** True if a file is known to be open for writing, so that nothing needs to be fetched for it yet. */
export async function isInUse({ state, files }: CycleContext, { id }: EntryState): Promise<boolean> {
  const path = basePath(state, id)
  return state.base(id)?.content.kind === 'file' && path !== undefined && (await files.hasWriter(path)) === true
}

/**
 * Leaves out the edits of files that wait for their writer: each of its saves would be sent as one more rival of the
 * version that waits. The whole of them is sent once the file is closed.
 */
export async function holdUnfinished(
  context: CycleContext,
  cycleReport: CycleReportBuilder,
  changes: readonly LocalChange[],
): Promise<readonly LocalChange[]> {
  const { state, memory } = context
  if (memory.apply.inUse.size === 0) return changes
  const sendable: LocalChange[] = []
  for (const change of changes) {
    const pending = change.kind === 'edit' ? state.pendingOf(change.base.id) : undefined
    const waits = pending !== undefined && !pending.deleted && memory.apply.inUse.has(pending.id)
    if (!waits || !(await isInUse(context, pending))) {
      sendable.push(change)
      continue
    }
    cycleReport.unsent += 1
    waitForWriter(context, cycleReport, { state: pending, path: change.path })
  }
  return sendable
}

/** Forgets what waits no more. */
export function forgetWriters({ state, memory }: CycleContext): void {
  for (const id of memory.apply.inUse.keys()) if (state.pendingOf(id) === undefined) memory.apply.inUse.delete(id)
}
