import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { claim, release } from './running.ts'
import { isFresh, readSamplesRecord, writeSamplesRecord } from './samples-record.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'causeway-running-'))
})
afterEach(() => rm(dir, { recursive: true }))

const own = { pid: process.pid, dashboard: 'http://127.0.0.1:3000' }

test('whoever comes first has the directory, until it is released', async () => {
  // Its arguments make it look like a demo.
  const other = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)', 'scripts/demo.ts'])
  const first = { pid: other.pid ?? 0, dashboard: 'http://127.0.0.1:3001' }
  try {
    expect(await claim(dir, first)).toEqual({ kind: 'claimed' })
    expect(await claim(dir, own)).toEqual({ kind: 'taken', by: first })
    await release(dir, own)
    expect(await claim(dir, own)).toEqual({ kind: 'taken', by: first })
  } finally {
    other.kill('SIGKILL')
  }
  await release(dir, first)
  expect(await claim(dir, own)).toEqual({ kind: 'claimed' })
})

test.each([
  ['that was killed', JSON.stringify({ pid: 2 ** 22 - 1, dashboard: 'x' })],
  ['that was killed before it could note itself', ''],
  ['whose number another program has now', JSON.stringify({ pid: process.ppid, dashboard: 'x' })],
])('a demo %s does not hold the directory', async (_what, note) => {
  await mkdir(join(dir, 'state'))
  await writeFile(join(dir, 'state/running.json'), note)
  expect(await claim(dir, own)).toEqual({ kind: 'claimed' })
  await release(dir, own)
  expect(await readdir(join(dir, 'state'))).toEqual([])
})

test('a directory is new if it is not there or nobody put anything into it', async () => {
  expect(await isFresh(join(dir, 'none'))).toBe(true)
  expect(await isFresh(dir)).toBe(true)
  await writeFile(join(dir, '.DS_Store'), '')
  expect(await isFresh(dir)).toBe(true)
  await mkdir(join(dir, 'state'))
  expect(await isFresh(dir)).toBe(true)
  await writeFile(join(dir, 'state/mine.txt'), '')
  expect(await isFresh(dir)).toBe(false)
  await rm(join(dir, 'state'), { recursive: true })
  await writeFile(join(dir, 'mine.txt'), '')
  expect(await isFresh(dir)).toBe(false)
})

test('what a new demo was given is remembered; a directory without a note is given nothing', async () => {
  expect(await readSamplesRecord(dir)).toBeUndefined()
  await writeSamplesRecord(dir, { nodes: 3, done: ['large-file'] })
  expect(await readSamplesRecord(dir)).toEqual({ nodes: 3, done: ['large-file'] })
})
