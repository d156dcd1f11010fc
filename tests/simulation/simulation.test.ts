import { expect, test } from 'vitest'
import { simulate } from './simulation.ts'

// SIMULATION_SEED replays one seed with its log; SIMULATION_RUNS and SIMULATION_FROM say how many, from where.
const only = process.env['SIMULATION_SEED']
const from = Number(process.env['SIMULATION_FROM'] ?? 1)
const runs = Number(process.env['SIMULATION_RUNS'] ?? 300)

test(
  'whatever people and faults do, nodes end up the same and nothing anybody saved is lost',
  { timeout: 1_800_000 },
  async () => {
    const seeds = only === undefined ? Array.from({ length: runs }, (_, index) => from + index) : [Number(only)]
    const failed: string[] = []
    for (const seed of seeds) {
      const result = await simulate(seed)
      if (only !== undefined) process.stderr.write(`${result.log.join('\n')}\n`)
      if (result.violations.length > 0)
        failed.push(`SIMULATION_SEED=${seed}: ${result.violations.slice(0, 5).join('; ')}`)
    }
    expect(failed).toEqual([])
  },
)

test('the same seed gives the same run', async () => {
  expect((await simulate(7)).trace).toBe((await simulate(7)).trace)
})
