import { FolderIdSchema } from '@causeway/protocol'
import { expect, test } from 'vitest'
import type { FolderStatus } from '../runner/folder-status.ts'
import { describe as inOneLine, reasonsOf } from './status-line.ts'

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
  isStalled: false,
  lastInSyncAt: null,
  provedAt: null,
  proofFailure: null,
  disagreement: null,
}

const transfer = { files: 0, filesTotal: 1, bytes: 1_000_000, bytesTotal: 101_000_000 }

test.each<readonly [line: string, status: Partial<FolderStatus>]>([
  ['Work idle', {}],
  ['Work offline: nobody there (20 up)', { state: 'offline', reason: 'nobody there', pendingUp: 20 }],
  [
    'Work syncing (1 down, 0/1 files, 1.0 MB of 101 MB, 2.0 MB/s, 50 s left)',
    { state: 'syncing', pendingDown: 1, transfer, bytesPerSecond: 2_000_000, secondsLeft: 50 },
  ],
  [
    'Work syncing (1 down, 0/1 files, 1.0 MB of 101 MB, stalled)',
    { state: 'syncing', pendingDown: 1, transfer, bytesPerSecond: 17, isStalled: true },
  ],
])('%s', (line, status) => {
  expect(inOneLine({ ...IDLE, ...status })).toBe(line)
})

test('what keeps a folder from being in step is listed: problems, a halt, conflicts; paths can’t steer the terminal', () => {
  const problems = [{ path: 'a\u001b[2J', code: 'kept', message: 'b is ignored and still there' }]
  const halted = { reason: '40 of 50 would go', removed: 40, live: 50, sample: ['x/y', 'z'], held: null }
  expect(reasonsOf({ ...IDLE, problems, halted, conflicts: 2 })).toEqual([
    '! a\\u001b[2J: b is ignored and still there (kept)',
    '! halted: 40 of 50 would go, among them x/y, z',
    '  "causeway resume Work" lets it through',
    '! 2 conflict copies came about: see "causeway conflicts"',
  ])
  expect(reasonsOf(IDLE)).toEqual([])
})
