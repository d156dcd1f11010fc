import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../apps/dashboard/src')
const PROMISE = /\b(will|is to) be (found|shown|possible|available|added) here\b|\bfound here too\b|\bcoming soon\b/i

test('the page speaks of what it does, not of what it will do one day', () => {
  expect('Merging two texts line by line will be found here too.').toMatch(PROMISE)
  const found = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !path.includes('.test.'))
    // Lines are broken anywhere in the text of an element.
    .filter((path) => PROMISE.test(readFileSync(join(ROOT, path), 'utf8').replaceAll(/\s+/g, ' ')))
  expect(found).toEqual([])
})
