import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { REPOSITORY } from './support/processes.ts'

test('a quick run of the bench beside its peers brings every case across, and leaves no namespace behind', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'causeway-bench-test-'))
  onTestFinished(() => rmSync(scratch, { recursive: true, force: true }))
  const file = join(scratch, 'run.json')
  const cases = ['tree', 'overwrite', 'saves']
  const options = ['--peers', '--quick', '--tools', 'rsync,causeway', '--cases', cases.join(','), '--json', file]
  const places = ['--cache', join(scratch, 'cache'), '--scratch', scratch]
  const bench = [join(REPOSITORY, 'bench/main.ts'), ...options, ...places]
  const ran = spawnSync(process.execPath, bench, { encoding: 'utf8', timeout: 110_000 })
  expect(ran.stderr).not.toContain('FAILED')
  expect(ran.status).toBe(0)
  const { rows } = JSON.parse(readFileSync(file, 'utf8'))
  const measured = rows.filter((row: { tool: string }) => row.tool === 'causeway')
  expect(measured.map((row: { case: string }) => row.case)).toEqual(['tree', 'file', 'overwrite', 'saves'])
  for (const { seconds, wireBytes } of measured) {
    expect(seconds).toBeGreaterThan(0)
    expect(wireBytes.a).toBeGreaterThan(0)
    expect(wireBytes.b).toBeGreaterThan(0)
  }
  const { stdout } = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' })
  expect(stdout ?? '').not.toContain(`causeway-bench-${ran.pid}-`)
})
