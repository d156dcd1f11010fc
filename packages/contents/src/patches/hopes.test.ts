import { expect, test } from 'vitest'
import { createHopes } from './hopes.ts'

test('four failures running make trying rare, one success makes it usual again', () => {
  const hopes = createHopes()
  const tries = (helped: boolean, rounds: number) => {
    return Array.from({ length: rounds }, () => {
      const tried = hopes.worthATry()
      if (tried) hopes.note(helped)
      return tried ? 'x' : '.'
    }).join('')
  }
  expect(tries(false, 20)).toBe('xxxx.......x.......x')
  expect(tries(true, 10)).toBe('.......xxx')
  expect(tries(false, 6)).toBe('xxxx..')
})
