import { expect, test } from 'vitest'
import { problemAdvice } from './problem-advice.ts'

test.each(['root-missing', 'root-foreign', 'state-missing', 'disk-full', 'kept', 'halted'])(
  'a folder that %s keeps from syncing until a person acts says what to do',
  (code) => {
    expect(problemAdvice(code)).toMatch(/^[A-Z].*\.$/)
  },
)

test('a code that nobody knows is no advice, whatever it is called', () => {
  expect(problemAdvice('waits')).toBeUndefined()
  expect(problemAdvice('constructor')).toBeUndefined()
})
