import { expect, test } from 'vitest'
import { diskWords, isFullDisk } from './disk-words.ts'

const failed = (code: string): Error => Object.assign(new Error(`${code}: no, mkdir '/x'`), { code, path: '/x' })

test.each([
  [failed('ENOSPC'), 'is full. Make room there'],
  ['    causeway serve: database or disk is full', 'is full. Make room there'],
  [failed('EROFS'), 'can only be read'],
  ['    attempt to write a readonly database', 'can only be read'],
  [failed('EACCES'), 'may not be written to by this user'],
  [failed('ENOTDIR'), 'can’t hold a directory of that name'],
])('%s is said in plain words, with what to do', (error, words) => {
  expect(diskWords(error, '/x/demo')).toContain(`The disk or directory at /x/demo ${words}`)
  expect(diskWords(error, '/x/demo')).toContain('npm start -- --dir DIR')
})

test('where the demo tries again by itself, nobody is told to start it', () => {
  const words = diskWords(failed('ENOSPC'), '/x/demo', 'tries-again')
  expect(words).toContain('The disk or directory at /x/demo is full. Make room there and the demo continues.')
  expect(words).not.toContain('npm start')
})

test('what no disk refused is not blamed on one', () => {
  expect(diskWords(failed('ECONNREFUSED'), '/x')).toBeUndefined()
  expect(diskWords('    Error: spawn node ENOENT', '/x')).toBeUndefined()
  expect(diskWords('', '/x')).toBeUndefined()
  expect(isFullDisk(failed('EROFS'))).toBe(false)
})
