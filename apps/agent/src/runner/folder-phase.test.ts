import { expect, test } from 'vitest'
import { FIRST_PHASE, nextPhase, type Phase, type PhaseEvent, type PhaseKind } from './folder-phase.ts'

// Rows: where a folder is. Columns: what happens. Cells: where it is then.
const EVENTS = [
  'full-cycle-begun',
  'cycle-begun',
  'cycle-clean',
  'cycle-left-work',
  'cycle-halted',
  'cycle-offline',
  'cycle-failed',
  'link-down',
  'link-up',
  'cycle-paused',
  'paused',
  'unpaused',
  'lifted',
] as const satisfies readonly PhaseEvent[]
const TABLE: readonly (readonly [PhaseKind, readonly PhaseKind[]])[] = [
  [
    'scanning',
    [
      'scanning',
      'syncing',
      'idle',
      'syncing',
      'halted',
      'offline',
      'syncing',
      'offline',
      'scanning',
      'paused',
      'paused',
      'scanning',
      'scanning',
    ],
  ],
  [
    'syncing',
    [
      'scanning',
      'syncing',
      'idle',
      'syncing',
      'halted',
      'offline',
      'syncing',
      'offline',
      'syncing',
      'paused',
      'paused',
      'syncing',
      'syncing',
    ],
  ],
  [
    'idle',
    [
      'scanning',
      'syncing',
      'idle',
      'syncing',
      'halted',
      'offline',
      'syncing',
      'offline',
      'idle',
      'paused',
      'paused',
      'idle',
      'idle',
    ],
  ],
  [
    'offline',
    [
      'offline',
      'offline',
      'idle',
      'syncing',
      'halted',
      'offline',
      'syncing',
      'offline',
      'syncing',
      'paused',
      'paused',
      'offline',
      'offline',
    ],
  ],
  [
    'halted',
    [
      'halted',
      'halted',
      'idle',
      'syncing',
      'halted',
      'halted',
      'halted',
      'halted',
      'halted',
      'paused',
      'paused',
      'halted',
      'syncing',
    ],
  ],
  [
    'paused',
    [
      'paused',
      'paused',
      'idle',
      'syncing',
      'halted',
      'offline',
      'syncing',
      'paused',
      'paused',
      'paused',
      'paused',
      'syncing',
      'paused',
    ],
  ],
]

test.each(TABLE.flatMap(([from, row]) => EVENTS.map((event, column) => [from, event, row[column]] as const)))(
  '%s, after %s, is %s',
  (from, event, to) => {
    expect(nextPhase({ kind: from, reason: '' }, event).kind).toBe(to)
  },
)

test('a halt keeps its reason until a cycle shows that it is over', () => {
  const halted = nextPhase(FIRST_PHASE, 'cycle-halted', 'half of the folder would go')
  const later = (['cycle-begun', 'link-down', 'cycle-offline'] as const).reduce<Phase>(
    (phase, event) => nextPhase(phase, event),
    halted,
  )
  expect(later).toEqual({ kind: 'halted', reason: 'half of the folder would go' })
  expect(nextPhase(later, 'cycle-clean')).toEqual({ kind: 'idle', reason: '' })
})

test('a phase that does not change is the same value', () => {
  const idle: Phase = { kind: 'idle', reason: '' }
  expect(nextPhase(idle, 'cycle-clean')).toBe(idle)
})
