import { expect, test } from 'vitest'
import { createByteLimitedMap } from './byte-limited-map.ts'

test('what was used longest ago goes first, and nothing larger than the whole is kept', () => {
  const map = createByteLimitedMap<string>(10)
  map.set('a', 'A', 4)
  map.set('b', 'B', 4)
  expect(map.get('a')).toBe('A')
  map.set('c', 'C', 4)
  expect(['a', 'b', 'c'].map((key) => map.get(key))).toEqual(['A', undefined, 'C'])
  map.set('a', 'A again', 6)
  expect(['a', 'c'].map((key) => map.get(key))).toEqual(['A again', 'C'])
  map.set('d', 'D', 11)
  expect(map.get('d')).toBeUndefined()
})
