import { expect, test } from 'vitest'
import { createWaker } from './waker.ts'
import { virtualClock } from './test-support/virtual-clock.ts'

test('who waits is woken, or wakes in time', async () => {
  const clock = virtualClock()
  const waker = createWaker(clock.sleep)
  const ended: string[] = []
  void waker.wait(1_000).then(() => ended.push('woken'))
  await clock.advance(10)
  expect(ended).toEqual([])
  waker.wake()
  await clock.advance(0)
  expect(ended).toEqual(['woken'])
  void waker.wait(1_000).then(() => ended.push('in time'))
  await clock.advance(1_000)
  expect(ended).toEqual(['woken', 'in time'])
})

test('waking nobody is not remembered', async () => {
  const clock = virtualClock()
  const waker = createWaker(clock.sleep)
  waker.wake()
  let isAwake = false
  void waker.wait(1_000).then(() => (isAwake = true))
  await clock.advance(500)
  expect(isAwake).toBe(false)
  waker.wake()
  await clock.advance(0)
})

test('a sleep that fails for another reason fails the wait', async () => {
  const waker = createWaker(() => Promise.reject(new Error('no clock')))
  await expect(waker.wait(10)).rejects.toThrow('no clock')
})
