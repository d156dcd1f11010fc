import { existsSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ContentHash } from '@causeway/protocol'
import { baseStoreConformance, createDiskUser } from '@causeway/testkit'
import { expect, test } from 'vitest'
import { open, root, statOf, useBoundRoot } from './test-support/bound-root.ts'

useBoundRoot()

const HASH = 'ab'.repeat(32) as ContentHash

baseStoreConformance('the disk', async () => {
  const files = await open()
  return { store: files.bases, files, user: createDiskUser(root), end: () => files.release() }
})

test('bases are private to the user, and no directory is made before the first', async () => {
  const files = await open()
  await files.bases.list()
  expect(existsSync(join(root, '.causeway/bases'))).toBe(false)
  writeFileSync(join(root, 'a'), 'one', { mode: 0o644 })
  await files.bases.keep(HASH, 'a', await statOf(files, 'a'))
  expect(statSync(join(root, '.causeway/bases')).mode & 0o777).toBe(0o700)
  expect(statSync(join(root, '.causeway/bases', HASH)).mode & 0o777).toBe(0o600)
  expect(readdirSync(join(root, '.causeway/bases'))).toEqual([HASH])
})

test('what else lies there is no base, and drafts of an earlier run are cleared', async () => {
  const files = await open()
  writeFileSync(join(root, 'a'), 'one')
  await files.bases.keep(HASH, 'a', await statOf(files, 'a'))
  writeFileSync(join(root, '.causeway/bases/draft-1'), 'half')
  writeFileSync(join(root, '.causeway/bases/notes.txt'), 'mine')
  symlinkSync('/etc/passwd', join(root, '.causeway/bases', 'cd'.repeat(32)))
  expect((await files.bases.list()).map(({ content }) => content)).toEqual([HASH])
  expect(await files.bases.open('cd'.repeat(32) as ContentHash)).toBeUndefined()
  await files.bases.clearDrafts()
  expect(readdirSync(join(root, '.causeway/bases')).includes('draft-1')).toBe(false)
})

test('a link in the place of a file is not followed', async () => {
  const files = await open()
  writeFileSync(join(root, 'a'), 'one')
  const stat = await statOf(files, 'a')
  symlinkSync('a', join(root, 'b'))
  await expect(files.bases.keep(HASH, 'b', stat).catch(() => false)).resolves.toBe(false)
  expect(await files.bases.list()).toEqual([])
})
