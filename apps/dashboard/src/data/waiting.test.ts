import { FolderIdSchema, NodeIdSchema, type FolderReport, type FolderView, type NodeView } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { howMany, waitingOf } from './waiting.ts'

const photos = FolderIdSchema.parse('photos')
const lost = { path: '', code: 'root-missing', message: 'the directory is gone' }
const problem = { path: 'a.txt', code: 'disk-full', message: 'no room' }

test('nothing waits where all is well', () => {
  expect(howMany(waitingOf([folder()], [node({})]))).toBe(0)
})

test('conflicts, halts and problems wait, each once', () => {
  const waiting = waitingOf(
    [folder({ openConflicts: 2 })],
    [node({ state: 'halted', problems: [lost] }), node({ problems: [problem] })],
  )
  expect([...waiting.conflicts]).toEqual([[photos, 2]])
  expect(waiting.halts).toEqual([{ folder: photos, node: 'ash' }])
  expect(howMany(waiting)).toBe(4)
})

test('problems beside a halt wait as well, whatever halted the folder', () => {
  const halted = { reason: '30 would go', removed: 30, live: 40, sample: [] }
  const waiting = waitingOf(
    [folder()],
    [node({ state: 'halted', halted, problems: [problem] }), node({ state: 'halted', problems: [lost, problem] })],
  )
  expect(waiting.halts).toHaveLength(2)
  expect(waiting.problems).toBe(2)
})

test('what the coordinator holds back is one halt, however many nodes wait for it', () => {
  const waiting = waitingOf(
    [folder({ halted: 'over half would go' })],
    [node({ state: 'halted' }), node({ state: 'halted' })],
  )
  expect(waiting.halts).toEqual([{ folder: photos, node: null }])
})

function folder(change: Partial<FolderView> = {}): FolderView {
  return {
    id: photos,
    name: 'Photos',
    epoch: 'e',
    head: 1,
    clock: {},
    settings: { deleteBrakeShare: 0.5, deleteBrakeMin: 10, keepAllDays: 30, keepThinnedDays: null, quotaBytes: null },
    halted: null,
    createdAt: '',
    counts: { files: 1, directories: 0, symlinks: 0, bytes: 1 },
    openConflicts: 0,
    ...change,
  }
}

function node(change: Partial<FolderReport>): NodeView {
  const id = NodeIdSchema.parse('ash')
  const report = {
    folder: photos,
    state: 'idle',
    cursor: 1,
    pendingUp: 0,
    pendingDown: 0,
    problems: [],
    transfer: null,
  } as const
  const member = {
    folder: photos,
    node: id,
    access: 'read-write',
    paused: false,
    applied: 1,
    clock: {},
    head: 1,
    behind: 0,
  } as const
  return {
    id,
    name: 'ash',
    address: '',
    port: 0,
    watchDirectories: [],
    capabilities: [],
    version: '',
    online: true,
    registeredAt: '',
    lastSeenAt: '',
    revoked: false,
    folders: [{ ...member, report: { ...report, problems: [], ...change } }],
  }
}
