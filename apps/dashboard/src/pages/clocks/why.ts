import type { HistoryEvent } from '@causeway/protocol'
import { hasSeen, orderOf } from './space-time.ts'

/** The next conflict behind a position of the log; after the last one, the first again. */
export function nextConflict(events: readonly HistoryEvent[], after: number): HistoryEvent | undefined {
  const conflicts = events.filter(({ kind }) => kind === 'conflict')
  return conflicts.find(({ position }) => position > after) ?? conflicts[0]
}

/**
 * Both edits of a conflict, and their common ancestor where there was one, among
 * the folder's events (oldest first). The edits are concurrent, the ancestor is
 * before both.
 */
export function whyOf(events: readonly HistoryEvent[], conflict: HistoryEvent): readonly HistoryEvent[] {
  const { entry: copy, pathBefore, folder, position } = conflict
  const before = events.filter((event) => event.folder === folder && event.position < position && writes(event))
  const other = before.findLast(({ entry }) => entry === copy)
  if (other === undefined) return [conflict]
  const rivals = before.filter(({ entry }) => entry !== copy && entry !== null)
  const isRival = ({ path, pathBefore: was }: HistoryEvent): boolean => path === pathBefore || was === pathBefore
  const rival = rivals.findLast((event) => isRival(event) && orderOf(event, other) === 'concurrent')
  if (rival === undefined) return [other, conflict]
  const ancestor = rivals.findLast(
    (event) =>
      event.entry === rival.entry && hasSeen(rival, event) && hasSeen(other, event) && event.position < rival.position,
  )
  return ancestor === undefined ? [rival, other] : [rival, other, ancestor]
}

/** The newest conflict between some entries. */
export function conflictAmong(events: readonly HistoryEvent[], entries: ReadonlySet<string>): HistoryEvent | undefined {
  return events.findLast(({ kind, entry }) => kind === 'conflict' && entry !== null && entries.has(entry))
}

/** True for what gives an entry its bytes. */
function writes({ kind }: HistoryEvent): boolean {
  return kind === 'create' || kind === 'edit' || kind === 'merge' || kind === 'restore'
}
