import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeDirectories } from './make-directories.ts'

async function scratch(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'causeway-make-'))
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}

test('directories are made with all that is above them, and left as they are where they are there', async () => {
  const path = join(await scratch(), 'a', 'b', 'c')
  expect(await makeDirectories(path, 0o700)).toBe(true)
  expect((await stat(path)).mode & 0o777).toBe(0o700)
  expect(await makeDirectories(path, 0o700)).toBe(false)
})

test('a file in the way is told, with its path', async () => {
  const root = await scratch()
  await writeFile(join(root, 'file'), '')
  const failure = { code: 'io-error', message: expect.stringContaining('a file with this name exists') }
  await expect(makeDirectories(join(root, 'file'))).rejects.toMatchObject(failure)
  const below = { message: expect.stringContaining('a part of the path is a file') }
  await expect(makeDirectories(join(root, 'file', 'x'))).rejects.toMatchObject(below)
})

test.runIf(process.platform === 'linux')('a place that takes no directories is told at once', async () => {
  await expect(makeDirectories('/proc/x/y')).rejects.toMatchObject({
    code: 'io-error',
    message: 'cannot create the directory /proc/x: nothing can be created in /proc. Choose another path',
  })
})
