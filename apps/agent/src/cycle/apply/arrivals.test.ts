import type { Hash, Patch } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { Arrivals } from './arrivals.ts'

const MIB = 1024 * 1024

function patch(content: string, bytes: number): Patch {
  const splice = { base: 'base' as Hash, parts: [new Uint8Array(bytes)], digest: 'digest' as Hash }
  return { content: content as Hash, splice, deltas: [] }
}

test('contents wait up to a limit: what is past it is fetched again', () => {
  const arrivals = new Arrivals()
  const bytes = new Uint8Array(40 * MIB)
  arrivals.keep(
    [
      { hash: 'a' as Hash, bytes },
      { hash: 'b' as Hash, bytes },
    ],
    [],
  )
  expect(arrivals.content('a' as Hash)).toBe(bytes)
  expect(arrivals.content('b' as Hash)).toBeUndefined()
})

test('a content that comes twice takes its room once', () => {
  const arrivals = new Arrivals()
  const bytes = new Uint8Array(30 * MIB)
  for (let time = 0; time < 3; time++) arrivals.keep([{ hash: 'a' as Hash, bytes }], [])
  arrivals.keep([{ hash: 'b' as Hash, bytes }], [])
  expect(arrivals.content('b' as Hash)).toBe(bytes)
})

test('patches have a limit of their own', () => {
  const arrivals = new Arrivals()
  arrivals.keep([{ hash: 'a' as Hash, bytes: new Uint8Array(60 * MIB) }], [patch('p', 10 * MIB), patch('q', 10 * MIB)])
  expect(arrivals.patch('p' as Hash)).toBeDefined()
  expect(arrivals.patch('q' as Hash)).toBeUndefined()
})

test('what is forgotten makes room', () => {
  const arrivals = new Arrivals()
  const bytes = new Uint8Array(60 * MIB)
  arrivals.keep([{ hash: 'a' as Hash, bytes }], [patch('p', 10 * MIB)])
  arrivals.forget()
  arrivals.keep([{ hash: 'b' as Hash, bytes }], [patch('q', 10 * MIB)])
  expect(arrivals.content('a' as Hash)).toBeUndefined()
  expect(arrivals.content('b' as Hash)).toBe(bytes)
  expect(arrivals.patch('q' as Hash)).toBeDefined()
})
