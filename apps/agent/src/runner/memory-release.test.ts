import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createMemoryRelease } from './memory-release.ts'

let held = 100
let released = 0

const release = async (): Promise<void> => {
  released += 1
  held = 100
}

beforeEach(() => {
  vi.useFakeTimers()
  held = 100
  released = 0
})

afterEach(() => vi.useRealTimers())

const options = { restMs: 1_000, grownBytes: 50, heldBytes: () => held, release }

test('what a large sync needed is given back once nothing was done for a while', async () => {
  const memory = createMemoryRelease(options)
  held = 500
  memory.worked()
  await vi.advanceTimersByTimeAsync(900)
  memory.worked()
  await vi.advanceTimersByTimeAsync(900)
  expect(released).toBe(0)
  await vi.advanceTimersByTimeAsync(200)
  expect(released).toBe(1)
})

test('small work costs no pause, until it has added up', async () => {
  const memory = createMemoryRelease(options)
  memory.worked()
  await vi.advanceTimersByTimeAsync(2_000)
  expect(released).toBe(1)
  held = 120
  memory.worked()
  await vi.advanceTimersByTimeAsync(2_000)
  expect(released).toBe(1)
  held = 160
  memory.worked()
  await vi.advanceTimersByTimeAsync(2_000)
  expect(released).toBe(2)
})

test('nothing is done after the end', async () => {
  const memory = createMemoryRelease(options)
  memory.worked()
  memory.stop()
  await vi.advanceTimersByTimeAsync(2_000)
  expect(released).toBe(0)
})

test('what nobody refers to any more is gone afterwards', async () => {
  vi.useRealTimers()
  const garbage = new WeakRef({ bytes: new Uint8Array(1000) })
  const memory = createMemoryRelease({ restMs: 1, grownBytes: 0 })
  memory.worked()
  // The object itself in an assertion's error would be referred to by that.
  await vi.waitFor(() => expect(garbage.deref() === undefined).toBe(true))
  memory.stop()
})
