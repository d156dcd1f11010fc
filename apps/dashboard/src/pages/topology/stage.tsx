import { ActionIcon, Tooltip } from '@mantine/core'
import { useEffect, useRef, type KeyboardEvent, type PointerEvent, type WheelEvent } from 'react'
import { useLiveStore } from '../../live/use-live.ts'
import { bringInLine, bringTraffic, emptyGraph, HUB, type Vertex } from './graph.ts'
import { createLayout, findNear, forgetColours, paintFlow, paintLinks, paintNodes, type Camera } from './picture.ts'
import look from './topology.module.css'

export interface StageProps {
  readonly folder: string | undefined
  readonly chosen: string | null
  choose(id: string | null): void
}

/**
 * The fleet as a live picture. It draws itself from the live state, outside of
 * React: a thousand nodes and two hundred messages a second cost a frame each
 * no more than the drawing.
 */
export function Stage({ folder, chosen, choose }: StageProps) {
  const store = useLiveStore()
  const canvas = useRef<HTMLCanvasElement>(null)
  const flow = useRef<HTMLCanvasElement>(null)
  const links = useRef<HTMLCanvasElement>(null)
  const engine = useRef<ReturnType<typeof createEngine> | null>(null)

  useEffect(() => {
    const element = canvas.current
    if (element === null || flow.current === null || links.current === null) return
    const made = createEngine({ nodes: element, flow: flow.current, links: links.current })
    engine.current = made
    const stop = store.subscribe(() => made.feed(store.state))
    made.feed(store.state)
    return () => {
      stop()
      made.stop()
      engine.current = null
    }
  }, [store])

  useEffect(() => {
    engine.current?.show(folder, chosen)
    engine.current?.feed(store.state)
  }, [folder, chosen, store])

  const drag = useRef<{ x: number; y: number; moved: boolean; vertex: Vertex | undefined } | null>(null)

  function down(event: PointerEvent): void {
    const vertex = engine.current?.at(event.nativeEvent.offsetX, event.nativeEvent.offsetY)
    drag.current = { x: event.clientX, y: event.clientY, moved: false, vertex }
    event.currentTarget.setPointerCapture(event.pointerId)
  }

  function move(event: PointerEvent): void {
    const at = drag.current
    if (at === null) return
    const dx = event.clientX - at.x
    const dy = event.clientY - at.y
    if (!at.moved && Math.hypot(dx, dy) < 4) return
    at.moved = true
    at.x = event.clientX
    at.y = event.clientY
    if (at.vertex === undefined) engine.current?.pan(dx, dy)
    else engine.current?.drag(at.vertex, dx, dy)
  }

  function up(): void {
    const at = drag.current
    drag.current = null
    if (at !== null && !at.moved) choose(at.vertex === undefined || at.vertex.id === HUB ? null : at.vertex.id)
  }

  function wheel(event: WheelEvent): void {
    engine.current?.zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15, event.nativeEvent.offsetX, event.nativeEvent.offsetY)
  }

  function key(event: KeyboardEvent): void {
    const pans: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [40, 0],
      ArrowRight: [-40, 0],
      ArrowUp: [0, 40],
      ArrowDown: [0, -40],
    }
    const pan = pans[event.key]
    if (pan !== undefined) engine.current?.pan(...pan)
    else if (event.key === '+') engine.current?.zoom(1.2)
    else if (event.key === '-') engine.current?.zoom(1 / 1.2)
    else if (event.key === '0') engine.current?.fit()
    else return
    event.preventDefault()
  }

  return (
    <div className={look.stage}>
      <canvas ref={links} className={look.below} aria-hidden="true" />
      <canvas ref={flow} className={look.below} aria-hidden="true" />
      <canvas
        ref={canvas}
        tabIndex={0}
        role="img"
        aria-label="The network. Arrow keys move it, plus and minus zoom, 0 shows all of it; the list holds the same nodes."
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onWheel={wheel}
        onKeyDown={key}
      />
      <div className={look.tools}>
        <Tool label="Zoom in" sign="+" act={() => engine.current?.zoom(1.3)} />
        <Tool label="Zoom out" sign="−" act={() => engine.current?.zoom(1 / 1.3)} />
        <Tool label="Show all" sign="⤢" act={() => engine.current?.fit()} />
      </div>
    </div>
  )
}

function Tool({ label, sign, act }: { readonly label: string; readonly sign: string; readonly act: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="default" aria-label={label} onClick={act}>
        {sign}
      </ActionIcon>
    </Tooltip>
  )
}

type State = ReturnType<typeof useLiveStore>['state']

/** Where so much changes that every frame would, the nodes are drawn anew at most so often. */
const NODES_EVERY_MS = 100

/** Three planes, one above the other: most frames draw only what flows. */
interface Planes {
  readonly links: HTMLCanvasElement
  readonly flow: HTMLCanvasElement
  /** The uppermost. */
  readonly nodes: HTMLCanvasElement
}

