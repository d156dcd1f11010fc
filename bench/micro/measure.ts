import { median } from '../support/statistics.ts'
import type { MicroCase, MicroResult } from './micro-case.ts'

/** Runs part and yardstick in turn, so that what disturbs the machine disturbs both. The first pair only warms. */
export async function measureMicro(one: MicroCase, rounds: number): Promise<MicroResult> {
  const parts: number[] = []
  const plains: number[] = []
  for (let round = -1; round < rounds; round++) {
    const plain = await secondsOf(one.plain, one.waits === true)
    const part = await secondsOf(one.run, one.waits === true)
    if (round < 0) continue
    plains.push(plain)
    parts.push(part)
  }
  const { part, work, yardstick, unit, amount } = one
  return {
    part,
    work,
    yardstick,
    unit,
    clock: one.waits === true ? 'wall' : 'processor',
    rate: amount / median(parts),
    plainRate: amount / median(plains),
    times: median(parts.map((seconds, index) => seconds / (plains[index] ?? Number.NaN))),
  }
}

/** Repeats work that is too short for the clock; seconds of one time. */
async function secondsOf(work: () => unknown, wall: boolean): Promise<number> {
  const now = (): number => {
    if (wall) return performance.now() / 1000
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  }
  const started = now()
  let times = 0
  do {
    await work()
    times++
  } while (now() - started < 0.03)
  return (now() - started) / times
}
