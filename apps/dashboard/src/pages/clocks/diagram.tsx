import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent, type WheelEvent } from 'react'
import type { HistoryEvent } from '@causeway/protocol'
import { draw, LANE_HEIGHT, markAt, type View } from './draw.ts'
import { count } from '../../parts/format.ts'
import { runWords } from './fold.ts'
import { markOf, type Mark, type SpaceTime } from './space-time.ts'
import { useNodeName } from '../../live/use-node-name.ts'
import { NodeName } from '../../parts/node-name.tsx'
import { useWidth } from '../../parts/use-width.ts'
import look from './clocks.module.css'

export interface DiagramProps {
  readonly space: SpaceTime
  readonly selected: readonly HistoryEvent[]
  /** A click or an arrow key: `more` is true for a second event to compare with. */
  select(event: HistoryEvent, more: boolean): void
  /** A click or Enter on a mark that stands for many. */
  open(mark: Mark): void
  /** The column up to which time has come, while it is played or scrubbed; null for all of it. */
  readonly upTo: number | null
  readonly spacing: number
  zoom(factor: number): void
}

/**
 * The space-time diagram. Only what is in sight is drawn, so that a hundred
 * thousand events move as smoothly as ten.
 */
export function Diagram({ space, selected, select, open, upTo, spacing, zoom }: DiagramProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const { box, width } = useWidth(800)
  const [scroll, setScroll] = useState(Infinity)
  const drag = useRef<{ x: number; scroll: number; moved: boolean } | null>(null)
  const height = Math.max(3, space.lanes.length) * LANE_HEIGHT
  const columns = upTo === null ? space.marks.length : Math.min(space.marks.length, upTo + 1)
  const most = Math.max(0, columns * spacing + 48 - width)
  const left = Math.min(scroll, most)
  const focused = selected.length > 2 ? selected[0] : selected.at(-1)
  const focusedMark = focused && markOf(space, focused)

  // Brought into sight when something else was chosen, not while the diagram grows.
  useEffect(() => {
    const chosen = selected.flatMap((event) => markOf(space, event)?.column ?? [])
    if (chosen.length === 0) return
    const [from, to] = [Math.min(...chosen), Math.max(...chosen)]
    const fitting = Math.min(spacing, (width - 96) / Math.max(1, to - from))
    if (fitting < spacing) zoom(fitting / spacing)
    const isInSight = from * fitting >= left && to * fitting + 48 <= left + width
    if (!isInSight) setScroll(Math.max(0, ((from + to) / 2) * fitting + 24 - width / 2))
  }, [selected])

  const view: View = { width, height, left, spacing, columns }
  useEffect(() => {
    const element = canvas.current
    const context = element?.getContext('2d')
    if (element === null || context === null || context === undefined) return
    const frame = requestAnimationFrame(() => draw(element, context, { space, view, selected }))
    return () => cancelAnimationFrame(frame)
  })

  function hit(event: { clientX: number; clientY: number }) {
    const bounds = canvas.current?.getBoundingClientRect()
    return bounds && markAt(space, view, event.clientX - bounds.left, event.clientY - bounds.top)
  }

  function down(event: PointerEvent): void {
    drag.current = { x: event.clientX, scroll: left, moved: false }
    event.currentTarget.setPointerCapture(event.pointerId)
  }

  const nodeName = useNodeName()

  function move(event: PointerEvent): void {
    const at = drag.current
    if (at === null) return
    if (Math.abs(event.clientX - at.x) > 3) at.moved = true
    if (at.moved) setScroll(clamp(at.scroll - (event.clientX - at.x), most))
  }

  function up(event: PointerEvent): void {
    const wasClick = drag.current?.moved === false
    drag.current = null
    const mark = wasClick ? hit(event) : undefined
    if (mark === undefined) return
    const isMore = event.shiftKey || event.ctrlKey || event.metaKey
    if (mark.run.length > 1 && !isMore) open(mark)
    else select(mark.event, isMore)
  }

  function wheel(event: WheelEvent): void {
    if (event.ctrlKey || event.metaKey) zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2)
    else setScroll(clamp(left + (Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : event.deltaY), most))
  }

  function key(event: KeyboardEvent): void {
    if (event.key === 'Enter' && focusedMark !== undefined && focusedMark.run.length > 1) {
      event.preventDefault()
      open(focusedMark)
      return
    }
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20, Home: -Infinity, End: Infinity }[event.key]
    if (step === undefined || columns === 0) return
    event.preventDefault()
    const at = focusedMark?.column ?? columns
    const next = Math.max(0, Math.min(columns - 1, at + step))
    const mark = space.marks[next]
    if (mark === undefined) return
    select(mark.event, event.shiftKey)
  }

  return (
    <div className={look.diagram}>
      <ol className={look.lanes} aria-label="Lanes">
        {space.lanes.map((lane) => (
          <li key={lane} style={{ height: LANE_HEIGHT }} title={lane}>
            <NodeName node={lane} />
          </li>
        ))}
      </ol>
      <div ref={box} className={look.canvasBox}>
        <canvas
          ref={canvas}
          tabIndex={0}
          role="img"
          aria-label={`${space.marks.length} marks on ${space.lanes.length} lanes. Arrow keys go from mark to mark, Enter opens one that stands for many; the list below holds the same.`}
          aria-describedby="diagram-selected"
          style={{ width, height, touchAction: 'pan-y', cursor: 'grab', display: 'block' }}
          onPointerDown={down}
          onPointerMove={move}
          onPointerUp={up}
          onWheel={wheel}
          onKeyDown={key}
        />
        <input
          className={look.scrub}
          type="range"
          aria-label="Where in time"
          min={0}
          max={Math.max(1, Math.round(most))}
          value={Math.round(left)}
          onChange={(event) => setScroll(Number(event.currentTarget.value))}
        />
        <span id="diagram-selected" className="only-read" aria-live="polite">
          {focused && wordsOf(focused, focusedMark, nodeName(focused.node))}
        </span>
      </div>
    </div>
  )
}

function wordsOf(event: HistoryEvent, mark: Mark | undefined, node: string): string {
  if (mark !== undefined && mark.run.length > 1) {
    return `${runWords(mark.run, event.kind, count)} on ${node}, folded: Enter shows each`
  }
  return `${event.kind} ${event.path ?? ''} on ${node}, event ${event.position}`
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(most, value))
}
