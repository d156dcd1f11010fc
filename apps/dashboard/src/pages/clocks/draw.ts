import type { EventKind, HistoryEvent } from '@causeway/protocol'
import { nodeColour } from '../../parts/node-colour.ts'
import { count } from '../../parts/format.ts'
import { runWords } from './fold.ts'
import { arrowAt, hasSeen, markOf, orderOf, type Mark, type SpaceTime } from './space-time.ts'

export const LANE_HEIGHT = 48
const MARGIN = 24
const SIZE = 5
/** An arrow that ends further behind what is in sight is not drawn. */
const FAR_COLUMNS = 2_000

export interface View {
  readonly width: number
  readonly height: number
  /** Pixels of the diagram that lie left of what is shown. */
  readonly left: number
  /** Pixels a column. */
  readonly spacing: number
  /** How many columns there are yet. */
  readonly columns: number
}

interface Picture {
  readonly space: SpaceTime
  readonly view: View
  readonly selected: readonly HistoryEvent[]
}

/** The mark under a point, if there is one near. */
export function markAt({ marks }: SpaceTime, view: View, x: number, y: number): Mark | undefined {
  const column = Math.round((x + view.left - MARGIN) / view.spacing)
  const reach = Math.max(1, Math.ceil(10 / view.spacing))
  const near = marks.slice(Math.max(0, column - reach), Math.min(view.columns, column + reach + 1))
  const distance = (mark: Mark) => Math.hypot(xOf(view, mark.column) - x, yOf(mark.lane) - y)
  const [nearest] = near.toSorted((a, b) => distance(a) - distance(b))
  return nearest !== undefined && distance(nearest) < 16 ? nearest : undefined
}

export function draw(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D, picture: Picture): void {
  const { view } = picture
  const scale = window.devicePixelRatio || 1
  if (canvas.width !== Math.round(view.width * scale)) canvas.width = Math.round(view.width * scale)
  if (canvas.height !== Math.round(view.height * scale)) canvas.height = Math.round(view.height * scale)
  context.setTransform(scale, 0, 0, scale, 0, 0)
  context.clearRect(0, 0, view.width, view.height)
  const style = getComputedStyle(canvas)
  const ink = style.color
  const [first, last] = columnsInSight(view)
  drawLanes(context, picture, ink)
  drawArrows(context, picture, { first, last, ink })
  drawPath(context, picture, ink)
  const inSight = picture.space.marks.slice(first, last + 1)
  for (const mark of inSight) drawMark(context, picture, mark, ink)
  drawRunWords(context, picture, inSight, ink)
}

function columnsInSight({ left, width, spacing, columns }: View): readonly [number, number] {
  const first = Math.max(0, Math.floor((left - MARGIN) / spacing) - 1)
  return [first, Math.min(columns - 1, Math.ceil((left + width - MARGIN) / spacing) + 1)]
}

function drawLanes(context: CanvasRenderingContext2D, { space, view }: Picture, ink: string): void {
  context.strokeStyle = ink
  context.globalAlpha = 0.15
  context.lineWidth = 1
  for (const lane of space.lanes.keys()) {
    context.beginPath()
    context.moveTo(0, yOf(lane))
    context.lineTo(view.width, yOf(lane))
    context.stroke()
  }
  context.globalAlpha = 1
}

function drawArrows(
  context: CanvasRenderingContext2D,
  { space, view, selected }: Picture,
  { first, last, ink }: { readonly first: number; readonly last: number; readonly ink: string },
): void {
  const chosen = new Set(selected.map((event) => markOf(space, event)?.column))
  context.lineWidth = 1
  context.strokeStyle = ink
  for (let at = arrowAt(space, first); at < space.arrows.length; at++) {
    const arrow = space.arrows[at]
    // By rising end: further on only very long ones could begin in sight.
    if (arrow === undefined || arrow.to > Math.min(view.columns - 1, last + FAR_COLUMNS)) break
    const { from, to } = arrow
    if (from > last) continue
    const [a, b] = [space.marks[from], space.marks[to]]
    if (a === undefined || b === undefined) continue
    context.globalAlpha = chosen.has(from) || chosen.has(to) ? 0.9 : 0.18
    context.beginPath()
    context.moveTo(xOf(view, from), yOf(a.lane))
    context.lineTo(xOf(view, to), yOf(b.lane))
    context.stroke()
  }
  context.globalAlpha = 1
}

/** The outline of a ×, a third of its size thick. */
const CROSS = [
  [-1, -0.6],
  [-0.6, -1],
  [0, -0.4],
  [0.6, -1],
  [1, -0.6],
  [0.4, 0],
  [1, 0.6],
  [0.6, 1],
  [0, 0.4],
  [-0.6, 1],
  [-1, 0.6],
  [-0.4, 0],
] as const

/** Chosen events that are ordered are joined by a thick line: two of them, or what both of two began from with each. */
function drawPath(context: CanvasRenderingContext2D, picture: Picture, ink: string): void {
  const [a, b, both] = picture.selected
  if (a === undefined || b === undefined) return
  if (both === undefined) return drawLine(context, picture, { a, b, ink })
  drawLine(context, picture, { a: both, b: a, ink })
  drawLine(context, picture, { a: both, b, ink })
}

