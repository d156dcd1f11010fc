import { expect, test } from 'vitest'
import { savingsVerdict } from './savings.ts'

test('what crossed is less than the files hold, or little more, or more', () => {
  expect(savingsVerdict(1_000, 600)).toEqual({ kind: 'saved', bytes: 400 })
  expect(savingsVerdict(1_000, 1_000)).toEqual({ kind: 'saved', bytes: 0 })
  expect(savingsVerdict(1_000, 1_001)).toEqual({ kind: 'too-little' })
  expect(savingsVerdict(10_000_000, 10_063_999)).toEqual({ kind: 'too-little' })
  expect(savingsVerdict(10_000_000, 10_064_000)).toEqual({ kind: 'more', bytes: 64_000 })
})
