import { expect, test } from 'vitest'
import { createProgressCounter } from './progress.ts'

test('the time left counts the changes that wait, whether or not their bytes are known yet', () => {
  let nowMs = 0
  const counter = createProgressCounter({ now: () => nowMs, onChange() {} })
  let left = 10_000
  counter.secondsLeft(left)
  for (; left > 9_000; left -= 100) {
    nowMs += 1_000
    counter.secondsLeft(left - 100)
  }
  expect(counter.snapshot()).toBeNull()
  expect(counter.secondsLeft(left)).toBeCloseTo(90, 0)
  expect(counter.secondsLeft(0)).toBe(0)
})

test('a transfer after a rest begins at a pace of its own', () => {
  let nowMs = 0
  const counter = createProgressCounter({ now: () => nowMs, onChange() {} })
  counter.planned(1, 1_000_000)
  nowMs = 4_000
  counter.moved(1_000_000)
  counter.reset()
  nowMs = 1_000_000
  counter.planned(1, 100_000_000)
  for (let second = 0; second < 5; second++) {
    nowMs += 1_000
    counter.moved(10_000_000)
  }
  expect(counter.secondsLeft(1)).toBeCloseTo(5, 0)
})

test('what was done is told with what is still to come, of which the sizes are taken to be like those known', () => {
  const counter = createProgressCounter({ now: () => 0, onChange() {} })
  expect(counter.work(0)).toBeNull()
  expect(counter.work(100)).toEqual({ done: 0, total: 100, bytes: 0, bytesTotal: 0, isEstimate: false })
  counter.planned(20, 2_000)
  counter.moved(1_000)
  counter.finished(10)
  expect(counter.work(90)).toEqual({ done: 10, total: 100, bytes: 1_000, bytesTotal: 10_000, isEstimate: true })
})

test('what broke off and is planned again counts once', () => {
  const counter = createProgressCounter({ now: () => 0, onChange() {} })
  counter.planned(2, 2_000)
  counter.moved(1_000)
  counter.finished(1)
  counter.brokeOff()
  counter.planned(1, 1_000)
  expect(counter.snapshot()).toEqual({ files: 1, filesTotal: 2, bytes: 1_000, bytesTotal: 2_000 })
})
