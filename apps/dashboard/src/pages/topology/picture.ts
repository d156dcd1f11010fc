import { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY, type Simulation } from 'd3-force'
import { quadtree, type Quadtree } from 'd3-quadtree'
import { conditionColour } from '../../parts/state-mark.tsx'
import { dotsPerSecond, type Graph, type Link, type Vertex } from './graph.ts'

/** How the plane is shown: `x` and `y` are where its origin lies on the screen. */
export interface Camera {
  readonly x: number
  readonly y: number
  readonly k: number
}

/** Places what came or went and leaves the rest nearly where it was. It cools within about a second, then costs nothing. */
export function createLayout(graph: Graph): {
  rearrange(): void
  tick(): boolean
  simulation: Simulation<Vertex, undefined>
} {
  const simulation = forceSimulation<Vertex>([]).stop().alphaDecay(0.06).velocityDecay(0.5)
  return {
    simulation,
    rearrange() {
      const vertices = [...graph.vertices.values()]
      const many = vertices.length > 200
      simulation
        .nodes(vertices)
        .force(
          'link',
          forceLink([...graph.links.values()])
            .distance(many ? 120 : 170)
            .strength(many ? 0.02 : 0.15),
        )
        .force(
          'charge',
          forceManyBody()
            .strength(many ? -30 : -220)
            .theta(1.1)
            .distanceMax(600),
        )
        .force('collide', forceCollide(many ? 13 : 34))
        .force('x', forceX(0).strength(0.02))
        .force('y', forceY(0).strength(0.03))
        .alpha(0.6)
    },
    tick() {
      if (simulation.alpha() < simulation.alphaMin()) return false
      simulation.tick()
      return true
    },
  }
}

export function findNear(graph: Graph, x: number, y: number, reach: number): Vertex | undefined {
  const tree: Quadtree<Vertex> = quadtree(
    [...graph.vertices.values()],
    (vertex) => vertex.x,
    (vertex) => vertex.y,
  )
  return tree.find(x, y, reach)
}

export interface Scene {
  readonly graph: Graph
  readonly camera: Camera
  readonly width: number
  readonly height: number
  readonly chosen: string | null
  /** Seconds since the last frame; 0 where nothing is to move. */
  readonly seconds: number
  readonly ink: string
  readonly surface: string
  readonly accent: string
}

/** The lines: they change only when nodes come, go or move, or the view does. */
export function paintLinks(context: CanvasRenderingContext2D, scale: number, scene: Scene): void {
  begin(context, scale, scene)
  strokeLinks(context, scene)
}

/** The nodes, with their states and names. */
export function paintNodes(context: CanvasRenderingContext2D, scale: number, scene: Scene): void {
  begin(context, scale, scene)
  paintVertices(context, scene)
}

/** What flows: drawn anew each frame while anything does, on a plane of its own. Returns how many dots there are. */
export function paintFlow(context: CanvasRenderingContext2D, scale: number, scene: Scene): number {
  begin(context, scale, scene)
  context.fillStyle = scene.accent
  const flowing = [...scene.graph.links.values(), ...scene.graph.peers.values()].filter(
    ({ upBytesPerSecond, downBytesPerSecond }) => upBytesPerSecond > 0 || downBytesPerSecond > 0,
  )
  const wanted = flowing.reduce((sum, link) => sum + dotsOn(link.upBytesPerSecond) + dotsOn(link.downBytesPerSecond), 0)
  const thinning = Math.min(1, MOST_DOTS / Math.max(1, wanted))
  context.beginPath()
  for (const link of flowing) paintDots(context, link, scene, thinning)
  context.fill()
  return wanted
}

function begin(context: CanvasRenderingContext2D, scale: number, { camera, width, height }: Scene): void {
  context.setTransform(scale, 0, 0, scale, 0, 0)
  context.clearRect(0, 0, width, height)
  context.setTransform(scale * camera.k, 0, 0, scale * camera.k, scale * camera.x, scale * camera.y)
}

function strokeLinks(context: CanvasRenderingContext2D, { graph, ink, camera }: Scene): void {
  context.lineWidth = 1 / camera.k
  context.strokeStyle = ink
  for (const online of [true, false]) {
    context.globalAlpha = online ? 0.35 : 0.18
    context.setLineDash(online ? [] : [4 / camera.k, 4 / camera.k])
    context.beginPath()
    for (const { source, target, online: stands } of graph.links.values()) {
      if (stands !== online) continue
      context.moveTo(source.x, source.y)
      context.lineTo(target.x, target.y)
    }
    context.stroke()
  }
  context.setLineDash([1 / camera.k, 3 / camera.k])
  context.globalAlpha = 0.6
  context.beginPath()
  for (const { source, target } of graph.peers.values()) {
    context.moveTo(source.x, source.y)
    context.lineTo(target.x, target.y)
  }
  context.stroke()
  context.setLineDash([])
  context.globalAlpha = 1
}

