import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { conflictName } from './conflict-name.ts'
import { checkName } from './names.ts'
import { utf8Length } from './utf8.ts'

const AT = '2026-11-22T14:03:07.512Z'
const MARK = '(conflict, NAS, 2026-11-22 14.03.07)'

function nameOf(name: string, { nodeName = 'NAS', at = AT, taken = [] as readonly string[] } = {}): string {
  return conflictName({ name, nodeName, at, isTaken: (candidate) => taken.includes(candidate) })
}

test.each([
  ['report.docx', `report ${MARK}.docx`],
  ['Makefile', `Makefile ${MARK}`],
  ['archive.tar.gz', `archive ${MARK}.tar.gz`],
  ['ARCHIVE.TAR.XZ', `ARCHIVE ${MARK}.TAR.XZ`],
  ['photo.2026.jpg', `photo.2026 ${MARK}.jpg`],
  ['.bashrc', `.bashrc ${MARK}`],
  ['.config.json', `.config ${MARK}.json`],
  ['.tar.gz', `.tar ${MARK}.gz`],
  ['v1.2 final draft', `v1.2 final draft ${MARK}`],
  ['ends.', `ends. ${MARK}`],
  ['a.extension-of-many-letters', `a.extension-of-many-letters ${MARK}`],
  ['resümee.текст', `resümee ${MARK}.текст`],
  ['two\nlines.txt', `two\nlines ${MARK}.txt`],
  ['(draft).md', `(draft) ${MARK}.md`],
])('%j becomes %j', (name, copy) => {
  expect(nameOf(name)).toBe(copy)
})

test('a number is added while the name is taken', () => {
  const taken = [`a ${MARK}.txt`, 'a (conflict, NAS, 2026-11-22 14.03.07, 2).txt']
  expect(nameOf('a.txt', { taken })).toBe('a (conflict, NAS, 2026-11-22 14.03.07, 3).txt')
})

test('a directory full of every name is an error, not an endless search', () => {
  expect(() => conflictName({ name: 'a', nodeName: 'NAS', at: AT, isTaken: () => true })).toThrow(/names are taken/)
})

describe('a copy of a copy', () => {
  test.each([
    [`report (conflict, phone, 2025-01-01 00.00.00).docx`, `report ${MARK}.docx`],
    [`report (conflict, phone, 2025-01-01 00.00.00, 12).docx`, `report ${MARK}.docx`],
    [`report (conflict, a, 2025-01-01 00.00.00) (conflict, b, 2025-01-01 00.00.00).docx`, `report ${MARK}.docx`],
    [`.bashrc (conflict, phone, 2025-01-01 00.00.00)`, `.bashrc ${MARK}`],
    [`archive (conflict, a, b, 2025-01-01 00.00.00).tar.gz`, `archive ${MARK}.tar.gz`],
    [`report (conflict, phone).docx`, `report (conflict, phone) ${MARK}.docx`],
    [` (conflict, phone, 2025-01-01 00.00.00)`, ` (conflict, phone, 2025-01-01 00.00.00) ${MARK}`],
  ])('%j replaces the mark', (name, copy) => {
    expect(nameOf(name)).toBe(copy)
  })
})

describe('the node name', () => {
  test.each([
    ['Ann/s "laptop"', 'Ann-s -laptop-'],
    ['../..', '..-..'],
    ['a\\b:c\nd\0e', 'a-b-c-d-e'],
    ['box (old)', 'box -old-'],
    ['  ', 'node'],
    ['', 'node'],
    ['büro', 'büro'],
    ['x'.repeat(200), 'x'.repeat(64)],
    ['half \ud83d', 'half \ufffd'],
  ])('%j is written %j', (nodeName, written) => {
    expect(nameOf('a', { nodeName })).toBe(`a (conflict, ${written}, 2026-11-22 14.03.07)`)
  })
})

describe('a long name', () => {
  test('is cut before the mark, and keeps its extension', () => {
    const copy = nameOf(`${'x'.repeat(251)}.txt`)
    expect(copy).toBe(`${'x'.repeat(255 - MARK.length - 5)} ${MARK}.txt`)
    expect(utf8Length(copy)).toBe(255)
  })

  test('is never cut within a character', () => {
    const family = '👨‍👩‍👧'
    expect(nameOf(`ten bytes:${family.repeat(13)}`)).toBe(`ten bytes:${family.repeat(11)} ${MARK}`)
  })

  test('of one character that has no end is cut within it', () => {
    expect(nameOf(`a${'\u0301'.repeat(120)}`)).toBe(`a${'\u0301'.repeat(108)} ${MARK}`)
  })

  test('leaves no space at the cut', () => {
    expect(nameOf(`${'x'.repeat(217)} ${'y'.repeat(30)}`)).toBe(`${'x'.repeat(217)} ${MARK}`)
  })
})

test.each([['2026-11-22T14:03:07+01:00'], ['2026-11-22'], ['now'], ['']])('%j is no time in UTC', (at) => {
  expect(() => nameOf('a', { at })).toThrow(/no UTC time/)
})

describe('for any name', () => {
  const anyName = fc
    .oneof(
      fc.string({ unit: 'binary', maxLength: 90 }),
      fc.string({ unit: 'grapheme', minLength: 40, maxLength: 120 }),
      fc.constantFrom('a.txt', '.a', 'a.tar.gz'),
      fc.tuple(fc.string({ maxLength: 20 }), fc.string({ maxLength: 5 })).map(([stem, end]) => `${stem}.${end}`),
    )
    .filter((name) => checkName(name) === null)
  const anyNodeName = fc.string({ unit: 'binary', maxLength: 80 })

  test('the copy is a name, another one, and not taken', () => {
    fc.assert(
      fc.property(anyName, anyNodeName, fc.nat(3), (name, nodeName, collisions) => {
        const taken = new Set([name])
        for (let i = 0; i <= collisions; i++) {
          const copy = conflictName({ name, nodeName, at: AT, isTaken: (candidate) => taken.has(candidate) })
          expect(checkName(copy)).toBeNull()
          expect(taken.has(copy)).toBe(false)
          taken.add(copy)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('conflicts upon conflicts do not make the name longer', () => {
    fc.assert(
      fc.property(anyName, anyNodeName, (name, nodeName) => {
        const first = nameOf(name, { nodeName })
        const third = nameOf(nameOf(first, { nodeName: 'another' }), { nodeName })
        expect(utf8Length(third)).toBeLessThanOrEqual(utf8Length(first))
        expect(third.split('(conflict').length).toBe(first.split('(conflict').length)
      }),
      { numRuns: 500 },
    )
  })
})
