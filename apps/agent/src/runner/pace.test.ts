import { beforeEach, expect, test } from 'vitest'
import { WHOLE_TREE } from './hints.ts'
import { createPace, type Pace } from './pace.ts'
import { CLEAN } from './test-support/cycle-report.ts'

const DOCS = { directory: 'docs', recursive: false }
const QUIET_MS = 10 * 60_000

let nowMs: number
let pace: Pace

beforeEach(() => {
  nowMs = 1_000_000
  // The longest of each range of waits.
  pace = createPace({ now: () => nowMs, random: () => 1 })
})

/** One cycle after the other, each once it is due; returns how long each was waited for. */
function waits(count: number, report: Partial<typeof CLEAN>): readonly number[] {
  return Array.from({ length: count }, () => {
    pace.begin(null)
    pace.ended({ ...CLEAN, ...report }, { wasWhole: true, lastEventMs: null })
    const waitMs = pace.dueInMs(false)
    nowMs += waitMs
    return waitMs
  })
}

test('at rest everything is looked at every ten minutes, and every minute while somebody works', () => {
  expect(waits(1, {})).toEqual([QUIET_MS])
  expect(pace.begin(null).whole).toBe(true)
  pace.ended(CLEAN, { wasWhole: true, lastEventMs: nowMs - 1_000 })
  expect(pace.dueInMs(false)).toBe(60_000)
})

test('what asks for another look is looked at again, less and less often', () => {
  expect(waits(4, { rescan: [DOCS], rescanAfterMs: 0 })).toEqual([20, 40, 80, 160])
  expect(pace.begin(null)).toEqual({ whole: false, again: [DOCS] })
})

test('what has moved again since the last cycle is looked at soon', () => {
  waits(3, { rescan: [DOCS], rescanAfterMs: 0 })
  pace.begin(nowMs)
  pace.ended({ ...CLEAN, rescan: [DOCS], rescanAfterMs: 0 }, { wasWhole: false, lastEventMs: nowMs })
  expect(pace.dueInMs(false)).toBe(20)
})

test('a place that a cycle named is owed to the next one, whatever makes that run', () => {
  pace.begin(null)
  pace.ended({ ...CLEAN, rescan: [DOCS], rescanAfterMs: 5_000 }, { wasWhole: false, lastEventMs: null })
  expect(pace.begin(null).again).toEqual([DOCS])
})

test('what could not be done is tried everywhere, less and less often', () => {
  expect(waits(3, { pendingDown: 1 })).toEqual([1_000, 2_000, 4_000])
  expect(pace.begin(null).again).toEqual([WHOLE_TREE])
})

test('while deletes wait, nothing makes a cycle begin, and the look after that comes in time', () => {
  pace.begin(null)
  pace.ended({ ...CLEAN, rescan: [DOCS], rescanAfterMs: 80, pauseMs: 30 }, { wasWhole: true, lastEventMs: null })
  expect([pace.dueInMs(true), pace.dueInMs(false)]).toEqual([30, 80])
  pace.endPause()
  expect(pace.dueInMs(true)).toBe(0)
})

test('after a failure even what is asked for waits, longer each time, until it may succeed', () => {
  const failed = (): number => {
    pace.failed()
    return pace.dueInMs(true)
  }
  expect([failed(), failed(), failed()]).toEqual([500, 1_000, 2_000])
  pace.endPause()
  expect(pace.dueInMs(false)).toBe(0)
  pace.forgetFailures()
  expect(failed()).toBe(500)
})
