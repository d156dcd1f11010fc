import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const WORKFLOWS = join(import.meta.dirname, '../.github/workflows')

test.each(readdirSync(WORKFLOWS))('%s uses actions by their commit, with the version beside it', (name) => {
  const used = [...readFileSync(join(WORKFLOWS, name), 'utf8').matchAll(/\buses: *(.*)$/gm)].map(([, action]) => action)
  expect(used.length).toBeGreaterThan(0)
  for (const action of used) expect(action).toMatch(/^[\w/.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
})
