import type { Removal } from '@causeway/engine'
import { expect, test } from 'vitest'
import { RemovalHold } from './removal-hold.ts'

const gone: Removal = { files: 10, directories: 0, count: () => 10, live: 20, appeared: 0, lay: ['docs'] }
const moment = { now: 0, lastEvent: null }

test('the brake that the coordinator set last decides what waits for a person', () => {
  const hold = new RemovalHold()
  expect(hold.setBrake({ share: 0.1, min: 5 })).toBe(true)
  expect(hold.pass(gone, moment)).toMatchObject({ kind: 'halt' })
  expect(hold.setBrake({ share: 1, min: 1000 })).toBe(true)
  expect(hold.setBrake({ share: 1, min: 1000 })).toBe(false)
  expect(hold.pass(gone, moment).kind).not.toBe('halt')
})

test('what waits is looked at again where it was, until nothing is gone or a person has decided', () => {
  const hold = new RemovalHold()
  hold.setBrake({ share: 0.1, min: 5 })
  hold.pass(gone, moment)
  expect(hold.held).toEqual(['docs'])
  hold.open()
  expect(hold.held).toEqual([])
  hold.pass(gone, moment)
  hold.decided()
  expect(hold.held).toEqual([])
})

test('what the coordinator held back is remembered past a person’s word, and forgotten once it accepts', () => {
  const hold = new RemovalHold()
  hold.refused(['docs'], 'too many')
  hold.decided()
  expect(hold.refusal).toBe('too many')
  hold.accepted()
  expect(hold.refusal).toBeNull()
  hold.refused(['docs'], 'too many')
  hold.open()
  expect(hold.refusal).toBeNull()
})
