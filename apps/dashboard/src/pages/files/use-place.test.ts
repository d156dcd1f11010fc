import { expect, test } from 'vitest'
import { sortingOf, sortWord } from './use-place.ts'

test('an order is one word of the address, and none where it is the usual one', () => {
  for (const word of ['', '-name', 'size', '-size', 'changed', '-changed']) expect(sortWord(sortingOf(word))).toBe(word)
  for (const word of [undefined, 'name', 'colour', '-']) expect(sortWord(sortingOf(word))).toBe('')
})
