import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readFileIfThere } from './read-file.ts'

test('a file is read, one that is not there is none, and one that cannot be read is an error that names it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'causeway-disk-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const path = join(directory, 'node.json')
  expect(await readFileIfThere(path)).toBeUndefined()
  await writeFile(path, 'kept')
  expect(await readFileIfThere(path)).toBe('kept')

  const taken = join(directory, 'taken')
  await mkdir(taken)
  await expect(readFileIfThere(taken)).rejects.toMatchObject({
    code: 'io-error',
    message: expect.stringContaining(`cannot read ${taken}`),
  })
})
