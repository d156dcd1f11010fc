import { expect, test } from 'vitest'
import { createSlabs } from './slabs.ts'

test('a slab is used again once its last user released it, and not before', () => {
  const slabs = createSlabs({ slabBytes: 8, kept: 2 })
  const first = slabs.take()
  first.hold()
  first.release()
  expect(slabs.take().shared).not.toBe(first.shared)
  first.release()
  expect(slabs.take().shared).toBe(first.shared)
})

test('no more free ones are kept than were asked for', () => {
  const slabs = createSlabs({ slabBytes: 8, kept: 1 })
  const [a, b] = [slabs.take(), slabs.take()]
  a.release()
  b.release()
  expect(slabs.take().shared).toBe(a.shared)
  expect(slabs.take().shared).not.toBe(b.shared)
})

test('a release too many gives nothing away that another uses', () => {
  const slabs = createSlabs({ slabBytes: 8, kept: 2 })
  const slab = slabs.take()
  slab.release()
  slab.release()
  expect(slabs.take().shared).toBe(slab.shared)
  expect(slabs.take().shared).not.toBe(slab.shared)
})
