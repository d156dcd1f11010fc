import { FolderIdSchema, NodeIdSchema, type NodeId, type NodeTraffic, type NodeView } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { bringInLine, bringTraffic, dotsPerSecond, emptyGraph } from './graph.ts'

test('nodes come and go; those that stay keep their places', () => {
  const graph = emptyGraph()
  expect(bringInLine(graph, [node('ash'), node('oak')], { folder: undefined })).toBe(true)
  const before = graph.vertices.get('ash')
  expect(bringInLine(graph, [node('ash', { name: 'Ash tree' })], { folder: undefined })).toBe(true)
  expect(graph.vertices.get('ash')).toBe(before)
  expect(before?.name).toBe('Ash tree')
  expect([...graph.links.keys()]).toEqual(['ash'])
  expect(bringInLine(graph, [node('ash', { online: false })], { folder: undefined })).toBe(false)
  expect([graph.links.get('ash')?.online, before?.condition]).toEqual([false, 'offline'])
})

test('while the coordinator is away nobody is shown as in sync', () => {
  const graph = emptyGraph()
  bringInLine(graph, [node('ash')], { folder: undefined })
  expect(bringInLine(graph, [node('ash')], { folder: undefined, connection: 'lost' })).toBe(false)
  expect([...graph.vertices.values()].map(({ condition }) => condition)).toEqual(['unknown', 'unknown'])
  expect(graph.links.get('ash')?.online).toBe(false)
})

test('two nodes of one name are told apart', () => {
  const graph = emptyGraph()
  bringInLine(graph, [node('vm-1', { name: 'vm' }), node('vm-2', { name: 'vm' })], { folder: undefined })
  expect([...graph.vertices.values()].map(({ name }) => name)).toEqual(['Coordinator', 'vm (1)', 'vm (2)'])
})

test('a folder filter shows who carries it', () => {
  const graph = emptyGraph()
  bringInLine(graph, [node('ash'), node('oak', { folders: [] })], { folder: 'docs' })
  expect([...graph.vertices.keys()]).toEqual(['coordinator', 'ash'])
})

test('no two of a thousand nodes begin at one place', () => {
  const graph = emptyGraph()
  bringInLine(
    graph,
    Array.from({ length: 1000 }, (_, index) => node(`n${index}`)),
    { folder: undefined },
  )
  const places = new Set([...graph.vertices.values()].map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`))
  expect(places.size).toBe(1001)
})

test('traffic is the link’s until it is told anew', () => {
  const graph = emptyGraph()
  bringInLine(graph, [node('ash')], { folder: undefined })
  const ash = NodeIdSchema.parse('ash')
  bringTraffic(graph, new Map([[ash, { node: ash, upBytesPerSecond: 500, downBytesPerSecond: 7, roundTripMs: 2 }]]))
  expect(graph.links.get('ash')).toMatchObject({ upBytesPerSecond: 500, downBytesPerSecond: 7, roundTripMs: 2 })
  bringTraffic(graph, new Map())
  expect(graph.links.get('ash')).toMatchObject({ upBytesPerSecond: 0, roundTripMs: 2 })
})

test('more bytes are more dots, never too many to see, and none are none', () => {
  expect(dotsPerSecond(0)).toBe(0)
  expect(dotsPerSecond(1000)).toBeLessThan(dotsPerSecond(100_000))
  expect(dotsPerSecond(1e12)).toBeLessThanOrEqual(14)
})

test('nodes that give one another chunks are linked, each way with its rate, while both are shown', () => {
  const graph = emptyGraph()
  const [ash, elm, oak] = ['ash', 'elm', 'oak'].map((id) => NodeIdSchema.parse(id)) as [NodeId, NodeId, NodeId]
  const all = [node('ash'), node('elm'), node('oak')]
  bringInLine(graph, all, { folder: undefined })
  const still = { upBytesPerSecond: 0, downBytesPerSecond: 0, roundTripMs: null }
  const from = (giver: NodeId, bytesPerSecond: number) => [{ node: giver, bytesPerSecond }]
  const traffic = new Map<NodeId, NodeTraffic>([
    [ash, { node: ash, ...still, fromPeers: from(oak, 7) }],
    [oak, { node: oak, ...still, fromPeers: from(ash, 5) }],
    [
      elm,
      { node: elm, ...still, fromPeers: [{ node: oak, bytesPerSecond: 0 }, ...from(NodeIdSchema.parse('gone'), 9)] },
    ],
  ])
  bringTraffic(graph, traffic)
  const rates = () => [...graph.peers].map(([key, link]) => [key, link.upBytesPerSecond, link.downBytesPerSecond])
  expect(rates()).toEqual([
    ['ash oak', 5, 7],
    ['elm oak', 0, 0],
  ])
  bringInLine(graph, all.slice(0, 2), { folder: undefined })
  expect(rates()).toEqual([])
  bringTraffic(graph, new Map())
  expect(rates()).toEqual([])
})

function node(id: string, change: Partial<NodeView> = {}): NodeView {
  const folder = FolderIdSchema.parse('docs')
  const member = {
    folder,
    node: NodeIdSchema.parse(id),
    access: 'read-write',
    paused: false,
    applied: 0,
    clock: {},
    head: 0,
    behind: 0,
  } as const
  const at = '2026-11-22T12:00:00.000Z'
  return {
    id: NodeIdSchema.parse(id),
    name: id,
    address: '',
    port: 0,
    watchDirectories: [],
    capabilities: [],
    version: '',
    online: true,
    registeredAt: at,
    lastSeenAt: at,
    revoked: false,
    folders: [{ ...member, report: null }],
    ...change,
  }
}
