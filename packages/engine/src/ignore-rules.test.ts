import type { EntryKind } from '@causeway/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createIgnoreRules } from './ignore-rules.ts'

describe('patterns', () => {
  test.each<[string, string, EntryKind, boolean]>([
    ['*.log', 'a.log', 'file', true],
    ['*.log', 'deep/in/a.log', 'file', true],
    ['*.log', 'a.LOG', 'file', false],
    ['/only-root', 'only-root', 'file', true],
    ['/only-root', 'sub/only-root', 'file', false],
    ['build/', 'build', 'directory', true],
    ['build/', 'build', 'file', false],
    ['build/', 'build', 'symlink', false],
    ['build/', 'build/a/b.txt', 'file', true],
    ['a/**/z', 'a/b/c/z', 'file', true],
    ['*.log\n!keep.log', 'keep.log', 'file', false],
    ['dir/\n!dir/keep', 'dir/keep', 'file', true],
    ['with space', 'with space', 'file', true],
    ['trailing\\ ', 'trailing ', 'file', true],
    ['trailing ', 'trailing', 'file', true],
    ['# a comment', '# a comment', 'file', false],
    ['\\#hash', '#hash', 'file', true],
    ['\\!bang', '!bang', 'file', true],
    ['été/*.TXT', 'été/ü.TXT', 'file', true],
    ['日本/', '日本', 'directory', true],
    ['[[:digit:]]x', '7x', 'file', true],
    ['[]a]x', ']x', 'file', true],
    ['x[\\]]', 'x]', 'file', true],
    ['\ufeffbom', 'bom', 'file', true],
    ['dos\r\nlines\r\n', 'dos', 'file', true],
    ['*.txt', 'two\nlines.txt', 'file', true],
    ['a/**', 'a/\n/b', 'file', true],
    ['**/foo', 'a\nb/foo', 'file', true],
    ['toString', 'constructor', 'file', false],
    ['__proto__', '__proto__', 'file', true],
  ])('%j on %j (%s): %s', (text, path, kind, ignored) => {
    const rules = createIgnoreRules(text)
    expect(rules.problems).toEqual([])
    expect(rules.isIgnored(path, kind)).toBe(ignored)
  })
})

describe('paths that the library refuses by itself', () => {
  test.each([
    ['./a.log'],
    ['../a.log'],
    ['/a.log'],
    ['.../a.log'],
    ['a//b.log'],
    ['C:/a.log'],
    [' /a.log'],
    ['-/\n/\u2028/a.log'],
  ])('%j is looked at like any other', (path) => {
    expect(createIgnoreRules('*.log').isIgnored(path, 'file')).toBe(true)
    expect(createIgnoreRules('*.txt').isIgnored(path, 'file')).toBe(false)
  })
})

describe('what no rule changes', () => {
  const everything = createIgnoreRules('*\n.*\n.causewayignore\n!.causeway\n!.causeway/**')

  test('the rules themselves are synced', () => {
    expect(everything.isIgnored('.causewayignore', 'file')).toBe(false)
  })

  test('in a directory below they are a file like any other', () => {
    expect(everything.isIgnored('sub/.causewayignore', 'file')).toBe(true)
    expect(createIgnoreRules(null).isIgnored('sub/.causewayignore', 'file')).toBe(false)
  })

  test('the root never stays out', () => {
    expect(everything.isIgnored('', 'directory')).toBe(false)
  })

  test.each([['.causeway'], ['.causeway/marker.json'], ['sub/.causeway'], ['sub/.causeway/staging/x']])(
    "%s is Causeway's own",
    (path) => {
      expect(everything.isIgnored(path, 'directory')).toBe(true)
      expect(createIgnoreRules('!.causeway').isIgnored(path, 'directory')).toBe(true)
    },
  )
})

describe('defaults', () => {
  const rules = createIgnoreRules(null)

  test.each<[string, EntryKind]>([
    ['.DS_Store', 'file'],
    ['deep/down/.DS_Store', 'file'],
    ['Icon\r', 'file'],
    ['.Spotlight-V100', 'directory'],
    ['Thumbs.db', 'file'],
    ['pictures/desktop.ini', 'file'],
    ['$RECYCLE.BIN/S-1-5/x', 'file'],
    ['System Volume Information', 'directory'],
    ['.Trash-1000/files/a', 'file'],
    ['.fuse_hidden0000000200000001', 'file'],
    ['.nfs00000000018a1b2c00000001', 'file'],
    ['~$Report.docx', 'file'],
    ['.~lock.Report.odt#', 'file'],
    ['~WRL0003.tmp', 'file'],
    ['.notes.txt.swp', 'file'],
    ['.notes.txt.swo', 'file'],
    ['.#notes.txt', 'symlink'],
    ['#notes.txt#', 'file'],
    ['.goutputstream-X1Y2Z3', 'file'],
    ['main.ts___jb_tmp___', 'file'],
  ])('%j is litter', (path, kind) => {
    expect(rules.isIgnored(path, kind)).toBe(true)
  })

  test.each<[string, EntryKind]>([
    ['Icon', 'file'],
    ['thumbs.db.txt', 'file'],
    ['notes.txt~', 'file'],
    ['a.bak', 'file'],
    ['film.swf', 'file'],
    ['a.swp', 'file'],
    ['a.tmp', 'file'],
    ['.git', 'directory'],
    ['.git/index.lock', 'file'],
    ['node_modules', 'directory'],
    ['.env', 'file'],
    ['#channel', 'file'],
    ['.nfsrc', 'file'],
    ['~', 'directory'],
    ['._resource', 'file'],
  ])('%j is not', (path, kind) => {
    expect(rules.isIgnored(path, kind)).toBe(false)
  })

  test('a line in the file takes one back', () => {
    expect(createIgnoreRules('!Thumbs.db').isIgnored('Thumbs.db', 'file')).toBe(false)
  })
})

