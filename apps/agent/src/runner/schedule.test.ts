import { expect, test } from 'vitest'
import { createSchedule, pauseWhileRemoving } from './schedule.ts'

const ENDED = { wasWhole: false, sawEvents: true, againAfterMs: null, pauseMs: 0 }

test('what is being removed is let be for as long as it waits, and longer where looks take long', () => {
  expect(pauseWhileRemoving(50, 3)).toBe(50)
  expect(pauseWhileRemoving(50, 100)).toBe(200)
  expect(pauseWhileRemoving(50, 60_000)).toBe(500)
  expect(pauseWhileRemoving(250, 10)).toBe(250)
})

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