function drawLine(
  context: CanvasRenderingContext2D,
  { space, view }: Picture,
  { a, b, ink }: { readonly a: HistoryEvent; readonly b: HistoryEvent; readonly ink: string },
): void {
  const from = markOf(space, a)
  const to = markOf(space, b)
  if (from === undefined || to === undefined || from === to || orderOf(a, b) === 'concurrent') return
  context.strokeStyle = ink
  context.lineWidth = 2
  context.globalAlpha = 0.6
  context.setLineDash([6, 4])
  context.beginPath()
  context.moveTo(xOf(view, from.column), yOf(from.lane))
  context.lineTo(xOf(view, to.column), yOf(to.lane))
  context.stroke()
  context.setLineDash([])
  context.globalAlpha = 1
}

/** How many a folded mark stands for, above it, where that runs into no other. */
function drawRunWords(context: CanvasRenderingContext2D, { view }: Picture, marks: readonly Mark[], ink: string): void {
  const endOf = new Map<number, number>()
  context.font = '11px system-ui'
  context.fillStyle = ink
  context.textAlign = 'center'
  for (const { run, event, column, lane } of marks) {
    if (run.length === 1) continue
    const words = runWords(run, event.kind, count)
    const half = context.measureText(words).width / 2
    const x = Math.max(half + 2, xOf(view, column))
    if (x - half < (endOf.get(lane) ?? -Infinity) + 6) continue
    endOf.set(lane, x + half)
    context.fillText(words, x, yOf(lane) - 13)
  }
  context.textAlign = 'start'
}

/** Filled: the event or its past. Hollow: its future. Faint with ∥: concurrent. */
function drawMark(
  context: CanvasRenderingContext2D,
  { space, view, selected }: Picture,
  mark: Mark,
  ink: string,
): void {
  const x = xOf(view, mark.column)
  const y = yOf(mark.lane)
  const [focus] = selected
  const standing = focus === undefined || markOf(space, focus) === mark ? 'plain' : standingOf(focus, mark.event)
  context.fillStyle = nodeColour(mark.event.node)
  context.strokeStyle = nodeColour(mark.event.node)
  context.lineWidth = 2
  context.globalAlpha = standing === 'concurrent' ? 0.45 : 1
  if (mark.run.length > 1) {
    // A stack: the shape once more behind itself.
    context.globalAlpha *= 0.4
    shape(context, mark.event.kind, x + 4, y - 4)
    context.fill()
    context.globalAlpha = standing === 'concurrent' ? 0.45 : 1
  }
  shape(context, mark.event.kind, x, y)
  if (standing === 'future') context.stroke()
  else context.fill()
  if (standing === 'concurrent' && view.spacing >= 10) {
    context.globalAlpha = 0.7
    context.fillStyle = ink
    context.font = '10px system-ui'
    context.fillText('∥', x - 3, y - 10)
  }
  context.globalAlpha = 1
  if (selected.some((event) => markOf(space, event) === mark)) {
    context.strokeStyle = ink
    context.beginPath()
    context.arc(x, y, SIZE + 4, 0, Math.PI * 2)
    context.stroke()
  }
}

function standingOf(focus: HistoryEvent, event: HistoryEvent): 'past' | 'future' | 'concurrent' {
  if (event.position === focus.position || (hasSeen(focus, event) && event.position <= focus.position)) return 'past'
  return hasSeen(event, focus) ? 'future' : 'concurrent'
}

function shape(context: CanvasRenderingContext2D, kind: EventKind, x: number, y: number): void {
  context.beginPath()
  switch (kind) {
    case 'move':
      context.moveTo(x - SIZE, y - SIZE)
      context.lineTo(x + SIZE + 1, y)
      context.lineTo(x - SIZE, y + SIZE)
      context.closePath()
      return
    case 'delete':
      for (const [dx, dy] of CROSS) context.lineTo(x + dx * SIZE, y + dy * SIZE)
      context.closePath()
      return
    case 'merge':
      context.moveTo(x, y - SIZE - 1)
      context.lineTo(x + SIZE + 1, y)
      context.lineTo(x, y + SIZE + 1)
      context.lineTo(x - SIZE - 1, y)
      context.closePath()
      return
    case 'conflict':
      context.moveTo(x, y - SIZE - 1)
      context.lineTo(x + SIZE + 1, y + SIZE)
      context.lineTo(x - SIZE - 1, y + SIZE)
      context.closePath()
      return
    case 'restore':
    case 'settle':
    case 'join':
    case 'leave':
    case 'halt':
    case 'resume':
      context.rect(x - SIZE + 0.5, y - SIZE + 0.5, SIZE * 2 - 1, SIZE * 2 - 1)
      return
    case 'create':
    case 'edit':
      context.arc(x, y, SIZE, 0, Math.PI * 2)
  }
}

function xOf({ left, spacing }: View, column: number): number {
  return MARGIN + column * spacing - left
}

function yOf(lane: number): number {
  return lane * LANE_HEIGHT + LANE_HEIGHT / 2
}
