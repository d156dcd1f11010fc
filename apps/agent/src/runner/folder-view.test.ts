import { FolderIdSchema, NodeIdSchema, SyncError, type ErrorCode } from '@causeway/protocol'
import { openReplicaState, type OpenReplicaState } from '@causeway/replica'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CycleMemory } from '../cycle/cycle-memory.ts'
import { createProgressCounter } from './progress.ts'
import { FolderView, PAUSED } from './folder-view.ts'
import type { FolderRunnerOptions } from './runner-ports.ts'
import { CLEAN } from './test-support/cycle-report.ts'

const folder = FolderIdSchema.parse('work')
const node = NodeIdSchema.parse('ash')
const HALT = { reason: 'much is gone', removed: 9, live: 10, sample: [], held: null }

let state: OpenReplicaState
let view: FolderView
let changes: number

beforeEach(() => {
  changes = 0
  state = openReplicaState({ path: ':memory:', folder, node })
  const progress = createProgressCounter({ now: () => 0, onChange: () => undefined })
  const memory = new CycleMemory(state)
  const context = { folder, node, state, memory, progress, access: 'read-write', wallNow: () => 0 }
  const events = { changed: () => changes++ }
  const options: unknown = { name: 'Work', directory: '/work', context, events, counter: progress }
  view = new FolderView(options as FolderRunnerOptions)
})

afterEach(() => state.close())

function status() {
  return view.status({ access: 'read-write', watchProblem: undefined, proof: { provedAt: null, failure: null } })
}

test('a cycle that leaves nothing makes it idle, and says since when it is in sync', () => {
  view.enter('full-cycle-begun')
  view.cycleEnded(CLEAN)
  expect(status()).toMatchObject({ state: 'idle', lastInSyncAt: '1970-01-01T00:00:00.000Z' })
  expect(changes).toBe(2)
})

test('conflicts are added up', () => {
  view.cycleEnded({ ...CLEAN, conflicts: 2 })
  view.cycleEnded({ ...CLEAN, conflicts: 1 })
  expect(status().conflicts).toBe(3)
})

test.each<[ErrorCode, string, string]>([
  ['offline', 'offline', 'it failed'],
  ['paused', 'paused', PAUSED],
  ['state-missing', 'halted', 'it failed'],
  ['root-missing', 'halted', 'it failed'],
  ['root-foreign', 'halted', 'it failed'],
  ['io-error', 'syncing', 'it failed'],
])('a cycle that failed with %s leaves it %s', (code, kind, reason) => {
  view.cycleFailed(new SyncError(code, 'it failed'))
  expect(status()).toMatchObject({ state: kind, reason })
})

test('a report counts for nothing once a cycle has failed after it', () => {
  view.cycleEnded(CLEAN)
  expect(view.lastReport).toEqual(CLEAN)
  view.cycleFailed(new Error('it failed'))
  expect(view.lastReport).toBeNull()
  expect(status().problems).toEqual([{ path: '', code: 'internal', message: 'it failed' }])
})

test('a halt is shown until a person has decided', () => {
  view.cycleEnded({ ...CLEAN, halted: HALT })
  expect([view.isHalted, status().state]).toEqual([true, 'halted'])
  view.lifted()
  expect([view.isHalted, status().state, status().halted]).toEqual([false, 'syncing', null])
})
