import { expect, test } from 'vitest'
import { all, click, countChosen, isChosen, keep, NOTHING_CHOSEN, none, step, targets, toggle } from './selection.ts'

const keys = ['a', 'b', 'c', 'd', 'e']
const plain = { shift: false, ctrl: false }

test('a click chooses one, Ctrl adds and takes away, Shift chooses a stretch either way', () => {
  let now = click(NOTHING_CHOSEN, keys, 'c', plain)
  expect([...now.marked]).toEqual(['c'])
  now = click(now, keys, 'e', { shift: false, ctrl: true })
  expect([...now.marked]).toEqual(['c', 'e'])
  now = click(now, keys, 'b', { shift: true, ctrl: false })
  expect([...now.marked]).toEqual(['b', 'c', 'd', 'e'])
  now = click(now, keys, 'b', { shift: false, ctrl: true })
  expect([...now.marked]).toEqual(['c', 'd', 'e'])
})

test('the cursor moves without choosing and stays in the list', () => {
  let now = step(NOTHING_CHOSEN, keys, 1, false)
  expect(now.cursor).toBe('a')
  now = step(now, keys, -1, false)
  expect(now.cursor).toBe('a')
  now = step(now, keys, 100, false)
  expect([now.cursor, now.marked.size]).toEqual(['e', 0])
  expect(step(NOTHING_CHOSEN, keys, -1, false).cursor).toBe('e')
  expect(step(NOTHING_CHOSEN, [], 1, false)).toBe(NOTHING_CHOSEN)
})

test('Shift and an arrow grow and shrink the stretch from where it began', () => {
  let now = step(NOTHING_CHOSEN, keys, 2, false)
  now = step(now, keys, 1, true)
  now = step(now, keys, 1, true)
  expect([...now.marked]).toEqual(['a', 'b', 'c'])
  now = step(now, keys, -1, true)
  expect([...now.marked]).toEqual(['a', 'b'])
})

test('an action is for what is chosen, else for the row under the cursor', () => {
  const rows = keys.map((id) => ({ id }))
  const at = step(NOTHING_CHOSEN, keys, 1, false)
  expect(targets(at, rows)).toEqual([{ id: 'a' }])
  expect(targets(toggle(toggle(at, 'd'), 'b'), rows)).toEqual([{ id: 'b' }, { id: 'd' }])
  expect(targets(NOTHING_CHOSEN, rows)).toEqual([])
})

test('what leaves the list is forgotten, and the cursor takes the row in its place', () => {
  const now = toggle(all(NOTHING_CHOSEN, ['b', 'c'], false), 'd')
  const next = keep(now, keys, ['a', 'b', 'e'])
  expect([...next.marked]).toEqual(['b'])
  expect(next.cursor).toBe('e')
  expect(keep(now, keys, keys)).toBe(now)
  expect(keep(now, keys, []).cursor).toBe(null)
})

test('choosing none of nothing is no change', () => {
  expect(none(NOTHING_CHOSEN)).toBe(NOTHING_CHOSEN)
})

test('everything is chosen with what is not loaded, but for those that are taken away again', () => {
  const now = toggle(all(NOTHING_CHOSEN, keys, true), 'b')
  expect([isChosen(now, 'a'), isChosen(now, 'b'), isChosen(now, 'not loaded')]).toEqual([true, false, true])
  expect(countChosen(now, 100_000)).toBe(99_999)
  expect(targets(now, [{ id: 'a' }, { id: 'b' }])).toEqual([{ id: 'a' }])
  expect(countChosen(none(now), 100_000)).toBe(0)
  expect(countChosen(click(now, keys, 'c', plain), 100_000)).toBe(1)
})

test('what comes into a directory that was emptied is not chosen', () => {
  expect(keep(all(NOTHING_CHOSEN, keys, true), keys, []).everything).toBe(false)
})
