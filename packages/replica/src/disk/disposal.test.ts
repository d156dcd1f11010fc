import { expect, test } from 'vitest'
import { createDisposal } from './disposal.ts'

function disposal(options: { mostFiles?: number; failing?: string } = {}) {
  const removed: string[] = []
  const remove = async (name: string): Promise<void> => {
    if (name === options.failing) throw new Error('the disk is gone')
    removed.push(name)
  }
  return { removed, ...createDisposal({ remove, restMs: 5, ...options }) }
}

test('small files are removed a while after they were handed over, one that fails among them', async () => {
  const { take, removed } = disposal({ failing: 'b' })
  for (const name of ['a', 'b', 'c']) expect(take(name, 1000)).toBe(true)
  expect(removed).toEqual([])
  await expect.poll(() => removed.toSorted()).toEqual(['a', 'c'])
})

test('what comes while others are removed is removed too', async () => {
  const { take, removed } = disposal()
  take('a', 0)
  await expect.poll(() => removed).toEqual(['a'])
  take('b', 0)
  await expect.poll(() => removed).toEqual(['a', 'b'])
})

test('a large file, and one too many, are to be removed at once', () => {
  const { take } = disposal({ mostFiles: 1 })
  expect(take('film', 5_000_000)).toBe(false)
  expect(take('a', 10)).toBe(true)
  expect(take('b', 10)).toBe(false)
})

test('once it is stopped, what waits stays', async () => {
  const { take, stop, removed } = disposal()
  take('a', 0)
  stop()
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(removed).toEqual([])
})
