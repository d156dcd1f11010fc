import { expect, test } from 'vitest'
import { proofLines } from './proof-lines.ts'

const NOW = Date.UTC(2026, 10, 22, 12)
const ago = (seconds: number): string => new Date(NOW - seconds * 1000).toISOString()
const NOTHING = { state: 'idle', provedAt: null, proofFailure: null, disagreement: null } as const
const OVER = { entries: 3, example: 'docs/a.txt', foundAt: ago(120), rounds: 1, failure: null, settledAt: ago(110) }

test('nothing is claimed before it was shown', () => {
  expect(proofLines(NOTHING, NOW)).toEqual([])
})

test('it is said when it was shown, and why it could not be', () => {
  expect(proofLines({ ...NOTHING, provedAt: ago(12) }, NOW)).toEqual(['in sync, proved 12 s ago'])
  expect(proofLines({ ...NOTHING, state: 'syncing', provedAt: ago(12), proofFailure: 'it choked' }, NOW)).toEqual([
    'last in sync, proved 12 s ago',
    'could not be compared with the coordinator: it choked',
  ])
})

test('a disagreement that is over is told of; one that is not is among the problems', () => {
  expect(proofLines({ ...NOTHING, disagreement: OVER }, NOW)).toEqual([
    'disagreed with the coordinator 2 min ago about 3 entries, such as docs/a.txt; repaired 1 min ago',
  ])
  expect(proofLines({ ...NOTHING, disagreement: { ...OVER, settledAt: null } }, NOW)).toEqual([])
})
