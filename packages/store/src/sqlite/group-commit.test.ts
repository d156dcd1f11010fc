import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Connection } from './connection.ts'
import { GroupCommit } from './group-commit.ts'
import { prepareWriter } from './prepare-writer.ts'

let scratch: string
let connection: Connection

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'causeway-group-'))
  const path = join(scratch, 'causeway.db')
  connection = new Connection(path, { readOnly: false, busyTimeoutMs: 0 })
  prepareWriter(connection, path)
})

afterEach(async () => {
  connection.close()
  await rm(scratch, { recursive: true })
})

test('the connection that writes syncs every commit', () => {
  expect(connection.get('PRAGMA journal_mode')).toMatchObject({ journal_mode: 'wal' })
  expect(connection.get('PRAGMA synchronous')).toMatchObject({ synchronous: 2 })
})

test('a full disk fails the write that met it; what was acknowledged before and after is kept, and nothing else', async () => {
  const commits = new GroupCommit(connection)
  await commits.write((tx) => tx.putSetting('before', 'x'))
  connection.exec('PRAGMA max_page_count = 1')
  const names = ['small', 'large', 'late']
  const results = await Promise.allSettled([
    commits.write((tx) => tx.putSetting('small', 'x')),
    commits.write((tx) => tx.putSetting('large', 'x'.repeat(5_000_000))),
    commits.write((tx) => tx.putSetting('late', 'x')),
  ])
  expect(results[1]).toMatchObject({ status: 'rejected', reason: { code: 'disk-full' } })
  const acknowledged = names.filter((_, index) => results[index]?.status === 'fulfilled')
  await commits.write((tx) => tx.putSetting('after', 'x'))
  const kept = connection.all('SELECT key FROM settings').map((row) => row['key'])
  expect(new Set(kept)).toEqual(new Set(['before', ...acknowledged, 'after']))
})

test('a steady stream of writes does not hold back the first of them', async () => {
  const commits = new GroupCommit(connection)
  let stop = false
  let under = 0
  const stream = async (): Promise<void> => {
    while (!stop) {
      under += 1
      await commits.write((tx) => tx.putSetting('stream', `${under}`))
    }
  }
  const streams = Array.from({ length: 200 }, stream)
  await commits.write((tx) => tx.putSetting('one', 'x'))
  stop = true
  await Promise.all(streams)
  expect(connection.get("SELECT value FROM settings WHERE key = 'one'")).toMatchObject({ value: 'x' })
})
