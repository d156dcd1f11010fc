import { expect, test } from 'vitest'
import { fileKind, previewKind, textOf } from './preview-kind.ts'

test.each([
  ['notes.md', 10, 'perhaps-text'],
  ['Makefile', 10, 'perhaps-text'],
  ['page.html', 10, 'perhaps-text'],
  ['page.HTML', 2_000_000, 'too-large'],
  ['photo.JPG', 5_000_000, 'image'],
  ['photo.png', 500_000_000, 'too-large'],
  ['drawing.svg', 10, 'image'],
  ['paper.pdf', 10, 'pdf'],
  ['song.flac', 5_000_000_000, 'audio'],
  ['film.mp4', 5_000_000_000, 'video'],
  ['all.zip', 10, 'none'],
  ['photo.png.txt', 10, 'perhaps-text'],
] as const)('%s of %d bytes is shown as %s', (name, size, kind) => {
  expect(previewKind(name, size).kind).toBe(kind)
})

test.each([
  ['Photo.JPG', 'image'],
  ['notes.md', 'text'],
  ['budget.csv', 'table'],
  ['main.ts', 'code'],
  ['backup.tar.gz', 'archive'],
  ['song.opus', 'audio'],
  ['constructor', 'other'],
  ['a.constructor', 'other'],
] as const)('%s is shown as %s', (name, kind) => {
  expect(fileKind(name)).toBe(kind)
})

test('no name leads to a type that a browser would run as a page', () => {
  for (const name of ['a.html', 'a.htm', 'a.xhtml', 'a.xml', 'a.js', 'a.svgz', 'a.mht', 'a']) {
    expect(previewKind(name, 10)).not.toHaveProperty('type')
  }
})

test('text is told from other bytes', () => {
  const utf8 = new TextEncoder()
  expect(textOf(utf8.encode('grüße\n'))).toBe('grüße\n')
  expect(textOf(new Uint8Array([0x67, 0xfc, 0x0a]))).toBe('gü\n')
  expect(textOf(new Uint8Array([0xff, 0xfe, 0x61, 0x00]))).toBe('a')
  expect(textOf(new Uint8Array([0x50, 0x4b, 3, 4, 0]))).toBe(null)
  expect(textOf(new Uint8Array([0xfc, 1, 2]))).toBe(null)
  expect(textOf(new Uint8Array())).toBe('')
})
