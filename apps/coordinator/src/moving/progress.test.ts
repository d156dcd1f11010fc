import { expect, test } from 'vitest'
import { createProgress, progressText } from './progress.ts'

test('progress names how much of how much, the rate, and the time that is left', () => {
  const work = {
    what: 'copying contents',
    total: 4_000_000_000,
    unit: 'bytes',
    done: 1_000_000_000,
    elapsedMs: 20_000,
  } as const
  expect(progressText(work)).toBe('copying contents: 1.0 GB of 4.0 GB (25 %), 50.0 MB/s, 1 min left')
  expect(progressText({ ...work, done: 0, elapsedMs: 0 })).toBe('copying contents: 0 B of 4.0 GB (0 %), 0 B/s')
  expect(progressText({ ...work, total: 0, done: 0 })).toContain('(100 %)')
})

test('it says something every two seconds, and no more often', () => {
  let now = 0
  const said: string[] = []
  const progress = createProgress({ now: () => now, say: (line) => said.push(line) })
  progress.begin('copying the database', 100, 'rows')
  for (now = 500; now <= 5000; now += 500) progress.add(10)
  expect(said).toHaveLength(3)
  expect(said[0]).toBe('copying the database: 100 rows')
  expect(said[2]).toBe('copying the database: 80 rows of 100 rows (80 %), 20 rows/s, 1 s left')
})
