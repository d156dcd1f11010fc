import type { CommitUndo } from '@causeway/protocol'
import { plural } from '../parts/format.ts'

/** What undoing a commit changes, a line a kind. */
export function undoLines({ edited, deleted, restored, moved }: CommitUndo): readonly string[] {
  return [
    ...(edited > 0 ? [`${plural(edited, 'edit')} ${goes(edited)} back to the version before`] : []),
    ...(restored > 0 ? [`${plural(restored, 'deleted entry', 'deleted entries')} ${comes(restored)} back`] : []),
    ...(moved > 0
      ? [
          `${plural(moved, 'moved entry', 'moved entries')} ${goes(moved)} back to where ${moved === 1 ? 'it was' : 'they were'}`,
        ]
      : []),
    ...(deleted > 0 ? [`${plural(deleted, 'new entry', 'new entries')} ${deleted === 1 ? 'is' : 'are'} deleted`] : []),
  ]
}

export function stepsOf({ edited, deleted, restored, moved }: CommitUndo): number {
  return edited + deleted + restored + moved
}

/** What is told once it is done. */
export function undoneWords(undone: CommitUndo): string {
  const { leftCount } = undone
  const left =
    leftCount === 0 ? '' : ` ${plural(leftCount, 'entry', 'entries')} ${leftCount === 1 ? 'was' : 'were'} left alone.`
  const steps = stepsOf(undone)
  return steps === 0 ? `Nothing was left to undo.${left}` : `${plural(steps, 'change')} of the commit undone.${left}`
}

function goes(count: number): string {
  return count === 1 ? 'goes' : 'go'
}

function comes(count: number): string {
  return count === 1 ? 'comes' : 'come'
}
