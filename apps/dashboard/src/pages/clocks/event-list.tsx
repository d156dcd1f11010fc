import type { HistoryEvent } from '@causeway/protocol'
import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useRef } from 'react'
import { useActorColour } from '../../live/use-node-name.ts'
import { ActorName } from '../../parts/actor-name.tsx'
import { Ago } from '../../parts/ago.tsx'
import { PathText } from '../../parts/path-text.tsx'
import { count } from '../../parts/format.ts'
import { runWords } from './fold.ts'
import { KIND_SHAPE } from './kinds.ts'
import { markOf, type Mark, type SpaceTime } from './space-time.ts'
import look from './clocks.module.css'

/** The same events as the diagram's, newest first, for the keyboard and for screen readers. */
export const EventList = memo(function EventList(props: {
  readonly space: SpaceTime
  readonly selected: readonly HistoryEvent[]
  select(event: HistoryEvent, more: boolean): void
  open(mark: Mark): void
}) {
  const actorColour = useActorColour()
  const { space, selected, select, open } = props
  const { marks } = space
  const box = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: marks.length,
    getScrollElement: () => box.current,
    estimateSize: () => 36,
    overscan: 12,
  })
  const chosen = new Set(selected.map((event) => markOf(space, event)))
  return (
    <div
      ref={box}
      style={{ height: 360, overflow: 'auto' }}
      role="listbox"
      aria-label="Events"
      aria-multiselectable
      tabIndex={0}
    >
      <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const mark = marks[marks.length - 1 - index]
          if (mark === undefined) return null
          const { event, run } = mark
          const isFolded = run.length > 1
          return (
            <button
              key={event.position}
              type="button"
              role="option"
              aria-selected={chosen.has(mark)}
              className={look.row}
              style={{ position: 'absolute', top: start, left: 0 }}
              onClick={(click) => {
                const isMore = click.shiftKey || click.ctrlKey || click.metaKey
                if (isFolded && !isMore) open(mark)
                else select(event, isMore)
              }}
            >
              <span aria-hidden="true" style={{ color: actorColour(event) }}>
                {KIND_SHAPE[event.kind]}
              </span>
              <span>{isFolded ? runWords(run, event.kind, count) : event.kind}</span>
              <span>
                <ActorName of={event} />
              </span>
              <span>
                {isFolded && '▸ show each: '}
                {event.path === null ? '–' : <PathText path={event.path} most={48} />}
                {isFolded && ' and others'}
              </span>
              <span>
                <Ago at={event.at} />
              </span>
            </button>
          )
        })}
      </div>
    </div>
  )
})
