import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { replaceFile } from './replace-file.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'causeway-disk-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

test('a file is there whole, for its owner alone, and nothing else beside it', async () => {
  const path = join(directory, 'node.json')
  await replaceFile(path, 'first')
  await replaceFile(path, 'second')
  expect(await readFile(path, 'utf8')).toBe('second')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readdir(directory)).toEqual(['node.json'])
})

test('where it can’t be replaced, that is said with its path, and no draft stays', async () => {
  const path = join(directory, 'taken')
  await mkdir(path)
  await expect(replaceFile(path, 'text')).rejects.toMatchObject({
    code: 'io-error',
    message: expect.stringContaining(`cannot write ${path}: `),
  })
  expect(await readdir(directory)).toEqual(['taken'])
  await expect(replaceFile(join(directory, 'nowhere', 'x'), 'text')).rejects.toMatchObject({ code: 'io-error' })
})
