import { expect, test } from 'vitest'
import { NodeIdSchema, ROOT_ID, entryIdOf } from '@causeway/protocol'
import { baseDirectoryAt, basePath, directoryOf, joinPath, nameOf } from './paths.ts'
import { Planted } from './test-support/planted.ts'

test.each([
  ['', 'a', 'a'],
  ['a', 'b', 'a/b'],
  ['a/b', 'c', 'a/b/c'],
] as const)('in %j, the name %s makes %s, and taking it apart gives both back', (directory, name, path) => {
  expect(joinPath(directory, name)).toBe(path)
  expect(directoryOf(path)).toBe(directory)
  expect(nameOf(path)).toBe(name)
})

test('an entry has its path in the base, and the path leads back to the directory', async () => {
  const planted = new Planted()
  planted.user.write('a/b/c', 'x')
  await planted.sync()
  expect(basePath(planted.base, planted.idAt('a/b/c'))).toBe('a/b/c')
  expect(basePath(planted.base, ROOT_ID)).toBe('')
  expect(baseDirectoryAt(planted.base, 'a/b')).toBe(planted.idAt('a/b'))
  expect(baseDirectoryAt(planted.base, '')).toBe(ROOT_ID)
})

test('a file is no directory, and neither is what the base does not hold', async () => {
  const planted = new Planted()
  planted.user.write('a/b', 'x')
  await planted.sync()
  for (const path of ['a/b', 'a/b/c', 'absent']) expect(baseDirectoryAt(planted.base, path)).toBeUndefined()
})

test('an entry whose directory the base does not hold, or that lies in a circle, has no path', async () => {
  const planted = new Planted()
  planted.user.write('a/b', 'x')
  await planted.sync()
  const [a, b] = [planted.base.base(planted.idAt('a')), planted.base.base(planted.idAt('a/b'))]
  if (a === undefined || b === undefined) throw new Error('not planted')
  planted.base.put({ ...b, parent: entryIdOf(NodeIdSchema.parse('other'), 1) })
  expect(basePath(planted.base, b.id)).toBeUndefined()
  planted.base.put({ ...a, parent: a.id })
  expect(basePath(planted.base, a.id)).toBeUndefined()
})
