import { FolderIdSchema, NodeIdSchema, type HistoryEvent, type LiveMessage, type NodeView } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { begin, connected, EVENTS_KEPT, NOTHING_YET, take } from './live-state.ts'

const ash = NodeIdSchema.parse('ash')
const folder = FolderIdSchema.parse('docs')

test('events are taken once each, whatever is told twice', () => {
  const state = begin(NOTHING_YET, { nodes: [], events: [event(1), event(2)] })
  const next = take(state, [told(2), told(3), told(3), told(4)])
  expect(next.events.map(({ position }) => position)).toEqual([1, 2, 3, 4])
  expect(next.position).toBe(4)
})

test('only so many events are kept', () => {
  const state = begin(NOTHING_YET, {
    nodes: [],
    events: Array.from({ length: EVENTS_KEPT + 5 }, (_, at) => event(at + 1)),
  })
  expect(state.events).toHaveLength(EVENTS_KEPT)
  expect(take(state, [told(EVENTS_KEPT + 6)]).events).toHaveLength(EVENTS_KEPT)
})

test('what a node reports becomes part of it; a report of an unknown node is nothing', () => {
  const state = begin(NOTHING_YET, { nodes: [node()], events: [] })
  const report = {
    folder,
    state: 'syncing',
    cursor: 1,
    pendingUp: 2,
    pendingDown: 0,
    problems: [],
    transfer: null,
  } as const
  const next = take(state, [{ kind: 'report', node: ash, report: { ...report, problems: [] } }])
  expect(next.nodes.get(ash)?.folders[0]?.report?.pendingUp).toBe(2)
  expect(take(NOTHING_YET, [{ kind: 'report', node: ash, report: { ...report, problems: [] } }]).nodes.size).toBe(0)
})

test('a removed node goes', () => {
  const state = begin(NOTHING_YET, { nodes: [node()], events: [] })
  expect(take(state, [{ kind: 'node-removed', node: ash }]).nodes.size).toBe(0)
})

test('messages that change nothing leave the very same state, so that nothing is drawn anew', () => {
  const state = begin(NOTHING_YET, { nodes: [], events: [event(1)] })
  expect(take(state, [told(1), { kind: 'hello', coordinator: 'c', position: 1 }])).toBe(state)
  const live = connected(state, 'live', 5)
  expect(connected(live, 'live', 9)).toBe(live)
})

test('once the coordinator can’t be heard any more, nothing is said to flow', () => {
  const rates = { node: ash, upBytesPerSecond: 5, downBytesPerSecond: 7, roundTripMs: 2 }
  const live = take(connected(NOTHING_YET, 'live', 1), [{ kind: 'traffic', nodes: [rates] }])
  expect(live.traffic.size).toBe(1)
  expect(connected(live, 'lost', 2)).toMatchObject({ connection: 'lost', since: 2, traffic: new Map() })
})

function told(position: number): LiveMessage {
  return { kind: 'event', event: event(position) }
}

function event(position: number): HistoryEvent {
  return {
    position,
    folder,
    node: ash,
    counter: position,
    clock: { ash: position },
    kind: 'edit',
    entry: null,
    path: null,
    pathBefore: null,
    decision: 'fast-forward',
    reason: '',
    seq: position,
    entries: 1,
    sizeBytes: null,
    at: '2026-11-22T12:00:00.000Z',
  }
}

function node(): NodeView {
  const member = {
    folder,
    node: ash,
    access: 'read-write',
    paused: false,
    applied: 0,
    clock: {},
    head: 0,
    behind: 0,
  } as const
  const times = { registeredAt: '2026-11-22T12:00:00.000Z', lastSeenAt: '2026-11-22T12:00:00.000Z' }
  return {
    id: ash,
    name: 'Ash',
    address: '',
    port: 0,
    watchDirectories: [],
    capabilities: [],
    version: '',
    online: true,
    ...times,
    revoked: false,
    folders: [{ ...member, report: null }],
  }
}
