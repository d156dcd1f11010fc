import type { EntryId, Operation } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { RefusedOperations } from './refused-operations.ts'

const MINUTE_MS = 60_000

function create(counter: number, parent = 'root', name = 'docs'): Operation {
  const place = { parent: parent as EntryId, name }
  return {
    kind: 'create',
    counter,
    entry: `atlas.${counter}` as EntryId,
    place,
    content: { kind: 'directory', mode: 0 },
  }
}

test('a refused operation waits twice as long each time, whatever its counter', () => {
  const refused = new RefusedOperations()
  refused.add(create(1), 'no', 0)
  expect(refused.reason(create(2), MINUTE_MS - 1)).toBe('no')
  expect(refused.reason(create(2), MINUTE_MS)).toBeUndefined()
  refused.add(create(2), 'no', MINUTE_MS)
  expect(refused.reason(create(3), 3 * MINUTE_MS - 1)).toBe('no')
  expect(refused.reason(create(3), 3 * MINUTE_MS)).toBeUndefined()
})

test('nothing is created in a directory that was refused', () => {
  const refused = new RefusedOperations()
  refused.add(create(1), 'no', 0)
  expect(refused.reason(create(2, 'atlas.1', 'note'), 0)).toMatch(/directory/)
})

test('what was accepted is forgotten', () => {
  const refused = new RefusedOperations()
  refused.add(create(1), 'no', 0)
  refused.forget(create(2))
  expect(refused.reason(create(3), 0)).toBeUndefined()
})
