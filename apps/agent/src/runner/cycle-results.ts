import type { CycleReport } from '../cycle/cycle-context.ts'

/** True if both sides are the same, as far as the cycle could see. */
export function isDone(report: CycleReport): boolean {
  return (
    report.halted === null &&
    report.pendingUp === 0 &&
    report.pendingDown === 0 &&
    report.rescan.length === 0 &&
    report.rescanAfterMs === null &&
    !report.ignoreRulesChanged
  )
}

/** True if all that is left waits for a person, as the problems say. */
export function isBlocked(report: CycleReport): boolean {
  return report.pendingDown > 0 && isDone({ ...report, pendingDown: report.pendingDown - report.waitsForPerson })
}
