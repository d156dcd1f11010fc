import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { metricsText } from '../apps/coordinator/src/test-support/metrics-text.ts'

const ROOT = join(import.meta.dirname, '..')
const MADE_BY_PROM_CLIENT = /^causeway_(nodejs|process)_/

const exported = async () => {
  const text = await metricsText({ instance: 'north', reports: ['halted'] })
  return [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => ({ name, type }))
}

test.each(['deploy/grafana/causeway.json', 'deploy/prometheus/rules.yaml', 'deploy/prometheus/rules.test.yaml'])(
  '%s names only metrics that are exported',
  async (file) => {
    const known = new Map((await exported()).map(({ name, type }) => [name, type]))
    const named = new Set(readFileSync(join(ROOT, file), 'utf8').match(/\bcauseway_[a-z0-9_]+/g))
    expect(named.size).toBeGreaterThan(2)
    const unknown = [...named].filter((name) => {
      const histogram = known.get(name.replace(/_(bucket|sum|count)$/, '')) === 'histogram'
      return !known.has(name) && !histogram
    })
    expect(unknown).toEqual([])
  },
)

test('the page on metrics lists each of ours, and no other', async () => {
  const listed = new Set(
    readFileSync(join(ROOT, 'docs/operations/metrics.md'), 'utf8').match(/\bcauseway_[a-z0-9_]+\b(?!\*)/g),
  )
  const ours = (await exported()).map(({ name }) => name).filter((name) => !MADE_BY_PROM_CLIENT.test(name))
  expect([...listed].filter((name) => !MADE_BY_PROM_CLIENT.test(name)).sort()).toEqual(ours.sort())
})

const promtool = process.env['PROMTOOL'] ?? 'promtool'

test.skipIf(!isThere(promtool))('promtool takes the alert rules, and they fire as their test says', () => {
  const cwd = join(ROOT, 'deploy/prometheus')
  expect(execFileSync(promtool, ['check', 'rules', 'rules.yaml'], { cwd, encoding: 'utf8' })).toContain('SUCCESS')
  expect(execFileSync(promtool, ['test', 'rules', 'rules.test.yaml'], { cwd, encoding: 'utf8' })).toContain('SUCCESS')
})

test.skipIf(!isThere(promtool))('promtool has nothing to say about our metrics', async () => {
  const input = await metricsText({ instance: 'north', reports: ['idle'] })
  const { stderr } = spawnSync(promtool, ['check', 'metrics'], { input, encoding: 'utf8' })
  const said = stderr.split('\n').filter((line) => line !== '' && !MADE_BY_PROM_CLIENT.test(line))
  expect(said).toEqual([])
})

/** systemd's own scale, from 0 (nothing is exposed) to 10. */
const MOST_EXPOSED = { 'causeway-coordinator.service': 1.5, 'causeway-node@.service': 2.5 }

test.skipIf(!isThere('systemd-analyze')).each(Object.entries(MOST_EXPOSED))(
  '%s is a unit that systemd takes, and exposes little',
  (unit, most) => {
    const directory = mkdtempSync(join(tmpdir(), 'units-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const path = join(directory, unit.replace('@', '@ada'))
    const text = readFileSync(join(ROOT, 'deploy/systemd', unit), 'utf8')
    writeFileSync(path, text.replaceAll('/opt/causeway', ROOT))
    const verified = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' })
    expect([verified.status, verified.stderr]).toEqual([0, ''])
    const threshold = `--threshold=${most * 10}`
    const security = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', threshold, path], {
      encoding: 'utf8',
    })
    expect([security.status, security.stdout.split('\n').at(-2)]).toEqual([0, expect.stringMatching(/OK/)])
  },
)

function isThere(program: string): boolean {
  return spawnSync(program, ['--version']).error === undefined
}
