import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import {
  FolderIdSchema,
  LOG_START,
  NodeIdSchema,
  NodeMessageSchema,
  check,
  type Access,
  type Assignments,
  type NodeMessage,
} from '@causeway/protocol'
import type { LinkSocket, SocketListener } from '../link/socket.ts'
import type { FolderRunner, FolderRunnerEvents } from './runner-ports.ts'
import { folderStatus, reportOf, type FolderStatus, type StatusParts } from './folder-status.ts'
import { createNodeRunner } from './node-runner.ts'
import { CLEAN } from './test-support/cycle-report.ts'

const folder = FolderIdSchema.parse('work')
const node = NodeIdSchema.parse('ash')

test('messages reach their folder, and what it tells reaches the coordinator', async () => {
  const { runner, calls, sent, hear, events } = setUp()
  runner.start()
  hear().up()
  hear().message({ kind: 'behind', folder, head: 3 })
  hear().message({ kind: 'resume', folder })
  hear().message({ kind: 'put-back', folder })
  hear().message({ kind: 'wanted', folder, contents: [] })
  hear().message({
    kind: 'coming',
    folder,
    node,
    coming: { upload: 'u', sizeBytes: 1, first: 0, chunks: new Uint8Array() },
  })
  hear().message({ kind: 'behind', folder: FolderIdSchema.parse('other'), head: 3 })
  events().follow()
  expect(calls).toEqual(['start', 'linkUp', 'fellBehind', 'resume let-go', 'resume put-back', 'wanted', 'coming'])
  expect(sent).toContainEqual({ kind: 'follow', folder, cursor: { ...LOG_START, seq: 7 } })
  events().applied()
  events().applied()
  events().saved(12)
  await pause(150)
  expect(sent).toContainEqual({ kind: 'saved', tookMs: [12] })
  expect(sent.filter(({ kind }) => kind === 'applied')).toEqual([
    { kind: 'applied', folder, cursor: { ...LOG_START, seq: 7 } },
  ])
  expect(sent.some(({ kind }) => kind === 'report')).toBe(true)
  await runner.stop()
})

test('rights are taken over, and told, only where they changed', async () => {
  const { runner, accesses, hear } = setUp()
  runner.start()
  hear().message({ kind: 'access', folder, access: 'read-write' })
  hear().message({ kind: 'access', folder, access: 'receive-only' })
  expect(accesses).toEqual(['receive-only'])
  await runner.stop()
})

test('a pause reaches its folder, and a change of rights without one is none', async () => {
  const { runner, calls, hear } = setUp()
  runner.start()
  hear().message({ kind: 'access', folder, access: 'read-write', paused: true })
  hear().message({ kind: 'access', folder, access: 'read-write', paused: false })
  hear().message({ kind: 'access', folder, access: 'read-write' })
  runner.setPaused(folder, true)
  expect(calls).toEqual(['start', 'pause', 'go on', 'go on', 'pause'])
  await runner.stop()
})

