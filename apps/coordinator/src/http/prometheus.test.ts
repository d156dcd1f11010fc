import { expect, test } from 'vitest'
import { metricsText } from '../test-support/metrics-text.ts'

test('every name and unit is as Prometheus has them, every series says whose it is, and counters only count', async () => {
  const text = await metricsText({ instance: 'north' })
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]))
  expect(types.size).toBeGreaterThan(40)
  for (const [name, type] of types) {
    expect(name).toMatch(/^causeway_[a-z0-9_]+$/)
    expect(name).not.toMatch(/_(ms|milliseconds|kb|mb|percent)(_|$)/)
    // These are prom-client's own.
    if (name.startsWith('causeway_nodejs_')) continue
    expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter'])
    expect(text).toMatch(new RegExp(`^# HELP ${name} \\S`, 'm'))
  }
  const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  expect(series.filter((line) => !line.includes('coordinator="north"'))).toEqual([])
})

test('what nodes report is summed by state', async () => {
  const text = await metricsText({ instance: 'north', reports: ['idle', 'idle', 'halted'] })
  expect(text).toContain('causeway_node_folders{state="idle",coordinator="north"} 2')
  expect(text).toContain('causeway_node_folders{state="halted",coordinator="north"} 1')
  expect(text).toContain('causeway_pending_changes{direction="up",coordinator="north"} 6')
})
