import { SyncError, type ChangeBatch, type ChangesRequest } from '@causeway/protocol'
import { applyRemote } from '../apply/apply-remote.ts'
import type { ChangedHere } from '../changed-here.ts'
import type { CycleContext } from '../cycle-context.ts'
import { proof } from './proof.ts'
import { readPage } from './read-page.ts'
import { applyLogBatch } from './apply-log-batch.ts'
import type { CycleReportBuilder } from '../cycle-report-builder.ts'

/**
 * Reads the change log up to its head. The next batch is under way while the
 * last one is placed; entries with local changes wait until those are with
 * the coordinator.
 */
export async function pull(
  context: CycleContext,
  cycleReport: CycleReportBuilder,
  here: ChangedHere,
  signal: AbortSignal,
): Promise<void> {
  try {
    await readLog(context, cycleReport, here, signal)
  } catch (error) {
    context.memory.pull.log.note('missed')
    throw error
  }
}

async function readLog(
  context: CycleContext,
  cycleReport: CycleReportBuilder,
  here: ChangedHere,
  signal: AbortSignal,
): Promise<void> {
  const { log } = context.memory.pull
  // While the log is read again, each state is compared with what is held: a short form would hide what it lacks.
  let full = log.asksInFull
  let next: Promise<ChangeBatch> | null = askFirst(context, full)
  while (next !== null) {
    const batch: ChangeBatch = await next
    signal.throwIfAborted()
    log.reaches(batch.head)
    const isLast = batch.cursor.seq >= batch.head
    full ||= batch.reset
    next = isLast ? null : ask(context, { cursor: batch.cursor, ...(full && { full }) })
    const taken = applyLogBatch(context, batch, 'pulled')
    if (taken !== 'taken') {
      if (taken === 'left' && full)
        throw new SyncError('protocol-mismatch', 'what was asked for in full came in a form that does not fit')
      full = true
      next = askFirst(context, full)
      continue
    }
    // What may be here already waits for the local changes: it is looked through once, not with every batch.
    const isDue = here.created.size === 0 ? tellsOfOthers(batch) : isLast
    if (isDue) await applyRemote(context, cycleReport, here, signal)
  }
  log.note('level')
  tellUnreadable(log.pages.finish(), cycleReport)
}

function tellsOfOthers({ states, removals }: ChangeBatch): boolean {
  return states.length > 0 || removals !== undefined
}

/** Where this node stands, with the proof of what it was given last. */
function askFirst(context: CycleContext, full: boolean): Promise<ChangeBatch> {
  const shown = proof(context.state)
  return ask(context, { cursor: context.state.cursor(), ...(full && { full }), ...(shown && { proof: shown }) })
}

function ask(context: CycleContext, request: Omit<ChangesRequest, 'limit'>): Promise<ChangeBatch> {
  const batch = readPage(context, request)
  // It is awaited on the next round; if that is never reached, its failure is the round's.
  batch.catch(() => undefined)
  return batch
}

/** A page that could not be read is a fault of one of the two programs: it is shown although another way was found. */
function tellUnreadable(trouble: string | null, cycleReport: CycleReportBuilder): void {
  if (trouble === null) return
  const way = 'The changes were asked for in another form, and have been read.'
  cycleReport.problem('', 'unreadable-changes', `an answer of the coordinator could not be read: ${trouble}. ${way}`)
}
