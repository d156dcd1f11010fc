import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

/** What is printed or read by whoever starts the demo. */
const READ = [
  'README.md',
  'CONTRIBUTING.md',
  'docs/troubleshooting.md',
  ...readdirSync(join(ROOT, 'scripts'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|mjs)$/.test(path) && !path.includes('.test.'))
    .map((path) => join('scripts', path)),
]

test('nothing advises to remove a directory that may hold a person’s files', () => {
  const advice =
    /\b(remove|delete|rm -r\S*|wipe|empty)\s+(the\s+)?(`|\$\{|\.\/)?(options\.)?(demo|dir\b|director|folder|data\b)/i
  const found = READ.flatMap((path) =>
    readFileSync(join(ROOT, path), 'utf8')
      .split('\n')
      .filter((line) => advice.test(line))
      .map((line) => `${path}: ${line.trim()}`),
  )
  expect(found).toEqual([])
})
