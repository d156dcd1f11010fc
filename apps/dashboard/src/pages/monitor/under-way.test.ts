import { FolderIdSchema, NodeIdSchema, type FolderReport, type NodeView } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { adviceFor, problemsOf, underWay } from './under-way.ts'

const ash = NodeIdSchema.parse('ash')
const docs = FolderIdSchema.parse('docs')

test('a node in step is not under way', () => {
  expect(underWay([node(report({}), 0)], new Map())).toEqual([])
})

test('what is left is told with the time it takes at the rate of now', () => {
  const transfer = { files: 1, filesTotal: 2, bytes: 1000, bytesTotal: 5000 }
  const traffic = new Map([['ash', { node: ash, upBytesPerSecond: 500, downBytesPerSecond: 1500, roundTripMs: 1 }]])
  const [found] = underWay([node(report({ transfer }), 3)], traffic)
  expect(found).toMatchObject({ leftBytes: 4000, leftMs: 2000 })
  expect(underWay([node(report({ transfer }), 3)], new Map())[0]).toMatchObject({ leftBytes: 4000, leftMs: null })
})

test('problems are told with their node and folder, and each has something to do about it', () => {
  const problems = [{ path: 'a', code: 'disk-full', message: 'no room' }]
  expect(problemsOf([node(report({ problems }), 0)])).toMatchObject([{ folder: 'docs', path: 'a', code: 'disk-full' }])
  expect(adviceFor('disk-full')).toContain('space')
  expect(adviceFor('something new')).not.toBe('')
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
