import { expect, test } from 'vitest'
import { simulate } from './simulation.ts'

// SIMULATION_RUNS and SIMULATION_FROM say how many worlds, from which seed; `npm run simulate` replays one with its trace.
const from = Number(process.env['SIMULATION_FROM'] ?? 1)
const runs = Number(process.env['SIMULATION_RUNS'] ?? 25)

test(
  'whatever people and faults do, nodes end up the same and nothing anybody saved is lost',
  { timeout: 1_800_000 },
  async () => {
    const failed: string[] = []
    for (let seed = from; seed < from + runs; seed++) {
      const { violations } = await simulate(seed)
      if (violations.length > 0)
        failed.push(`npm run simulate -- --seeds ${seed} --trace: ${violations.slice(0, 5).join('; ')}`)
    }
    expect(failed).toEqual([])
  },
)

test('the same seed gives the same run, to the letter', { timeout: 120_000 }, async () => {
  for (const coordinators of [1, 2]) {
    const lines: string[][] = [[], []]
    const traces: string[] = []
    for (const run of lines) traces.push((await simulate(7, { coordinators, onLine: (line) => run.push(line) })).trace)
    expect(lines[1]).toEqual(lines[0])
    expect(traces[1]).toBe(traces[0])
  }
})

test('other seeds give other runs', { timeout: 120_000 }, async () => {
  expect((await simulate(8)).trace).not.toBe((await simulate(9)).trace)
})