function createEngine({ nodes: canvas, flow, links }: Planes) {
  const graph = emptyGraph()
  const layout = createLayout(graph)
  const context = canvas.getContext('2d')
  const flowContext = flow.getContext('2d')
  const linksContext = links.getContext('2d')
  const calm = matchMedia('(prefers-reduced-motion: reduce)')
  let camera: Camera = { x: 0, y: 0, k: 1 }
  let untouched = true
  let folder: string | undefined
  let chosen: string | null = null
  let fed: State | undefined
  let frame = 0
  let lastAt = 0
  /** What the planes do not show yet: nothing, states that may wait a little, or other places. */
  let stale: 'no' | 'soon' | 'now' = 'now'
  let nodesAt = 0
  let shownOnline = ''
  let ink = { ink: '#000', surface: '#fff', accent: '#0f766e' }

  const observer = new ResizeObserver(() => {
    if (untouched) fit()
    moved()
  })
  observer.observe(canvas)
  const scheme = new MutationObserver(() => {
    readColours()
    moved()
  })
  scheme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-mantine-color-scheme'] })
  readColours()

  function readColours(): void {
    forgetColours()
    const style = getComputedStyle(canvas)
    ink = {
      ink: style.color,
      surface: style.getPropertyValue('--surface').trim() || '#fff',
      accent: style.getPropertyValue('--mantine-primary-color-filled').trim() || '#0f766e',
    }
  }

  function moved(): void {
    stale = 'now'
    wake()
  }

  function wake(): void {
    frame ||= requestAnimationFrame(step)
  }

  function step(at: number): void {
    frame = 0
    const seconds = lastAt === 0 ? 0 : Math.min(0.1, (at - lastAt) / 1000)
    lastAt = at
    const settling = layout.tick()
    if (settling && untouched) fit()
    if (settling) stale = 'now'
    render(at, calm.matches ? 0 : seconds)
    const all = [...graph.links.values(), ...graph.peers.values()]
    const flows = all.some((link) => link.upBytesPerSecond > 0 || link.downBytesPerSecond > 0)
    if (settling || stale !== 'no' || (flows && !calm.matches)) wake()
    else lastAt = 0
  }

  function render(at: number, seconds: number): void {
    const { clientWidth: width, clientHeight: height } = canvas
    const scale = window.devicePixelRatio || 1
    const scene = { graph, camera, width, height, chosen, seconds, ...ink }
    if (stale === 'now' || (stale === 'soon' && at - nodesAt >= NODES_EVERY_MS)) {
      sizeTo(canvas, width * scale, height * scale)
      if (context !== null) paintNodes(context, scale, scene)
      const online = [
        ...Array.from(graph.links.values(), (link) => (link.online ? '1' : '0')),
        ...graph.peers.keys(),
      ].join('')
      if (linksContext !== null && (stale === 'now' || online !== shownOnline)) {
        sizeTo(links, width * scale, height * scale)
        paintLinks(linksContext, scale, scene)
      }
      shownOnline = online
      stale = 'no'
      nodesAt = at
    }
    sizeTo(flow, width * scale, height * scale)
    if (flowContext !== null) paintFlow(flowContext, scale, scene)
  }

  function fit(): void {
    const { clientWidth: width, clientHeight: height } = canvas
    const all = [...graph.vertices.values()]
    if (all.length === 0 || width === 0) return
    const reach = (pick: (vertex: Vertex) => number) => Math.max(80, ...all.map((vertex) => Math.abs(pick(vertex))))
    const k = Math.min(1.4, width / 2 / (reach(({ x }) => x) + 60), height / 2 / (reach(({ y }) => y) + 50))
    camera = { x: width / 2, y: height / 2, k }
  }

  return {
    feed(state: State): void {
      const { nodes, connection } = state
      const isSame = nodes === fed?.nodes && connection === fed.connection
      if (!isSame && bringInLine(graph, [...nodes.values()], { folder, connection })) layout.rearrange()
      if (state.traffic !== fed?.traffic) bringTraffic(graph, state.traffic)
      else if (isSame) return
      fed = state
      if (stale === 'no') stale = 'soon'
      wake()
    },
    show(nextFolder: string | undefined, nextChosen: string | null): void {
      if (folder !== nextFolder) fed = undefined
      folder = nextFolder
      chosen = nextChosen
      moved()
    },
    at: (x: number, y: number) =>
      findNear(graph, (x - camera.x) / camera.k, (y - camera.y) / camera.k, 18 / Math.min(1, camera.k)),
    pan(dx: number, dy: number): void {
      untouched = false
      camera = { ...camera, x: camera.x + dx, y: camera.y + dy }
      moved()
    },
    drag(vertex: Vertex, dx: number, dy: number): void {
      vertex.fx = vertex.x + dx / camera.k
      vertex.fy = vertex.y + dy / camera.k
      vertex.x = vertex.fx
      vertex.y = vertex.fy
      moved()
    },
    zoom(factor: number, x = canvas.clientWidth / 2, y = canvas.clientHeight / 2): void {
      untouched = false
      const k = Math.max(0.05, Math.min(6, camera.k * factor))
      camera = { k, x: x - ((x - camera.x) / camera.k) * k, y: y - ((y - camera.y) / camera.k) * k }
      moved()
    },
    fit(): void {
      untouched = true
      fit()
      moved()
    },
    stop(): void {
      cancelAnimationFrame(frame)
      observer.disconnect()
      scheme.disconnect()
    },
  }
}

function sizeTo(canvas: HTMLCanvasElement, width: number, height: number): void {
  if (canvas.width !== Math.round(width)) canvas.width = Math.round(width)
  if (canvas.height !== Math.round(height)) canvas.height = Math.round(height)
}
