import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkName, checkPath, collisionKey, portabilityProblem } from './names.ts'

describe('checkName', () => {
  test.each([
    ['', 'empty'],
    ['.', 'dots'],
    ['..', 'dots'],
    ['a/b', 'separator'],
    ['/', 'separator'],
    ['a\0b', 'nul'],
    ['x'.repeat(256), 'too-long'],
    ['é'.repeat(128), 'too-long'],
    ['😀'.repeat(64), 'too-long'],
    ['half \ud83d of a pair', 'not-unicode'],
    ['\udc00', 'not-unicode'],
    ['.causeway', 'reserved'],
    ['.Causeway', 'reserved'],
    ['.CAUSEWAY', 'reserved'],
    ['.cau\u200cseway', 'reserved'],
    ['.causeway.', 'reserved'],
    ['.causeway ', 'reserved'],
  ])('%j is refused as %s', (name, reason) => {
    expect(checkName(name)?.reason).toBe(reason)
  })

  test.each([
    ['...'],
    [' '],
    ['-rf'],
    ['.hidden'],
    ['a\nb'],
    ['tab\there'],
    ['back\\slash'],
    ['C:stream'],
    ['con'],
    ['trailing.'],
    ['x'.repeat(255)],
    ['é'.repeat(127)],
    ['😀'.repeat(63)],
    ['.causewayignore'],
    ['causeway'],
    ['.causeway-old'],
    ['__proto__'],
  ])('%j is a name', (name) => {
    expect(checkName(name)).toBeNull()
  })
})

describe('checkPath', () => {
  test.each([
    ['', 'empty'],
    ['/a', 'empty'],
    ['a/', 'empty'],
    ['a//b', 'empty'],
    ['a/../b', 'dots'],
    ['./a', 'dots'],
    ['a/.causeway/b', 'reserved'],
    ['a/\ud800', 'not-unicode'],
    [Array(257).fill('d').join('/'), 'too-deep'],
    [Array(20).fill('x'.repeat(210)).join('/'), 'path-too-long'],
  ])('%j is refused as %s', (path, reason) => {
    expect(checkPath(path)?.reason).toBe(reason)
  })

  test.each([
    ['a'],
    ['a/b c/.d\n/é'],
    [Array(256).fill('d').join('/')],
    [`${'x'.repeat(255)}/`.repeat(15) + 'x'.repeat(255)],
  ])('%j is a path', (path) => {
    expect(checkPath(path)).toBeNull()
  })

  test('is a path exactly if each of its names is a name', () => {
    const anyName = fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom('.', '..', '.causeway', 'a'))
    fc.assert(
      fc.property(fc.array(anyName, { minLength: 1, maxLength: 6 }), (names) => {
        const expected = names.every((name) => name.split('/').every((part) => checkName(part) === null))
        expect(checkPath(names.join('/')) === null).toBe(expected)
      }),
    )
  })
})

describe('portabilityProblem', () => {
  test.each([
    ['con', 'reserved-device'],
    ['NUL.txt', 'reserved-device'],
    ['Aux.tar.gz', 'reserved-device'],
    ['com1', 'reserved-device'],
    ['LPT9.log', 'reserved-device'],
    ['com¹', 'reserved-device'],
    ['CONIN$', 'reserved-device'],
    ['prn .txt', 'reserved-device'],
    ['end.', 'trailing-dot-or-space'],
    ['end ', 'trailing-dot-or-space'],
    ['...', 'trailing-dot-or-space'],
    ['12:30.txt', 'stream'],
    ['a\\b', 'backslash'],
    ['what?', 'forbidden-character'],
    ['a*b', 'forbidden-character'],
    ['<tag>', 'forbidden-character'],
    ['"said"', 'forbidden-character'],
    ['a|b', 'forbidden-character'],
    ['a\nb', 'forbidden-character'],
    ['\x01', 'forbidden-character'],
  ])('%j: %s', (name, reason) => {
    expect(portabilityProblem(name)?.reason).toBe(reason)
  })

  test.each([
    ['console'],
    ['com'],
    ['com10'],
    ['nulls.txt'],
    ['a con'],
    ['.hidden'],
    ['a.b.c'],
    [' leading'],
    ['é 😀'],
    ['a\x7f'],
  ])('%j fits everywhere', (name) => {
    expect(portabilityProblem(name)).toBeNull()
  })
})

describe('collisionKey', () => {
  test.each([
    ['README', 'readme'],
    ['\u00e9', 'e\u0301'],
    ['\u00c9', 'e\u0301'],
    ['ΣΑΣ', 'σας'],
    ['STRASSE', 'straße'],
    ['STRAẞE', 'straße'],
    ['\u212a', 'k'],
    ['ſ', 's'],
    ['\u212b', '\u00e5'],
    ['ﬀ', 'FF'],
    ['𐐀', '𐐨'],
  ])('%j and %j collide', (a, b) => {
    expect(collisionKey(a)).toBe(collisionKey(b))
  })

  test.each([
    ['a', 'b'],
    ['e', 'é'],
    ['ılık', 'ilik'],
    ['a ', 'a'],
    ['\u65e5', '\u672c'],
  ])('%j and %j do not', (a, b) => {
    expect(collisionKey(a)).not.toBe(collisionKey(b))
  })

  test('is a key: its own key, and that of every form of the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 12 }), (name) => {
        const key = collisionKey(name)
        expect(collisionKey(key)).toBe(key)
        expect(collisionKey(name.normalize('NFC'))).toBe(key)
        expect(collisionKey(name.normalize('NFD'))).toBe(key)
        expect(collisionKey(name.toLowerCase())).toBe(key)
      }),
      { numRuns: 1000 },
    )
  })
})
