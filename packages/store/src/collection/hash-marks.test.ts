import { expect, test } from 'vitest'
import { ChunkIdSchema } from '@causeway/protocol'
import { hashOf } from '../conformance/fixtures.ts'
import { HashMarks } from './hash-marks.ts'

test('it has what was added, however often and however much, and nothing else', () => {
  const marks = new HashMarks()
  const members = Array.from({ length: 5000 }, (_, index) => hashOf(`member ${index}`))
  for (const hash of [...members, ...members]) marks.add(hash)
  expect(members.filter((hash) => !marks.has(hash))).toEqual([])
  const others = Array.from({ length: 5000 }, (_, index) => hashOf(`other ${index}`))
  expect(others.filter((hash) => marks.has(hash))).toEqual([])
})

test('a hash that begins with zeros is a member only once it was added', () => {
  const marks = new HashMarks()
  const zeros = ChunkIdSchema.parse(`${'0'.repeat(16)}${hashOf('zeros').slice(16)}`)
  expect(marks.has(zeros)).toBe(false)
  marks.add(zeros)
  expect(marks.has(zeros)).toBe(true)
})
