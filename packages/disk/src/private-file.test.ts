import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ensurePrivateFile } from './private-file.ts'

test('a file that is missing is made private, and one that was open is closed to others and keeps what it holds', () => {
  const directory = mkdtempSync(join(tmpdir(), 'private-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const before = process.umask(0)
  onTestFinished(() => void process.umask(before))
  const made = join(directory, 'made')
  ensurePrivateFile(made)
  expect(statSync(made).mode & 0o777).toBe(0o600)

  const open = join(directory, 'open')
  writeFileSync(open, 'kept')
  chmodSync(open, 0o664)
  ensurePrivateFile(open)
  expect([statSync(open).mode & 0o777, readFileSync(open, 'utf8')]).toEqual([0o600, 'kept'])
})
