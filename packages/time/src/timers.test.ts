import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createSleep } from './sleep.ts'
import { systemRandom, systemTimers } from './system.ts'
import { timersConformance } from './timers-conformance.ts'
import { uuidOf } from './uuid.ts'
import { createVirtualTime } from './virtual-time.ts'

timersConformance('of the system', () => ({
  timers: systemTimers,
  pass: (milliseconds) => wait(milliseconds + 2),
}))

timersConformance('virtual', () => {
  const time = createVirtualTime()
  return { timers: time.timers, pass: async (milliseconds) => time.advance(milliseconds) }
})

test('virtual time stands still between what is due', () => {
  const time = createVirtualTime(1000)
  const ran: number[] = []
  time.timers.after(300, () => ran.push(time.nowMs))
  time.timers.every(200, () => ran.push(time.nowMs))
  expect(time.nextMs).toBe(1200)
  for (let turn = 0; turn < 4; turn++) time.step()
  expect(ran).toEqual([1200, 1300, 1400, 1600])
})

test('what a process waits for ends with it, and with it alone', () => {
  const time = createVirtualTime()
  const ran: string[] = []
  const [one, other] = [time.process(), time.process()]
  one.timers.after(1, () => ran.push('one'))
  one.timers.every(1, () => ran.push('one again'))
  other.timers.after(1, () => ran.push('other'))
  one.end()
  one.timers.after(1, () => ran.push('one after its end'))
  time.advance(10)
  expect(ran).toEqual(['other'])
})

test('a sleep ends with its time, or with the reason of its signal', async () => {
  const time = createVirtualTime()
  const sleep = createSleep(time.timers)
  const slept = sleep(10)
  time.advance(10)
  await slept
  const stop = new AbortController()
  const broken = sleep(10, stop.signal)
  stop.abort(new Error('enough'))
  await expect(broken).rejects.toThrow('enough')
  expect(time.nextMs).toBe(Infinity)
})

test('random bytes are as many as asked for, and a UUID says that it is random', () => {
  expect(systemRandom.hex(32)).toMatch(/^[0-9a-f]{64}$/)
  expect(uuidOf(systemRandom)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(uuidOf({ hex: () => '0'.repeat(32) })).toBe('00000000-0000-4000-8000-000000000000')
})
