import type { HistoryEvent } from '@causeway/protocol'
import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useRef } from 'react'
import { useNodeColour } from '../../live/use-node-name.ts'
import { Ago } from '../../parts/ago.tsx'
import { NodeName } from '../../parts/node-name.tsx'
import { PathText } from '../../parts/path-text.tsx'
import { KIND_SHAPE } from './kinds.ts'
import look from './clocks.module.css'

/** The same events as the diagram's, newest first, for the keyboard and for screen readers. */
export const EventList = memo(function EventList(props: {
  readonly events: readonly HistoryEvent[]
  readonly selected: readonly HistoryEvent[]
  select(event: HistoryEvent, more: boolean): void
}) {
  const nodeColour = useNodeColour()
  const { events, selected, select } = props
  const box = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: events.length,
    getScrollElement: () => box.current,
    estimateSize: () => 36,
    overscan: 12,
  })
  const chosen = new Set(selected.map(({ position }) => position))
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
          const event = events[events.length - 1 - index]
          if (event === undefined) return null
          return (
            <button
              key={event.position}
              type="button"
              role="option"
              aria-selected={chosen.has(event.position)}
              className={look.row}
              style={{ position: 'absolute', top: start, left: 0 }}
              onClick={(click) => select(event, click.shiftKey || click.ctrlKey || click.metaKey)}
            >
              <span aria-hidden="true" style={{ color: nodeColour(event.node) }}>
                {KIND_SHAPE[event.kind]}
              </span>
              <span>{event.kind}</span>
              <span>
                <NodeName node={event.node} />
              </span>
              <span>{event.path === null ? '–' : <PathText path={event.path} most={48} />}</span>
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
