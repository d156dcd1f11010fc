import { expect, test } from 'vitest'
import { QuotaHold, RoomHold } from './room-hold.ts'

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

test('above a limit waits what is at least as large in whole and in growth: a refusal does not say which limit it was', () => {
  const quota = new QuotaHold()
  quota.refused({ sizeBytes: 900, growthBytes: 1 }, 'full', 0)
  expect(quota.hold({ sizeBytes: 900, growthBytes: 900 }, 1)).toMatchObject({ code: 'over-quota', detail: 'full' })
  expect(quota.hold({ sizeBytes: 899, growthBytes: 899 }, 1)).toBeUndefined()
  expect(quota.hold({ sizeBytes: 5000, growthBytes: 0 }, 1)).toBeUndefined()
  expect([quota.forget(), quota.forget()]).toEqual([true, false])
  expect(quota.hold({ sizeBytes: 900, growthBytes: 900 }, 1)).toBeUndefined()
})
