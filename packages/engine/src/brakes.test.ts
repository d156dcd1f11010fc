import { describe, expect, test } from 'vitest'
import { bigRemovalNotice, massDeleteBrake, rootEmptied } from './brakes.ts'

describe('massDeleteBrake', () => {
  test.each([
    ['nothing removed', { live: 0, removed: 0, share: 0, min: 0 }, false],
    ['half is not more than half', { live: 100, removed: 50, share: 0.5, min: 20 }, false],
    ['more than half', { live: 100, removed: 51, share: 0.5, min: 20 }, true],
    ['all of a small folder', { live: 19, removed: 19, share: 0.5, min: 20 }, false],
    ['all of a folder of the least size', { live: 20, removed: 20, share: 0.5, min: 20 }, true],
    ['a share of zero: any removal from the least on', { live: 1000, removed: 1, share: 0, min: 1 }, true],
    ['a share of one: never', { live: 1000, removed: 1000, share: 1, min: 1 }, false],
    ['many, but a small share', { live: 1_000_000, removed: 10_000, share: 0.5, min: 20 }, false],
  ])('%s', (_name, change, brakes) => {
    expect(massDeleteBrake(change) !== null).toBe(brakes)
  })

  test('says how much would go, and what the limit is', () => {
    expect(massDeleteBrake({ live: 60, removed: 54, share: 0.5, min: 20 })?.reason).toBe(
      'this would remove 54 of 60 entries; a removal of more than 50% waits for a person',
    )
  })
})

describe('rootEmptied', () => {
  test.each([
    ['everything is gone', { live: 5, remaining: 0 }, true],
    ['one is left', { live: 500, remaining: 1 }, false],
    ['hardly anything was there', { live: 4, remaining: 0 }, false],
    ['it was empty before', { live: 0, remaining: 0 }, false],
  ])('%s', (_name, folder, brakes) => {
    expect(rootEmptied(folder) !== null).toBe(brakes)
  })
})

test('a removal of over 500 entries is told, one of 500 is not', () => {
  expect(bigRemovalNotice(500)).toBeNull()
  expect(bigRemovalNotice(501)?.reason).toBe('501 entries were removed at once')
})
