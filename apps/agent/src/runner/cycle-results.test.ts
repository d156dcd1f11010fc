import { expect, test } from 'vitest'
import { isBlocked, isDone } from './cycle-results.ts'
import { CLEAN } from './test-support/cycle-report.ts'

test('a cycle that leaves nothing is done', () => {
  expect([isDone(CLEAN), isBlocked(CLEAN)]).toEqual([true, false])
})

test.each([
  ['a change to send', { pendingUp: 1 }],
  ['a state to place', { pendingDown: 1 }],
  ['a place to look at again', { rescan: [{ directory: 'docs', recursive: false }] }],
  ['another look in a while', { rescanAfterMs: 50 }],
  ['rules to look again with', { ignoreRulesChanged: true }],
  ['a halt', { halted: { reason: 'much is gone', removed: 9, live: 10, sample: [], held: null } }],
])('one that leaves %s is not', (_what, left) => {
  expect(isDone({ ...CLEAN, ...left })).toBe(false)
})

test('one is blocked if all that is left waits for a person', () => {
  expect(isBlocked({ ...CLEAN, pendingDown: 2, waitsForPerson: 2 })).toBe(true)
  expect(isBlocked({ ...CLEAN, pendingDown: 2, waitsForPerson: 1 })).toBe(false)
  expect(isBlocked({ ...CLEAN, pendingDown: 2, waitsForPerson: 2, pendingUp: 1 })).toBe(false)
})
