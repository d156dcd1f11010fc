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
    expectTests(row)
  })
})

describe('the security page', () => {
  const text = readFileSync(join(ROOT, 'docs/security.md'), 'utf8')
  const checklist = rowsBelow(text, '## The checklist')
  const attacks = rowsBelow(text, '## Attacks that once worked')

  test('has every line of the checklist, and what was found', () => {
    expect(checklist.length).toBeGreaterThan(50)
    expect(attacks.length).toBeGreaterThan(15)
  })

  test.each(checklist)('%s is built, refused or not done, and says how it is shown, or why', (_what, state, shown) => {
    expect(state).toMatch(/^(built|refused|not done)$/)
    expect(shown.length).toBeGreaterThan(15)
    if (state === 'built' && !shown.startsWith('The list below')) expectTests(shown)
  })

  test.each(attacks)('the attack "%s" has its test', (_what, heldBy) => expectTests(heldBy))
})

/** Names tests that are there: files, each with parts of the titles in it. */
function expectTests(text: string): void {
  const named = [...text.matchAll(/`([^`]+\.test\.ts)`((?: "[^"]+")*)/g)]
  expect(named.length).toBeGreaterThan(0)
  for (const [, file = '', titles = ''] of named) {
    const source = readFileSync(join(ROOT, file), 'utf8')
    for (const [, title = ''] of titles.matchAll(/"([^"]+)"/g)) expect(source).toContain(title)
  }
}

/** The cells of the table under a heading. */
function rowsBelow(page: string, heading: string): [string, string, string][] {
  const [, below = ''] = page.split(`${heading}\n`)
  const [section = ''] = below.split('\n## ')
  const lines = section.split('\n').filter((line) => line.startsWith('|'))
  return lines.slice(2).map((line) => {
    const [, first = '', second = '', third = ''] = line.split('|').map((cell) => cell.trim())
    return [first, second, third]
  })
}

test.each(PAGES)('%s links only to what is there', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8')
  const broken = [...text.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)]
    .map(([, target = '']) => join(ROOT, dirname(page), target))
    .filter((target) => !existsSync(target))
  expect(broken).toEqual([])
})
