import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { tidyWhenIdle } from './tidy-when-idle.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('nothing is tidied before the folder has been at rest, and then once', async () => {
  let count = 0
  const tidying = tidyWhenIdle({ tidy: async () => void count++ }, 1000)
  for (let time = 0; time < 5; time++) {
    tidying.disturb()
    await vi.advanceTimersByTimeAsync(900)
  }
  expect(count).toBe(0)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(count).toBe(1)
  await tidying.stop()
})

test('what is under way is told to end when something happens', async () => {
  const ended: boolean[] = []
  const tidy = async (signal: AbortSignal): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 500))
    ended.push(signal.aborted)
  }
  const tidying = tidyWhenIdle({ tidy }, 1000)
  tidying.disturb()
  await vi.advanceTimersByTimeAsync(1200)
  tidying.disturb()
  await vi.advanceTimersByTimeAsync(400)
  expect(ended).toEqual([true])
  await vi.advanceTimersByTimeAsync(2000)
  expect(ended).toEqual([true, false])
  await tidying.stop()
})

test('stopped, it waits for the file under way and begins no other', async () => {
  let isRunning = false
  const tidy = async (): Promise<void> => {
    isRunning = true
    await new Promise((resolve) => setTimeout(resolve, 500))
    isRunning = false
  }
  const tidying = tidyWhenIdle({ tidy }, 1000)
  tidying.disturb()
  await vi.advanceTimersByTimeAsync(1200)
  const stopped = tidying.stop()
  await vi.advanceTimersByTimeAsync(500)
  await stopped
  expect(isRunning).toBe(false)
  tidying.disturb()
  await vi.advanceTimersByTimeAsync(5000)
  expect(isRunning).toBe(false)
})
