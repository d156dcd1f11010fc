import type { CycleReport } from '../../cycle/cycle-context.ts'

/** What a cycle reports that had nothing to do. */
export const CLEAN: CycleReport = {
  changedAnything: false,
  pendingUp: 0,
  pendingDown: 0,
  waitsForPerson: 0,
  problems: [],
  halted: null,
  conflicts: 0,
  rescan: [],
  rescanAfterMs: null,
  pauseMs: 0,
  ignoreRulesChanged: false,
}
