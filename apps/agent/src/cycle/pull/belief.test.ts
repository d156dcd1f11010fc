import { expect, test } from 'vitest'
import { Belief } from './belief.ts'

const AT = '2026-11-22T12:00:00.000Z'
const found = { entries: 2, example: 'a.txt', failure: null, at: AT }

test('what is doubted is owed until it was read again', () => {
  const belief = new Belief()
  belief.doubt(new Set([3]))
  expect(belief.owes()).toBe(true)
  belief.readAgain()
  expect(belief.owes()).toBe(false)
})

test('what differed is in doubt, though nothing is owed, until both agree', () => {
  const belief = new Belief()
  belief.differed(found)
  expect([belief.owes(), belief.isInDoubt]).toEqual([false, true])
  expect(belief.agreed('2026-11-22T12:00:05.000Z')).toBe(true)
  expect(belief.isInDoubt).toBe(false)
  expect(belief.agreed('2026-11-22T12:00:09.000Z')).toBe(false)
  expect(belief.disagreement?.settledAt).toBe('2026-11-22T12:00:05.000Z')
})

test('a disagreement that lasts counts its rounds, and keeps its example and its beginning', () => {
  const belief = new Belief()
  belief.differed(found)
  belief.differed({ entries: 1, failure: 'away', at: '2026-11-22T12:01:00.000Z' })
  const common = { example: 'a.txt', foundAt: AT, settledAt: null }
  expect(belief.disagreement).toEqual({ ...common, entries: 2, rounds: 2, failure: 'away' })
})

test('after both agreed, another disagreement begins from the start', () => {
  const belief = new Belief()
  belief.differed(found)
  belief.agreed(AT)
  belief.differed({ entries: 1, failure: null, at: '2026-11-22T13:00:00.000Z' })
  expect(belief.disagreement).toMatchObject({ entries: 1, example: '', rounds: 1, foundAt: '2026-11-22T13:00:00.000Z' })
})

test('wrong sums are summed up again once', () => {
  const belief = new Belief()
  belief.sumsAreWrong()
  expect(belief.mustRecount).toBe(true)
  belief.compared()
  expect(belief.mustRecount).toBe(false)
})
