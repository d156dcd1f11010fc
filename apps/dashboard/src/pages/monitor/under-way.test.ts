import { FolderIdSchema, NodeIdSchema, type FolderReport, type NodeView } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { adviceFor, problemsOf, underWay } from './under-way.ts'

const ash = NodeIdSchema.parse('ash')
const docs = FolderIdSchema.parse('docs')

test('a node in step is not under way', () => {
  expect(underWay([node(report({}), 0)])).toEqual([])
})

test('the time left is the node’s own reckoning, and nothing where it has none or is away', () => {
  const busy = node(report({ pendingUp: 20_000, secondsLeft: 20 }), 0)
  const told = [busy, { ...busy, online: false }, node(report({ pendingUp: 1, secondsLeft: 0 }), 0)]
  expect(underWay(told).map(({ secondsLeft }) => secondsLeft)).toEqual([20, null, null])
})

test('problems are told with their node and folder, and each has something to do about it', () => {
  const problems = [{ path: 'a', code: 'disk-full', message: 'no room' }]
  expect(problemsOf([node(report({ problems }), 0)])).toMatchObject([{ folder: 'docs', path: 'a', code: 'disk-full' }])
  expect(adviceFor('disk-full')).toContain('space')
  expect(adviceFor('root-missing')).toMatch(/put the directory back/)
  expect(adviceFor('waits')).toBe('It will be retried automatically.')
})

test('a removal that is held back is a problem too', () => {
  const halted = { reason: '40 of 50 would go', removed: 40, live: 50, sample: [] }
  expect(problemsOf([node(report({ state: 'halted', halted }), 0)])).toMatchObject([{ code: 'halted', path: '' }])
  expect(problemsOf([node(report({ state: 'idle', halted }), 0)])).toEqual([])
})

function report(change: Partial<FolderReport>): FolderReport {
  return {
    folder: docs,
    state: 'idle',
    cursor: 1,
    pendingUp: 0,
    pendingDown: 0,
    problems: [],
    transfer: null,
    ...change,
  }
}

function node(told: FolderReport, behind: number): NodeView {
  const at = '2026-11-22T12:00:00.000Z'
  const member = {
    folder: docs,
    node: ash,
    access: 'read-write',
    paused: false,
    applied: 0,
    clock: {},
    head: 0,
    behind,
  } as const
  return {
    id: ash,
    name: 'Ash',
    address: '',
    port: 0,
    watchDirectories: [],
    capabilities: [],
    version: '',
    online: true,
    registeredAt: at,
    lastSeenAt: at,
    revoked: false,
    folders: [{ ...member, report: told }],
  }
}
