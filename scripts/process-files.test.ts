import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { filesThatRunTwice } from './process-files.ts'

test('a file that nobody has put anywhere runs both ways', () => {
  expect(filesThatRunTwice(['edits.test.ts', 'new.test.ts', 'tls.test.ts'], ['tls.test.ts'])).toEqual([
    'edits.test.ts',
    'new.test.ts',
  ])
})

test('a file that is to run once and is gone is named', () => {
  expect(() => filesThatRunTwice(['edits.test.ts'], ['tls.test.ts'])).toThrow(/^tls.test.ts: not in tests/)
})

test('each file that is to run once is there, and most run both ways', () => {
  const all = readdirSync(join(import.meta.dirname, '../tests')).filter((name) => name.endsWith('.test.ts'))
  const twice = filesThatRunTwice(all)
  expect(twice).toEqual(expect.arrayContaining(['edits.test.ts', 'ordinary-user.test.ts', 'crash-points.test.ts']))
  expect(twice.length).toBeGreaterThan(all.length / 2)
})
