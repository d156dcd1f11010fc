import { expect, test } from 'vitest'
import { ScanMemory } from './scan-memory.ts'

function look(looked: readonly string[], problems: readonly string[] = [], deferred: readonly string[] = []) {
  return { looked: new Set(looked), problems: problems.map((path) => ({ path, reason: 'socket' })), deferred }
}

test('a problem stays until its directory, or the place itself, is looked at again', () => {
  const memory = new ScanMemory()
  memory.looked(look(['a', 'b'], ['a/x', 'b/y']))
  memory.looked(look(['c']))
  expect([...memory.problems].map(({ path }) => path)).toEqual(['a/x', 'b/y'])
  memory.looked(look(['a']))
  expect([...memory.problems]).toEqual([{ path: 'b/y', code: 'socket', message: "can't be synced: socket" }])
  memory.looked(look(['b/y']))
  expect([...memory.problems]).toEqual([])
})

test('a moved directory that was not looked into is owed until a look leaves none out', () => {
  const memory = new ScanMemory()
  expect(memory.owes()).toBe(false)
  memory.looked(look([''], [], ['moved']))
  expect(memory.unlooked).toEqual(['moved'])
  expect(memory.owes()).toBe(true)
  memory.looked(look(['moved']))
  expect(memory.owes()).toBe(false)
})

test('a look around is owed until it is taken, once', () => {
  const memory = new ScanMemory()
  memory.lookAround()
  expect(memory.owes()).toBe(true)
  expect(memory.takeLookAround()).toBe(true)
  expect(memory.takeLookAround()).toBe(false)
  expect(memory.owes()).toBe(false)
})
