import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const PAGES = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
]

describe('the invariants', () => {
  const rows = readFileSync(join(ROOT, 'docs/spec/invariants.md'), 'utf8').match(/^\| I\d .*$/gm) ?? []

  test('are the nine of the design', () => {
    expect(rows).toHaveLength(9)
  })

  test.each(rows.map((row) => [row.slice(2, 4), row]))('%s names tests that are there', (_name, row) => {
    const held = [...row.matchAll(/`([^`]+\.test\.ts)`((?: "[^"]+")*)/g)]
    expect(held.length).toBeGreaterThan(0)
    for (const [, file = '', titles = ''] of held) {
      const text = readFileSync(join(ROOT, file), 'utf8')
      for (const [, title = ''] of titles.matchAll(/"([^"]+)"/g)) expect(text).toContain(title)
    }
  })
})

test.each(PAGES)('%s links only to what is there', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8')
  const broken = [...text.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)]
    .map(([, target = '']) => join(ROOT, dirname(page), target))
    .filter((target) => !existsSync(target))
  expect(broken).toEqual([])
})
