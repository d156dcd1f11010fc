import { EntryIdSchema } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { archiveAddress, downloadAddress, pageAddress } from './addresses.ts'

test('names in an address stay names', () => {
  expect(archiveAddress('docs', ['a b/ü?&x', 'c'])).toBe('/api/v1/folders/docs/archive?path=a+b%2F%C3%BC%3F%26x&path=c')
  expect(downloadAddress('docs', 'ash.1')).toBe('/api/files/ash.1/download?folder=docs')
})

test('a link to a file shows it beside what is around it, a link to a directory what is in it', () => {
  const id = EntryIdSchema.parse('ash.1')
  expect(pageAddress('docs', { id, path: 'a/b&c.txt', kind: 'file' })).toBe('/?folder=docs&path=a&entry=ash.1')
  expect(pageAddress('docs', { id, path: 'top.txt', kind: 'file' })).toBe('/?folder=docs&entry=ash.1')
  expect(pageAddress('docs', { id, path: 'a/b', kind: 'directory' })).toBe('/?folder=docs&path=a%2Fb')
})

test('an archive of a directory leaves names out', () => {
  expect(archiveAddress('docs', ['a'], ['x y'])).toBe('/api/v1/folders/docs/archive?path=a&except=x+y')
})

test('too many names make no address', () => {
  expect(
    archiveAddress(
      'docs',
      Array.from({ length: 2000 }, (_, at) => `file-${at}`),
    ),
  ).toBe(null)
})
