import type { Result } from './run.ts'

/** Scenario, call, how many points were tried, how many were not reached, how many failed. */
export function tableOf(results: readonly Result[]): string {
  const rows = new Map<string, { tried: number; missed: number; failed: number }>()
  for (const { point, outcome } of results) {
    const key = `${point.scenario.padEnd(30)} ${point.call.padEnd(12)}`
    const row = rows.get(key) ?? { tried: 0, missed: 0, failed: 0 }
    if (outcome.faults.length > 0) row.failed += 1
    if (outcome.met === undefined && outcome.faults.length === 0) row.missed += 1
    else row.tried += 1
    rows.set(key, row)
  }
  const lines = [...rows].map(([key, row]) => line(key, [row.tried, row.failed, row.missed]))
  const all = [...rows.values()]
  const sums = (['tried', 'failed', 'missed'] as const).map((name) => all.reduce((sum, row) => sum + row[name], 0))
  const head = line(`${'scenario'.padEnd(30)} ${'call'.padEnd(12)}`, ['tried', 'failed', 'not reached'])
  return [head, ...lines, line(`${'all'.padEnd(30)} ${''.padEnd(12)}`, sums)].join('\n')
}

function line(key: string, cells: readonly (string | number)[]): string {
  return `${key} ${cells.map((cell) => String(cell).padStart(8)).join(' ')}`
}
