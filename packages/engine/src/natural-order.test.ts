import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareListed, comparePoints, naturalKey, type Listed } from './natural-order.ts'

function sorted(names: readonly string[]): readonly string[] {
  return names.toSorted((a, b) => compareListed('name', false)(listed(a), listed(b)))
}

function listed(name: string, change: Partial<Listed> = {}): Listed {
  return { name, isDirectory: false, size: 0, changedMs: 0, ...change }
}

describe('names are in the order a person expects', () => {
  test.each([
    ['numbers by their value', ['file1', 'file2', 'file10', 'file100']],
    ['leading zeros count for nothing but the last word', ['a1', 'a02', 'a2', 'a003', 'a10']],
    ['upper and lower case together', ['alpha', 'Beta', 'dir', 'Notes']],
    ['accents beside their letters', ['eclair', 'Éclair 2', 'eclair 3', 'fig']],
    ['numbers longer than any number of the language', [`x${'9'.repeat(30)}`, `x1${'0'.repeat(30)}`]],
    ['endings after the plain name', ['a', 'a.txt', 'a1.txt', 'ab']],
  ])('%s', (_what, names) => {
    expect(sorted(names.toReversed())).toEqual(names)
  })
})

test('equal keys never make two names equal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      const order = compareListed('name', false)(listed(a), listed(b))
      expect(order === 0).toBe(a === b)
    }),
  )
})

test('code points compare as the bytes of UTF-8 do', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      expect(Math.sign(comparePoints(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
    }),
  )
})

test('directories come first whichever way round; size and time decide before the name', () => {
  const entries = [
    listed('b', { size: 2, changedMs: 9 }),
    listed('a', { size: 2, changedMs: 1 }),
    listed('z', { isDirectory: true, size: 1 }),
    listed('c', { size: 1, changedMs: 5 }),
  ]
  const named = (order: 'size' | 'changed', isDescending: boolean): string =>
    entries
      .toSorted(compareListed(order, isDescending))
      .map(({ name }) => name)
      .join('')
  expect(named('size', false)).toBe('zcab')
  expect(named('size', true)).toBe('zbac')
  expect(named('changed', false)).toBe('zacb')
  expect(named('changed', true)).toBe('zbca')
})

test('a key is no longer than some small multiple of the name', () => {
  expect(naturalKey('1a'.repeat(100)).length).toBeLessThan(600)
})
