import { expect, test } from 'vitest'
import { crumbsOf, isWithin, joinPath, movesInto, nameOf, parentOf, topmost } from './paths.ts'

test('a path is its directory and its name', () => {
  for (const path of ['a.txt', 'a/b.txt', 'a/b/c d.txt']) expect(joinPath(parentOf(path), nameOf(path))).toBe(path)
})

test('crumbs lead from the outermost directory to the path itself', () => {
  expect(crumbsOf('a/b/c').map(({ path }) => path)).toEqual(['a', 'a/b', 'a/b/c'])
  expect(crumbsOf('')).toEqual([])
})

test('a name that merely begins the same is not within', () => {
  expect(isWithin('photos-old/x', 'photos')).toBe(false)
  expect(isWithin('photos/x', 'photos')).toBe(true)
  expect(isWithin('photos', 'photos')).toBe(true)
  expect(isWithin('anything', '')).toBe(true)
})

test('what lies below another chosen path goes with it', () => {
  expect(topmost(['a', 'a/b', 'c/d', 'a/b/e'])).toEqual(['a', 'c/d'])
})

test('nothing is moved into itself or to where it is', () => {
  expect(movesInto(['a', 'b/c', 'd'], 'b')).toEqual([
    { from: 'a', to: 'b/a' },
    { from: 'd', to: 'b/d' },
  ])
  expect(movesInto(['a'], 'a/x')).toEqual([])
  expect(movesInto(['a/x', 'y'], '')).toEqual([{ from: 'a/x', to: 'x' }])
})