const TRAVEL_SECONDS = 1.4

/** More could not be told apart: beyond this every link has fewer, in the same proportion. */
const MOST_DOTS = 1_500

function dotsOn(bytesPerSecond: number): number {
  return Math.round(dotsPerSecond(bytesPerSecond) * TRAVEL_SECONDS)
}

/** Dots run with the bytes: towards the coordinator on one side of the line, away from it on the other. */
function paintDots(context: CanvasRenderingContext2D, link: Link, { seconds, camera }: Scene, thinning: number): void {
  link.phase = (link.phase + seconds / TRAVEL_SECONDS) % 1
  const { source, target } = link
  const dx = target.x - source.x
  const dy = target.y - source.y
  const length = Math.hypot(dx, dy) || 1
  const side = { x: (-dy / length) * 4, y: (dx / length) * 4 }
  const size = 2 / camera.k
  for (const [rate, sign] of [
    [link.upBytesPerSecond, 1],
    [link.downBytesPerSecond, -1],
  ] as const) {
    const count = rate > 0 ? Math.max(1, Math.round(dotsOn(rate) * thinning)) : 0
    for (let dot = 0; dot < count; dot++) {
      const along = (link.phase + dot / count) % 1
      const at = sign === 1 ? along : 1 - along
      const x = source.x + dx * at + side.x * sign
      const y = source.y + dy * at + side.y * sign
      if (thinning < 1) context.rect(x - size, y - size, 2 * size, 2 * size)
      else {
        context.moveTo(x + size, y)
        context.arc(x, y, size, 0, Math.PI * 2)
      }
    }
  }
}

const colours = new Map<string, string>()

/** A CSS variable's colour as the canvas takes it. */
function resolved(colour: string, of: CanvasRenderingContext2D): string {
  const name = /^var\((.+)\)$/.exec(colour)?.[1]
  if (name === undefined) return colour
  const known = colours.get(name)
  if (known !== undefined) return known
  const found = getComputedStyle(of.canvas).getPropertyValue(name).trim()
  colours.set(name, found)
  return found
}

/** Colours are looked up anew: the scheme has changed. */
export function forgetColours(): void {
  colours.clear()
}

function paintVertices(context: CanvasRenderingContext2D, scene: Scene): void {
  const { graph, camera, chosen, ink, surface, accent } = scene
  const labelled = graph.vertices.size <= 60 || camera.k > 1.3
  context.textAlign = 'center'
  context.font = `${12 / camera.k}px system-ui, sans-serif`
  for (const vertex of graph.vertices.values()) {
    const colour =
      vertex.kind === 'coordinator' && vertex.condition !== 'unknown'
        ? accent
        : resolved(conditionColour(vertex.condition), context)
    const size = vertex.kind === 'coordinator' ? 14 : 8
    context.fillStyle = surface
    context.strokeStyle = colour
    context.lineWidth = 2.5
    outline(context, vertex, size)
    context.fill()
    context.stroke()
    if (vertex.kind === 'node' && vertex.condition === 'in-sync') {
      context.fillStyle = colour
      context.fill()
    }
    if (vertex.condition === 'syncing') {
      context.fillStyle = colour
      context.beginPath()
      context.arc(vertex.x, vertex.y, size, Math.PI / 2, -Math.PI / 2)
      context.fill()
    }
    if (vertex.id === chosen) {
      context.strokeStyle = ink
      context.lineWidth = 1.5
      context.beginPath()
      context.arc(vertex.x, vertex.y, size + 5, 0, Math.PI * 2)
      context.stroke()
    }
    if (!labelled && vertex.kind === 'node' && vertex.id !== chosen) continue
    // A name is read over the lines it lies on.
    context.strokeStyle = surface
    context.lineWidth = 4 / camera.k
    context.strokeText(vertex.name, vertex.x, vertex.y + size + 14 / camera.k)
    context.fillStyle = ink
    context.fillText(vertex.name, vertex.x, vertex.y + size + 14 / camera.k)
  }
}

/** The shape says the state: round in step or on its way, a triangle for attention, a square for halted, two bars for paused. */
function outline(context: CanvasRenderingContext2D, { x, y, kind, condition }: Vertex, size: number): void {
  context.beginPath()
  if (kind === 'coordinator') {
    context.roundRect(x - size, y - size, size * 2, size * 2, 5)
  } else if (condition === 'attention') {
    context.moveTo(x, y - size - 1)
    context.lineTo(x + size + 1, y + size - 1)
    context.lineTo(x - size - 1, y + size - 1)
    context.closePath()
  } else if (condition === 'halted') {
    context.rect(x - size + 1, y - size + 1, size * 2 - 2, size * 2 - 2)
  } else if (condition === 'paused') {
    context.rect(x - size + 1, y - size, size - 3, size * 2)
    context.rect(x + 2, y - size, size - 3, size * 2)
  } else context.arc(x, y, size, 0, Math.PI * 2)
}