test('a folder that is added is synced at once, and one that is taken away ends and is waited for no longer', async () => {
  const { runner, calls, hear, assignments, fake } = setUp()
  runner.start()
  hear().up()
  hear().message({ kind: 'assignments', offers: [], ended: [{ id: folder, why: 'taken-away' }] })
  expect(assignments).toMatchObject([{ ended: [{ id: 'work', why: 'taken-away' }] }])
  const photos = FolderIdSchema.parse('photos')
  let isStopped = false
  const never: FolderRunner = {
    ...fake,
    status: STATUS,
    stop: async () => void (isStopped = true),
    settle: (signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  }
  calls.length = 0
  runner.addFolder({ folder: photos, create: () => never })
  expect(calls).toEqual(['start', 'linkUp'])
  const settled = runner.settle(new AbortController().signal)
  await runner.removeFolder(photos)
  expect(isStopped).toBe(true)
  expect((await settled).map(({ folder: id, result }) => [id, result.kind])).toEqual([
    ['work', 'done'],
    ['photos', 'done'],
  ])
  expect(runner.status.folders).toHaveLength(1)
  await runner.stop()
})

test('what a halted folder would remove is told; of a folder whose root is away nothing is', () => {
  const halted = { reason: '40 of 50 would go', removed: 40, live: 50, sample: ['a'], held: null }
  const report = { ...reportOf({ ...STATUS, state: 'halted', halted }) }
  expect(report).toMatchObject({ state: 'halted', halted })
  expect(reportOf({ ...STATUS, state: 'syncing', halted }).halted).toBeNull()
  expect(reportOf({ ...STATUS, state: 'halted' }).halted).toBeNull()
})

test('a report of paths and messages of any length, and of any number of problems, is one that the coordinator reads', () => {
  const parts = { ...STATUS_PARTS, failure: { code: 'io-error', message: 'm'.repeat(100_000) } }
  const problem = { path: 'p/'.repeat(50_000), code: 'c'.repeat(1000), message: '\u{1F600}'.repeat(5000) }
  const problems = Array.from({ length: 20_000 }, () => problem)
  const halted = {
    reason: 'r'.repeat(5000),
    removed: 9,
    live: 9,
    sample: Array.from({ length: 50 }, () => problem.path),
    held: null,
  }
  const status = folderStatus({
    ...parts,
    phase: { kind: 'halted', reason: '' },
    report: { ...CLEAN, problems, halted },
  })
  expect(() => check(NodeMessageSchema, { kind: 'report', report: reportOf(status) })).not.toThrow()
})

test('once it has stopped, nothing is asked or sent any more, whatever a folder still tells', async () => {
  const { runner, sent, events, shown } = setUp()
  runner.start()
  await runner.stop()
  sent.length = 0
  const before = shown()
  events().changed()
  events().applied()
  events().saved(12)
  await pause(150)
  expect(sent).toEqual([])
  expect(shown()).toBe(before)
})

test('a folder is resumed by id, name or directory, and by nothing else', async () => {
  const { runner, calls } = setUp()
  for (const named of ['work', 'Work', '/work']) runner.resume(named, 'let-go')
  expect(calls).toEqual(['resume let-go', 'resume let-go', 'resume let-go'])
  expect(() => runner.resume('play', 'let-go')).toThrow(/has no folder play/)
  await runner.stop()
})

const HALT = { reason: 'much', removed: 40, live: 50, sample: [] }

test('a node that only sends puts nothing back, and says why', async () => {
  const { runner, calls, hear } = setUp({ access: 'send-only', halted: { ...HALT, held: null } })
  expect(() => runner.resume('work', 'put-back')).toThrow(/only sends this folder.*Let it receive too/)
  runner.start()
  hear().message({ kind: 'put-back', folder })
  expect(calls).toEqual(['start'])
  await runner.stop()
})

test('a node that only receives can’t bring back for others what they deleted, and says so', async () => {
  const held = { from: 'elsewhere', files: 40, bytes: 1, directories: [], moreDirectories: 0 } as const
  const halted = { ...HALT, held }
  const { runner, calls } = setUp({ access: 'receive-only', halted })
  expect(() => runner.resume('work', 'put-back')).toThrow(/only receives this folder/)
  expect(runner.resume('work', 'let-go').halted).toEqual(halted)
  expect(calls).toEqual(['resume let-go'])
  await runner.stop()
})

function setUp(status: Partial<FolderStatus> = {}) {
  const calls: string[] = []
  const sent: NodeMessage[] = []
  const accesses: Access[] = []
  const assignments: Assignments[] = []
  let listener: SocketListener | undefined
  let events: FolderRunnerEvents | undefined
  let shown = 0
  const socket: LinkSocket = {
    isUp: true,
    start: (given) => void (listener = given),
    send: (message) => sent.push(message) > 0,
    stop: async () => undefined,
  }
  const note = (call: string) => () => void calls.push(call)
  const fake: FolderRunner = {
    start: note('start'),
    stop: async () => undefined,
    cursor: { ...LOG_START, seq: 7 },
    get status() {
      return { ...STATUS, ...status }
    },
    received: note('received'),
    fellBehind: note('fellBehind'),
    missedPush: note('missedPush'),
    wanted: note('wanted'),
    coming: note('coming'),
    linkUp() {
      calls.push('linkUp')
      events?.changed()
    },
    linkDown: note('linkDown'),
    resume: (choice) => void calls.push(`resume ${choice}`),
    setDeleteBrake: () => undefined,
    setAccess: () => undefined,
    setPaused: (paused) => void calls.push(paused ? 'pause' : 'go on'),
    settle: async () => ({ kind: 'done', problems: [] }),
  }
  const runner = createNodeRunner({
    node,
    name: 'ash',
    coordinator: { url: 'http://127.0.0.1:8000', id: 'c' },
    socket,
    folders: [
      {
        folder,
        create(given) {
          events = given
          return fake
        },
      },
    ],
    closeLink: async () => undefined,
    onStatus: () => void shown++,
    onAssignments: (told) => void assignments.push(told),
    onAccess: (_folder, access) => void accesses.push(access),
  })
  const expectSet = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('not set up yet')
    return value
  }
  return {
    runner,
    calls,
    sent,
    accesses,
    assignments,
    fake,
    shown: () => shown,
    hear: () => expectSet(listener),
    events: () => expectSet(events),
  }
}

const STATUS_PARTS: StatusParts = {
  folder,
  name: 'Work',
  directory: '/work',
  access: 'read-write',
  phase: { kind: 'idle', reason: '' },
  cursor: { ...LOG_START, seq: 7 },
  report: null,
  unsent: 0,
  unplaced: 0,
  isScanning: false,
  conflicts: 0,
  failure: null,
  watchProblem: undefined,
  transfer: null,
  bytesPerSecond: 0,
  secondsLeft: null,
  work: null,
  isStalled: false,
  lastInSyncAt: null,
  proof: { provedAt: null, failure: null },
  disagreement: null,
}

const STATUS = folderStatus(STATUS_PARTS)
