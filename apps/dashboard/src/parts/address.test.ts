import { expect, test } from 'vitest'
import { addressAfter, addressOf, listed, positions } from './address.ts'

test('an address keeps what pages know, words that look like numbers too, and nothing else', () => {
  expect(addressOf({ folder: 'work', q: 1984, by: 'folder', utm: 'x', path: '', tab: ['history'] })).toEqual({
    folder: 'work',
    q: '1984',
    by: 'folder',
  })
})

test('a change keeps the rest of the address, and takes out what is as usual', () => {
  expect(addressAfter({ folder: 'work', node: 'ash', time: 'day' }, { node: undefined, time: '', way: 'up' })).toEqual({
    folder: 'work',
    way: 'up',
  })
})

test('a list in an address is read back, however it was mistyped', () => {
  expect(listed('edit,move')).toEqual(['edit', 'move'])
  expect(listed('')).toEqual([])
  expect(positions('12,,x,15,-1,1.5')).toEqual([12, 15])
  expect(positions(undefined)).toEqual([])
})
