import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { WatchHint } from '../watcher.ts'
import { createHintTimer, type HintTimer } from './hint-timer.ts'

let given: (readonly WatchHint[])[]
let timer: HintTimer

beforeEach(() => {
  vi.useFakeTimers()
  given = []
  timer = createHintTimer({ quietMs: 5, maxWaitMs: 50 }, (hints) => given.push(hints))
})

afterEach(() => vi.useRealTimers())

test('hints are given together once the events pause', () => {
  timer.add('docs', false)
  vi.advanceTimersByTime(4)
  timer.add('docs/a', true)
  vi.advanceTimersByTime(4)
  expect(given).toEqual([])
  vi.advanceTimersByTime(2)
  expect(given).toEqual([
    [
      { directory: 'docs', recursive: false },
      { directory: 'docs/a', recursive: true },
    ],
  ])
})

test('events that never pause hold hints up no longer than the longest wait', () => {
  for (let ms = 0; ms < 49; ms++) {
    timer.add('docs', false)
    vi.advanceTimersByTime(1)
  }
  expect(given).toEqual([])
  timer.add('docs', false)
  vi.advanceTimersByTime(2)
  expect(given).toEqual([[{ directory: 'docs', recursive: false }]])
})

test('once it is stopped nothing is given', () => {
  timer.add('docs', false)
  timer.stop()
  vi.advanceTimersByTime(1_000)
  expect(given).toEqual([])
})
