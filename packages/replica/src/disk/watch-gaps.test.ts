import { beforeEach, expect, test } from 'vitest'
import { WatchGaps } from './watch-gaps.ts'

let said: (string | undefined)[]
let gaps: WatchGaps

beforeEach(() => {
  said = []
  gaps = new WatchGaps((problem) => said.push(problem))
})

function refusal(code: string): Error {
  return Object.assign(new Error(code), { code })
}

test('a limit that is reached is named in words, once, and until it is over', () => {
  gaps.refused('a', refusal('ENOSPC'))
  gaps.report()
  gaps.refused('b', refusal('EMFILE'))
  gaps.report()
  expect([...gaps.unwatched]).toEqual(['a', 'b'])
  expect(said).toEqual([expect.stringContaining('max_user_watches')])
  gaps.clear()
  gaps.report()
  expect(said).toEqual([expect.any(String), undefined])
})

test('a directory that may not be read is no gap that anybody is told of', () => {
  gaps.refused('secret', refusal('EACCES'))
  gaps.report()
  expect([[...gaps.denied], [...gaps.unwatched], said]).toEqual([['secret'], [], []])
  expect(gaps.areNone).toBe(false)
})

test('one that is gone is no gap at all', () => {
  gaps.refused('gone', refusal('ENOENT'))
  expect(gaps.areNone).toBe(true)
})

test('a watch that fails is named by its path, and the root by where it is', () => {
  gaps.failed('', '/work')
  gaps.report()
  gaps.forgetProblem()
  gaps.failed('docs', '/work')
  gaps.report()
  expect(said).toEqual(['a watch on /work failed', 'a watch on docs failed'])
})
