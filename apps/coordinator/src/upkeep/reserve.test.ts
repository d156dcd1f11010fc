import { handClock } from '../test-support/running.ts'
import { expect, test } from 'vitest'
import { createReserve, type DiskSpace } from './reserve.ts'

const MB = 1_000_000

function given(freeBytes: number, reserveBytes: number | undefined) {
  const clock = handClock(0)
  const logged: string[] = []
  const hear = (_: object, message: string) => void logged.push(message)
  const space: { freeBytes: number; totalBytes: number; asked: number; fails: boolean } = {
    freeBytes,
    totalBytes: 10_000 * MB,
    asked: 0,
    fails: false,
  }
  const disk = {
    path: '/data',
    async space(): Promise<DiskSpace> {
      space.asked += 1
      if (space.fails) throw new Error('gone')
      return { ...space }
    },
  }
  const log = { debug: hear, info: hear, warn: hear, error: hear }
  const reserve = createReserve({ disks: [disk], reserveBytes, timers: clock, log })
  return { clock, logged, space, reserve }
}

const FULL = { code: 'disk-full', message: expect.stringContaining('100 MB are kept in reserve') }

test('above the reserve anything is taken, below it nothing, and above it again by itself', async () => {
  const { clock, space, reserve } = given(101 * MB, 100 * MB)
  await reserve.take(500)
  space.freeBytes = 99 * MB
  clock.advance(1000)
  await expect(reserve.take(0)).rejects.toMatchObject(FULL)
  expect(await reserve.problems()).toEqual([expect.stringMatching(/refused: 99.0 MB of its disk are free.*\/data/)])
  space.freeBytes = 106 * MB
  clock.advance(1000)
  await reserve.take(500)
  expect(await reserve.problems()).toEqual([])
})

test('what was written since the disk was last asked counts', async () => {
  const { space, reserve } = given(105 * MB, 100 * MB)
  await reserve.take(6 * MB)
  await expect(reserve.take(1)).rejects.toMatchObject(FULL)
  expect(space.asked).toBe(1)
})

test('the log says it once, however often it is refused, and once that it is over', async () => {
  const { clock, logged, space, reserve } = given(1 * MB, 100 * MB)
  for (let second = 0; second < 5; second++) {
    await expect(reserve.take(1)).rejects.toMatchObject(FULL)
    clock.advance(1000)
  }
  // Not enough to go on: it would be refused again at once.
  space.freeBytes = 101 * MB
  await expect(reserve.take(1)).rejects.toMatchObject(FULL)
  expect(logged).toHaveLength(1)
  space.freeBytes = 200 * MB
  clock.advance(1000)
  await reserve.take(1)
  expect(logged).toHaveLength(2)
})

test('without a size it reserves a twentieth of a small disk, and 1 GiB of a large one', async () => {
  const { space, clock, reserve } = given(5000 * MB, undefined)
  const suited = async (totalBytes: number) => {
    space.totalBytes = totalBytes
    clock.advance(1000)
    return (await reserve.tightest())?.reserveBytes
  }
  expect(await suited(1000 * MB)).toBe(50 * MB)
  expect(await suited(1_000_000 * MB)).toBe(2 ** 30)
})

test('a disk that gives no answer refuses nothing, and nor does a reserve of 0', async () => {
  const { logged, space, clock, reserve } = given(1 * MB, 100 * MB)
  space.fails = true
  await reserve.take(1)
  clock.advance(1000)
  await reserve.take(1)
  expect(logged).toEqual(['cannot tell how much of the disk is free'])
  await given(1 * MB, 0).reserve.take(1)
})