describe('a line that can match nothing', () => {
  test.each([
    ['[', 'a [ has no ] that belongs to it'],
    ['a[b', 'a [ has no ] that belongs to it'],
    ['[]', 'a [ has no ] that belongs to it'],
    ['[!]', 'a [ has no ] that belongs to it'],
    ['x[\\]', 'a [ has no ] that belongs to it'],
    ['[[:alpha:]', 'a [ has no ] that belongs to it'],
    ['end\\', 'nothing follows the last backslash'],
    ['/', 'a slash alone names nothing'],
    ['//', 'a slash alone names nothing'],
    ['!', 'nothing follows the exclamation mark'],
    ['x'.repeat(5000), 'the pattern is over 4096 characters long'],
    ['**/a/**/b/**/c', 'more than 2 ** before a name take too long to match'],
  ])('%j is reported, and the others hold', (line, message) => {
    const rules = createIgnoreRules(`*.log\n${line}\n*.tmp`)
    expect(rules.problems).toEqual([{ line: 2, pattern: line.slice(0, 200), message }])
    expect(rules.isIgnored('a.log', 'file')).toBe(true)
    expect(rules.isIgnored('a.tmp', 'file')).toBe(true)
    expect(rules.isIgnored('other', 'file')).toBe(false)
  })

  test.each([
    ['\\['],
    ['[[]'],
    ['[]]'],
    ['[!]]'],
    ['end\\\\'],
    [']'],
    ['[\\]]'],
    ['**/a/**/b/**'],
    ['a/**/b/**/c/**'],
    ['   '],
    ['{a,b}'],
    ['('],
  ])('%j is not reported', (line) => {
    expect(createIgnoreRules(line).problems).toEqual([])
  })

  test('only so many lines are read', () => {
    const rules = createIgnoreRules(`${'a\n'.repeat(10_000)}late`)
    expect(rules.problems).toEqual([{ line: 10_001, pattern: '', message: 'only the first 10000 lines are used' }])
    expect(rules.isIgnored('late', 'file')).toBe(false)
  })
})

test('no text and no path make it throw, and the answer to a question never changes', () => {
  const anyLine = fc.oneof(
    fc.string({ unit: fc.constantFrom(...Array.from('ab*?[]!\\/#-^: .\n\r{}()+$|')), maxLength: 12 }),
    fc.string({ unit: 'binary', maxLength: 8 }),
  )
  const anyPath = fc.oneof(
    fc.string({ unit: fc.constantFrom(...Array.from('ab./\n\\ :')), maxLength: 8 }),
    fc.string({ unit: 'binary' }),
  )
  const anyKind = fc.constantFrom<EntryKind>('file', 'directory', 'symlink')
  fc.assert(
    fc.property(fc.array(anyLine, { maxLength: 4 }), anyPath, anyKind, (lines, path, kind) => {
      const rules = createIgnoreRules(lines.join('\n'))
      expect(rules.isIgnored(path, kind)).toBe(rules.isIgnored(path, kind))
    }),
    { numRuns: 500 },
  )
})

test('what lies in a directory that stays out stays out too', () => {
  const anyName = fc.constantFrom('a', 'b', 'c.log', 'd e')
  const anyLines = fc.array(fc.constantFrom('a', 'a/', '/b', '*.log', '!a', '!c.log', 'a/b', '**/b', 'd*'), {
    maxLength: 5,
  })
  fc.assert(
    fc.property(anyLines, fc.array(anyName, { minLength: 2, maxLength: 4 }), (lines, names) => {
      const rules = createIgnoreRules(lines.join('\n'))
      const above = names.slice(0, -1).join('/')
      fc.pre(rules.isIgnored(above, 'directory'))
      expect(rules.isIgnored(names.join('/'), 'file')).toBe(true)
    }),
  )
})

test('answers stay the same however many paths were asked about', () => {
  const rules = createIgnoreRules('*.log')
  const changedAt = Array.from({ length: 45_000 }, (_, i) => i).find(
    (i) => !rules.isIgnored(`${i}.log`, 'file') || rules.isIgnored(`${i}`, 'file'),
  )
  expect(changedAt).toBeUndefined()
})
