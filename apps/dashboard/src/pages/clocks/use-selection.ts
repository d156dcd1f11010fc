import type { HistoryEvent } from '@causeway/protocol'
import { useCallback, useEffect, useRef, useState } from 'react'
import { isTyping } from '../../app/shortcuts.ts'
import type { Mark } from './space-time.ts'
import { conflictAmong, nextConflict, whyOf } from './why.ts'

export interface Selection {
  readonly selected: readonly HistoryEvent[]
  /** First positions of the runs that were opened. */
  readonly opened: ReadonlySet<number>
  /** Positions of events that stand alone, also where they were part of a burst: a conflict is explained by them. */
  readonly apart: ReadonlySet<number>
  /** `more` is true for a second event to compare with. */
  select(event: HistoryEvent, more: boolean): void
  open(mark: Mark): void
  /** Folds again what was opened. */
  foldAll(): void
  /** Selects both edits of the next conflict and what they began from; null where there is no conflict. */
  readonly explainNext: (() => void) | null
}

const NONE: ReadonlySet<number> = new Set()

/**
 * What of the diagram is chosen. `all` are the events that are loaded, `shown`
 * those of them that the filters let through; `entries` (ids with commas between
 * them) those of a link that asks why these files are in conflict.
 */
export function useSelection(
  all: readonly HistoryEvent[],
  shown: readonly HistoryEvent[],
  entries: string | undefined,
): Selection {
  const [selected, setSelected] = useState<readonly HistoryEvent[]>([])
  const [opened, setOpened] = useState(NONE)
  const [apart, setApart] = useState(NONE)
  const explained = useRef(0)
  const answered = useRef<string>(undefined)

  const select = useCallback((event: HistoryEvent, more: boolean): void => {
    setSelected(([first]) =>
      more && first !== undefined && first.position !== event.position ? [first, event] : [event],
    )
  }, [])
  const open = useCallback(({ run: [first] }: Mark): void => {
    setOpened((known) => new Set([...known, first.position]))
    setSelected([first])
  }, [])
  const foldAll = useCallback(() => setOpened(NONE), [])
  const explain = useCallback(
    (conflict: HistoryEvent): void => {
      const why = whyOf(all, conflict)
      setApart(new Set(why.map(({ position }) => position)))
      setSelected(why)
      explained.current = conflict.position
    },
    [all],
  )
  const explainNext = useCallback((): void => {
    const conflict = nextConflict(shown, explained.current)
    if (conflict !== undefined) explain(conflict)
  }, [shown, explain])

  useEffect(() => {
    function pressed(event: KeyboardEvent): void {
      if (event.key === 'n' && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target))
        explainNext()
    }
    window.addEventListener('keydown', pressed)
    return () => window.removeEventListener('keydown', pressed)
  }, [explainNext])

  // The link is answered once, when the events are here: what a person chooses then stays.
  useEffect(() => {
    if (entries === undefined || answered.current === entries || all.length === 0) return
    answered.current = entries
    const conflict = conflictAmong(all, new Set(entries.split(',')))
    if (conflict !== undefined) explain(conflict)
  }, [entries, all, explain])

  const hasConflict = nextConflict(shown, 0) !== undefined
  return { selected, opened, apart, select, open, foldAll, explainNext: hasConflict ? explainNext : null }
}
