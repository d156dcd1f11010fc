import { Readable } from 'node:stream'
import { FolderIdSchema, NodeIdSchema } from '@causeway/protocol'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { FolderStatus } from '../runner/folder-status.ts'
import { createStatusLine, describe as inOneLine, reasonsOf, type StatusLine } from './status-line.ts'

const IDLE: FolderStatus = {
  folder: FolderIdSchema.parse('work'),
  name: 'Work',
  directory: '/work',
  access: 'read-write',
  state: 'idle',
  reason: '',
  epoch: 'e',
  cursor: 1,
  pendingUp: 0,
  pendingDown: 0,
  problems: [],
  conflicts: 0,
  halted: null,
  transfer: null,
  bytesPerSecond: 0,
  secondsLeft: null,
  work: null,
  waitsForPerson: 0,
  isStalled: false,
  lastInSyncAt: null,
  provedAt: null,
  proofFailure: null,
  disagreement: null,
}

const WORK = { done: 12_000, total: 20_100, bytes: 34_000_000, bytesTotal: 58_000_000, isEstimate: true }
const LARGE = { done: 0, total: 1, bytes: 1_000_000, bytesTotal: 101_000_000, isEstimate: false }

test.each<readonly [line: string, status: Partial<FolderStatus>]>([
  ['Work idle', {}],
  ['Work offline: nobody there (20 up)', { state: 'offline', reason: 'nobody there', pendingUp: 20 }],
  [
    'Work syncing (8,100 up, 12,000 of 20,100 files and directories, 34.0 MB of about 58.0 MB, 2.0 MB/s, 12 s left)',
    { state: 'syncing', pendingUp: 8_100, work: WORK, bytesPerSecond: 2_000_000, secondsLeft: 11.5 },
  ],
  [
    'Work syncing (1 down, 1.0 MB of 101 MB, 2.0 MB/s, 50 s left)',
    { state: 'syncing', pendingDown: 1, work: LARGE, bytesPerSecond: 2_000_000, secondsLeft: 50 },
  ],
  [
    'Work halted: too much would go (6 up)',
    { state: 'halted', reason: 'too much would go', pendingUp: 6, work: WORK, secondsLeft: 40 },
  ],
  [
    'Work syncing (1 down, 1.0 MB of 101 MB, stalled)',
    { state: 'syncing', pendingDown: 1, work: LARGE, bytesPerSecond: 17, isStalled: true },
  ],
])('%s', (line, status) => {
  expect(inOneLine({ ...IDLE, ...status })).toBe(line)
})

describe('while there is work', () => {
  let printed: string[]
  let folder: FolderStatus

  beforeEach(() => {
    vi.useFakeTimers()
    printed = []
    folder = { ...IDLE, state: 'syncing', work: WORK }
  })
  afterEach(() => void vi.useRealTimers())

  function shown(isInteractive: boolean): StatusLine {
    const line = (text: string): void => void printed.push(text)
    const printing = { print: line, warn: line, printJson() {}, redraw: line, endRedrawing() {} }
    const surroundings = { cwd: '/', env: {}, stdin: Readable.from([]), columns: 200, wallNow: () => 0 }
    const terminal = { ...printing, ...surroundings, isInteractive, interrupted: new AbortController().signal }
    const node = { node: NodeIdSchema.parse('n1'), name: 'ash', coordinator: { url: '', id: '', connected: true } }
    return createStatusLine(terminal, () => ({ ...node, folders: [folder] }))
  }

  test('where nobody watches, a line says every few seconds how far it has come, and none once it is done', () => {
    const line = shown(false)
    line.changed()
    vi.advanceTimersByTime(500)
    for (const done of [13_000, 14_000, 15_000]) {
      folder = { ...folder, work: { ...WORK, done } }
      line.changed()
      vi.advanceTimersByTime(5_000)
    }
    expect(printed.map((text) => /[\d,]+ of/.exec(text)?.[0])).toEqual([
      '12,000 of',
      '13,000 of',
      '14,000 of',
      '15,000 of',
    ])
    folder = IDLE
    line.changed()
    vi.advanceTimersByTime(60_000)
    expect(printed.slice(4)).toEqual(['Work idle'])
    line.end()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('on a terminal one line is drawn anew, also where nothing moves any more', () => {
    const line = shown(true)
    line.changed()
    vi.advanceTimersByTime(200)
    folder = { ...folder, isStalled: true }
    vi.advanceTimersByTime(1_200)
    expect(printed).toHaveLength(2)
    expect(printed[1]).toContain('stalled')
    line.end()
    expect(vi.getTimerCount()).toBe(0)
  })
})

test('what keeps a folder from being in step is listed: problems, a halt, conflicts; paths can’t steer the terminal', () => {
  const problems = [{ path: 'a\u001b[2J', code: 'kept', message: 'b is ignored and still there' }]
  const halted = { reason: '40 of 50 would go', removed: 40, live: 50, sample: ['x/y', 'z'], held: null }
  expect(reasonsOf({ ...IDLE, problems, halted, conflicts: 2 }, '')).toEqual([
    '! a\\u001b[2J: b is ignored and still there (kept)',
    '  Move it away, or take its pattern out of .causewayignore.',
    '! halted: 40 of 50 would go, among them x/y, z',
    '  "causeway resume Work" lets it through',
    '! 2 conflict copies created: see "causeway conflicts"',
  ])
  expect(reasonsOf(IDLE, '')).toEqual([])
})
