import type { EntryId } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { AgreedFiles, ApplyMemory, UnplacedStates } from './apply-memory.ts'

const A = 'atlas.1' as EntryId

test('a new process may hold what the base does not know of', () => {
  const memory = new ApplyMemory()
  expect(memory.owes()).toBe(true)
  memory.mayHoldUnknown = false
  expect(memory.owes()).toBe(false)
})

test('what is tried in vain by two cycles in a row is known the second time, unless it moved on', () => {
  const unplaced = new UnplacedStates()
  const tries = [1, 1, 2, 2].map((seq) => {
    unplaced.beginCycle()
    return unplaced.add(A, seq)
  })
  expect(tries).toEqual([false, true, false, true])
})

test('a cycle that did not try it forgets it', () => {
  const unplaced = new UnplacedStates()
  unplaced.beginCycle()
  unplaced.add(A, 1)
  unplaced.beginCycle()
  unplaced.beginCycle()
  expect(unplaced.add(A, 1)).toBe(false)
})

test('of more files than fit, those agreed on longest ago go first', () => {
  const agreed = new AgreedFiles()
  for (let at = 0; at < 4096; at++) agreed.add(`atlas.${at}` as EntryId)
  agreed.add('atlas.0' as EntryId)
  agreed.add('birch.1' as EntryId)
  expect(agreed.entries.has('atlas.0' as EntryId)).toBe(true)
  expect(agreed.entries.has('atlas.1' as EntryId)).toBe(false)
  expect([...agreed.entries].at(-1)).toBe('birch.1')
})
