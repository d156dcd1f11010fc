import { massDeleteBrake, type Brake } from '@causeway/engine'
import type { ChangeBatch, DeleteBrake, EntryState } from '@causeway/protocol'
import type { ReplicaState } from '@causeway/replica'
import type { CycleContext } from '../cycle-context.ts'
import { removalFacts } from '../send/removal-facts.ts'
import { pathOf } from '../changed-here.ts'
import type { CycleReportBuilder } from '../cycle-report-builder.ts'

const UNCOUNTED = 'uncounted-removals'
const SAMPLE = 10

/**
 * Adds up what a batch would remove here beyond what the coordinator's own
 * brake has counted. There is no such thing where all is well: a log that was
 * damaged, or a way round the brake, shows here. Kept on disk until a person
 * has looked or nothing more is to be removed.
 */
export function noteRemovals({ state }: CycleContext, batch: ChangeBatch, removed: number): void {
  const uncounted = removed - (batch.counted ?? 0)
  if (uncounted > 0) state.putSetting(UNCOUNTED, String(uncountedIn(state) + uncounted))
}

/** A person has looked. */
export function letRemovalsThrough(state: ReplicaState): void {
  if (state.setting(UNCOUNTED) !== undefined) state.putSetting(UNCOUNTED, null)
}

/** True if what comes down must not be removed before a person has looked. */
export function holdsRemovals(context: CycleContext, cycleReport: CycleReportBuilder): boolean {
  const { state, memory } = context
  const removed = uncountedIn(state)
  if (removed === 0) return false
  const waiting = removalsIn(state)
  if (waiting.length === 0) {
    letRemovalsThrough(state)
    return false
  }
  const brake = brakeOn(state, { waiting: waiting.length, removed }, memory.send.removals.brake)
  if (brake === null) return false
  const sample = waiting.slice(0, SAMPLE).map((entry) => pathOf(context, entry) ?? entry.name)
  const held = removalFacts(state, new Set(waiting.map(({ id }) => id)), 'elsewhere')
  const reason = `the coordinator says so, but ${brake.reason}`
  cycleReport.halted = { reason, removed: waiting.length, live: state.baseCount(), sample, held }
  return true
}

/** What would be removed here, and waits for a person; empty where nothing does. */
export function heldRemovals({ state, memory }: CycleContext): readonly EntryState[] {
  const removed = uncountedIn(state)
  const waiting = removed === 0 ? [] : removalsIn(state)
  return brakeOn(state, { waiting: waiting.length, removed }, memory.send.removals.brake) === null ? [] : waiting
}

function removalsIn(state: ReplicaState): readonly EntryState[] {
  return state.pending().filter(({ id, deleted }) => deleted && state.base(id) !== undefined)
}

function brakeOn(
  state: ReplicaState,
  { waiting, removed }: { readonly waiting: number; readonly removed: number },
  brake: DeleteBrake,
): Brake | null {
  return massDeleteBrake({ live: state.baseCount(), removed: Math.min(removed, waiting), ...brake })
}

function uncountedIn(state: ReplicaState): number {
  return Number(state.setting(UNCOUNTED) ?? 0)
}
