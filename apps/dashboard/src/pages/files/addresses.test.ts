import { expect, test } from 'vitest'
import { archiveAddress, downloadAddress } from './addresses.ts'

test('names in an address stay names', () => {
  expect(archiveAddress('docs', ['a b/ü?&x', 'c'])).toBe('/api/v1/folders/docs/archive?path=a+b%2F%C3%BC%3F%26x&path=c')
  expect(downloadAddress('docs', 'ash.1')).toBe('/api/files/ash.1/download?folder=docs')
})

test('too many names make no address', () => {
  expect(
    archiveAddress(
      'docs',
      Array.from({ length: 2000 }, (_, at) => `file-${at}`),
    ),
  ).toBe(null)
})
