import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDataDirectory } from './data-directory.ts'

let scratch: string

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'causeway-data-'))
})

afterEach(() => rm(scratch, { recursive: true }))

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

test('a data directory that is made, or was open to others, is its owner’s alone', async () => {
  const path = join(scratch, 'data')
  expect((await openDataDirectory(path)).wasOpen).toBe(false)
  expect(await modeOf(path)).toBe('700')

  await chmod(path, 0o755)
  await chmod(join(path, 'admin.token'), 0o644)
  const again = await openDataDirectory(path)
  expect(again.wasOpen).toBe(true)
  expect(await modeOf(path)).toBe('700')
  expect(await modeOf(join(path, 'admin.token'))).toBe('600')
  expect((await openDataDirectory(path)).wasOpen).toBe(false)
})

test('an empty directory that is open is taken, and closed', async () => {
  await chmod(scratch, 0o777)
  expect((await openDataDirectory(scratch)).wasOpen).toBe(true)
  expect(await modeOf(scratch)).toBe('700')
})

test('a directory that is open and holds other things is refused, and stays as it is', async () => {
  const path = join(scratch, 'home')
  await mkdir(path)
  await chmod(path, 0o755)
  await writeFile(join(path, 'letters.txt'), 'not ours')
  await expect(openDataDirectory(path)).rejects.toMatchObject({
    code: 'not-allowed',
    message: expect.stringContaining('chmod 700'),
  })
  expect(await modeOf(path)).toBe('755')
  await chmod(path, 0o700)
  expect((await openDataDirectory(path)).path).toBe(path)
})
