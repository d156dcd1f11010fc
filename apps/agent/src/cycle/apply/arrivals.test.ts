import type { ContentHash, ListDigest, Patch } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { Arrivals } from './arrivals.ts'

const MIB = 1024 * 1024

function patch(content: string, bytes: number): Patch {
  const splice = { base: 'base' as ContentHash, parts: [new Uint8Array(bytes)], digest: 'digest' as ListDigest }
  return { content: content as ContentHash, splice, deltas: [] }
}

test('contents wait up to a limit: what is past it is fetched again', () => {
  const arrivals = new Arrivals()
  const bytes = new Uint8Array(40 * MIB)
  arrivals.keep(
    [
      { hash: 'a' as ContentHash, bytes },
      { hash: 'b' as ContentHash, bytes },
    ],
    [],
  )
  expect(arrivals.content('a' as ContentHash)).toBe(bytes)
  expect(arrivals.content('b' as ContentHash)).toBeUndefined()
})

test('a content that comes twice takes its room once', () => {
  const arrivals = new Arrivals()
  const bytes = new Uint8Array(30 * MIB)
  for (let time = 0; time < 3; time++) arrivals.keep([{ hash: 'a' as ContentHash, bytes }], [])
  arrivals.keep([{ hash: 'b' as ContentHash, bytes }], [])
  expect(arrivals.content('b' as ContentHash)).toBe(bytes)
})

test('patches have a limit of their own', () => {
  const arrivals = new Arrivals()
  arrivals.keep(
    [{ hash: 'a' as ContentHash, bytes: new Uint8Array(60 * MIB) }],
    [patch('p', 10 * MIB), patch('q', 10 * MIB)],
  )
  expect(arrivals.patch('p' as ContentHash)).toBeDefined()
  expect(arrivals.patch('q' as ContentHash)).toBeUndefined()
})

test('what is forgotten makes room', () => {
  const arrivals = new Arrivals()
  const bytes = new Uint8Array(60 * MIB)
  arrivals.keep([{ hash: 'a' as ContentHash, bytes }], [patch('p', 10 * MIB)])
  arrivals.forget()
  arrivals.keep([{ hash: 'b' as ContentHash, bytes }], [patch('q', 10 * MIB)])
  expect(arrivals.content('a' as ContentHash)).toBeUndefined()
  expect(arrivals.content('b' as ContentHash)).toBe(bytes)
  expect(arrivals.patch('q' as ContentHash)).toBeDefined()
})
