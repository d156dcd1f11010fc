import { expect, test } from 'vitest'
import { SyncError } from './error-codes.ts'
import { asSyncError, systemAdvice, systemError, systemReason } from './system-errors.ts'

function thrown(code: string, message: string, more: object = {}): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code, ...more })
}

test.each([
  ['EACCES', 'permission denied'],
  ['EADDRINUSE', 'another program has this port'],
  ['EEXIST', 'something else is there already'],
  ['ENOSPC', 'no space is left on the disk'],
  ['EROFS', 'the file system is read-only'],
])('%s is told as: %s', (code, words) => {
  expect(systemReason(thrown(code, 'whatever the system says'))).toBe(words)
})

test('a refusal that has no words here is told in the system’s, without its name, its call and the path', () => {
  expect(systemReason(thrown('EMLINK', "too many links, link '/a' -> '/b'"))).toBe('too many links')
  expect(systemReason(new Error('plain'))).toBe('plain')
})

test('what was tried, and on what, stands before the reason; a full disk has a code of its own', () => {
  const refused = systemError('cannot write /x', thrown('EACCES', 'permission denied, open /x'))
  expect(refused).toMatchObject({ code: 'io-error', message: 'cannot write /x: permission denied' })
  expect(systemAdvice(refused)).toContain('choose another path')
  expect(systemError('cannot write /x', thrown('ENOSPC', 'no space left'))).toMatchObject({ code: 'disk-full' })
  const told = new SyncError('halted', 'said already')
  expect(systemError('cannot write /x', told)).toBe(told)
})

test('where nobody said what was tried, the call and the path that the system notes do', () => {
  const error = thrown('EACCES', 'permission denied', { syscall: 'mkdir', path: '/data/x' })
  expect(asSyncError(error)?.message).toBe('cannot create the directory /data/x: permission denied')
  const taken = thrown('EADDRINUSE', 'in use', { syscall: 'listen', address: '127.0.0.1', port: 80 })
  expect(asSyncError(taken)?.message).toBe('cannot listen on 127.0.0.1:80: another program has this port')
  expect(asSyncError(new TypeError('a fault of the program'))).toBeUndefined()
})
