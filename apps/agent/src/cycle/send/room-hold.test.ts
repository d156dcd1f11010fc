import { expect, test } from 'vitest'
import { RoomHold } from './room-hold.ts'

test('from the smallest refused size on, files wait; smaller ones go', () => {
  const room = new RoomHold('no-room')
  room.refused(5000, 'full', 0)
  room.refused(1000, 'full', 0)
  expect(room.hold(1000, 1)).toMatchObject({ detail: 'full', retryInMs: 1999 })
  expect(room.hold(999, 1)).toBeUndefined()
})

test('it is tried again, and if that is refused again, after twice as long', () => {
  const room = new RoomHold('no-room')
  room.refused(10, 'full', 0)
  expect(room.hold(10, 2000)).toBeUndefined()
  room.refused(10, 'full', 2000)
  expect(room.hold(10, 5999)).toBeDefined()
  expect(room.hold(10, 6000)).toBeUndefined()
})

test('a content that was accepted ends the wait of those that are no larger, and nothing smaller does', () => {
  const room = new RoomHold('no-room')
  room.refused(10, 'full', 0)
  room.accepted(9)
  expect(room.hold(10, 1)).toBeDefined()
  room.accepted(10)
  expect(room.hold(10, 1)).toBeUndefined()
})
