import type { HistoryEvent } from '@causeway/protocol'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { isTyping } from '../../app/shortcuts.ts'
import { positions } from '../../parts/address.ts'
import { useAddress } from '../../parts/use-address.ts'
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
 * What of the diagram is chosen, which the address keeps. `all` are the events that are loaded, `shown`
 * those of them that the filters let through; `entries` (ids with commas between
 * them) those of a link that asks why these files are in conflict.
 */
export function useSelection(
  all: readonly HistoryEvent[],
  shown: readonly HistoryEvent[],
  entries: string | undefined,
): Selection {
  const { said, say } = useAddress()
  // The address follows a moment later than the next click may come.
  const [chosen, setChosen] = useState(() => positions(said.event))
  const selected = useMemo(() => {
    return chosen.flatMap((position) => all.find((event) => event.position === position) ?? [])
  }, [all, chosen])
  const [opened, setOpened] = useState(NONE)
  // Several are in the address because a person compares them, or because they explain a conflict.
  const [apart, setApart] = useState<ReadonlySet<number>>(() => (chosen.length > 1 ? new Set(chosen) : NONE))
  const explained = useRef(0)
  // A link that says what was chosen is answered by that.
  const answered = useRef(chosen.length > 0 ? entries : undefined)

  const choose = useCallback(
    (events: readonly number[]): void => {
      setChosen(events)
      say({ event: events.join(',') }, false)
    },
    [say],
  )
  const select = useCallback(
    ({ position }: HistoryEvent, more: boolean): void => {
      const [first] = chosen
      choose(more && first !== undefined && first !== position ? [first, position] : [position])
    },
    [choose, chosen],
  )
  const open = useCallback(
    ({ run: [{ position }] }: Mark): void => {
      setOpened((known) => new Set([...known, position]))
      choose([position])
    },
    [choose],
  )
  const foldAll = useCallback(() => setOpened(NONE), [])
  const explain = useCallback(
    (conflict: HistoryEvent): void => {
      const why = whyOf(all, conflict).map(({ position }) => position)
      setApart(new Set(why))
      choose(why)
      explained.current = conflict.position
    },
    [all, choose],
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
