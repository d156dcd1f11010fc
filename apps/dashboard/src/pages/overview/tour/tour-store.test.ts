import { expect, test } from 'vitest'
import { begin, NOT_BEGUN } from './progress.ts'
import { createTourStore } from './tour-store.ts'

function memory(): Pick<Storage, 'getItem' | 'setItem'> {
  const kept = new Map<string, string>()
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) }
}

test('it is remembered for its coordinator; another one at the same address begins anew', () => {
  const storage = memory()
  createTourStore('one', storage).become({ ...begin(NOT_BEGUN, 7), dismissed: true })
  expect(createTourStore('one', storage).progress).toEqual({ seen: 7, open: null, done: {}, dismissed: true })
  expect(createTourStore('two', storage).progress).toEqual(NOT_BEGUN)
})

test('it goes on where a browser keeps nothing, and tells who listens of each change, once', () => {
  const refuse = (): never => {
    throw new Error('storage is denied')
  }
  const tour = createTourStore('one', { getItem: refuse, setItem: refuse })
  let told = 0
  const stop = tour.subscribe(() => told++)
  tour.become(begin(tour.progress, 3))
  tour.become(tour.progress)
  stop()
  tour.become(NOT_BEGUN)
  expect(told).toBe(1)
  expect(tour.progress).toBe(NOT_BEGUN)
})
