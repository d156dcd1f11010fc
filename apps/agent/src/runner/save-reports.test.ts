import { LIMITS, type NodeMessage } from '@causeway/protocol'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createSaveReports } from './save-reports.ts'

let sent: NodeMessage[]
let isUp: boolean

beforeEach(() => {
  vi.useFakeTimers()
  sent = []
  isUp = true
})
afterEach(() => void vi.useRealTimers())

test('saves of one moment are told in one message', () => {
  const reports = started()
  reports.saved(1)
  reports.saved(2.5)
  vi.runAllTimers()
  reports.saved(3)
  vi.runAllTimers()
  expect(sent).toEqual([
    { kind: 'saved', tookMs: [1, 2.5] },
    { kind: 'saved', tookMs: [3] },
  ])
})

test('what could not be told while the link was down is told when it stands', () => {
  const reports = started()
  isUp = false
  reports.saved(1)
  vi.runAllTimers()
  isUp = true
  reports.linkUp()
  vi.runAllTimers()
  expect(sent).toEqual([{ kind: 'saved', tookMs: [1] }])
})

test('no message says more than it may, and what is kept while nothing can be told is bounded', () => {
  const reports = started()
  isUp = false
  for (let count = 0; count < 100_000; count++) reports.saved(count)
  isUp = true
  vi.runAllTimers()
  const told = sent.flatMap((message) => (message.kind === 'saved' ? [message.tookMs] : []))
  expect(told.every(({ length }) => length === LIMITS.savesPerMessage)).toBe(true)
  expect(told.flat()).toEqual(Array.from({ length: 16 * LIMITS.savesPerMessage }, (_, index) => index))
})

test('once it has stopped nothing is told', () => {
  const reports = started()
  reports.saved(1)
  reports.stop()
  reports.saved(2)
  vi.runAllTimers()
  expect(sent).toEqual([])
})

function started() {
  return createSaveReports((message) => isUp && sent.push(message) > 0)
}
