import { expect, test } from 'vitest'
import { createDeltaBackoff } from './delta-backoff.ts'

test('four failures running make trying rare, one success makes it usual again', () => {
  const backoff = createDeltaBackoff()
  const tries = (helped: boolean, rounds: number) => {
    return Array.from({ length: rounds }, () => {
      const tried = backoff.worthATry()
      if (tried) backoff.note(helped)
      return tried ? 'x' : '.'
    }).join('')
  }
  expect(tries(false, 20)).toBe('xxxx.......x.......x')
  expect(tries(true, 10)).toBe('.......xxx')
  expect(tries(false, 6)).toBe('xxxx..')
})
