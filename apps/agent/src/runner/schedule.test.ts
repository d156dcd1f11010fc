import { expect, test } from 'vitest'
import { createSchedule } from './schedule.ts'

const ENDED = { wasWhole: false, sawEvents: true, againAfterMs: null, pauseMs: 0 }

test('after a cycle that asks for a pause, nothing makes the next one begin before it is over', () => {
  const schedule = createSchedule()
  schedule.wentWell(1000, { ...ENDED, againAfterMs: 20, pauseMs: 50 })
  expect(schedule.pausedUntil).toBe(1050)
  expect(schedule.dueAt).toBe(1050)
  schedule.wentWell(1050, ENDED)
  expect(schedule.pausedUntil).toBeLessThanOrEqual(1050)
})

test('a pause is over when whatever it was for may be', () => {
  const schedule = createSchedule()
  schedule.failed(1000, 5_000)
  expect(schedule.dueAt).toBe(6_000)
  schedule.endPause()
  expect(schedule.dueAt).toBe(0)
})
