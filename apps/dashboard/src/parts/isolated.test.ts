import { expect, test } from 'vitest'
import { isolated } from './isolated.ts'

test('what would turn the direction of a name is shown instead of obeyed', () => {
  expect(isolated('invoice\u202Efdp.exe')).toBe('invoice\\u202efdp.exe')
  expect(isolated('a\u2066b\u0007\nc')).toBe('a\\u2066b\\u0007\\nc')
})

test('a name that runs from the right does not move the words around it', () => {
  expect(`Rename ${isolated('שלום.txt')}?`).toBe('Rename \u2068שלום.txt\u2069?')
})

test('every other name stays as it is', () => {
  expect(isolated('Käthe’s 写真 🏔 (1).jpg')).toBe('Käthe’s 写真 🏔 (1).jpg')
})
