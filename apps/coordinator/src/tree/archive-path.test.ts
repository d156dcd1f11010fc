import { posix, win32 } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { archivePath, createArchivePaths } from './archive-path.ts'

test.each([
  ['..\\..\\evil.bat', '.._.._evil.bat'],
  ['C:\\Windows\\evil.dll', 'C__Windows_evil.dll'],
  ['C:evil', 'C_evil'],
  ['\\\\server\\share', '__server_share'],
  ['a/... /b', 'a/_____/b'],
  ['ordinary name (1).txt', 'ordinary name (1).txt'],
  ['.hidden/..rc', '.hidden/..rc'],
])('%j is archived as %j', (path, archived) => {
  expect(archivePath(path)).toBe(archived)
})

test('whatever a file is called, its path in an archive stays below where it is unpacked, on every system', () => {
  const name = fc
    .oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('.', '\\', ':', ' ', 'c') }))
    .filter((text) => text !== '' && text !== '.' && text !== '..' && !/[/\0]/.test(text))
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
      const path = archivePath(names.join('/'))
      for (const system of [posix, win32]) {
        expect(system.isAbsolute(path)).toBe(false)
        expect(system.normalize(path).split(system.sep)).toHaveLength(names.length)
      }
      expect(path).not.toMatch(/[\\:]|(^|\/)[. ]+(\/|$)/)
    }),
    { seed: 17, numRuns: 500 },
  )
})

test('names that come to be the same are told apart', () => {
  const pathOf = createArchivePaths()
  expect(['a:b.txt', 'a_b.txt', 'a\\b.txt'].map((path) => pathOf(path, false))).toEqual([
    'a_b.txt',
    'a_b (2).txt',
    'a_b (3).txt',
  ])
})
