import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createPrinting, printable } from './printing.ts'

const HOSTILE = '\u001b]0;a title\u0007\u001b[2J\u009b2J\rover\u202Egpj.exe\u2028\nanother line'

test('text that would clear the screen, set a title or turn its direction is shown, not obeyed', () => {
  const { out, print, warn, redraw } = printing()
  print(HOSTILE)
  warn(HOSTILE)
  redraw(HOSTILE)
  const shown = '\\u001b]0;a title\\u0007\\u001b[2J\\u009b2J\\u000dover\\u202egpj.exe\\u2028\\nanother line'
  expect(out).toEqual([`${shown}\n`, `${shown}\n`, `\r\u001b[K${shown}`])
})

test('JSON stays JSON, and says the same', () => {
  const { out, printJson } = printing()
  printJson({ path: HOSTILE })
  expect(out.join('').replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Zl}]/u)
  expect(JSON.parse(out.join(''))).toEqual({ path: HOSTILE })
})

test('whatever is printed comes out as one line that steers nothing, and twice printable is once', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const { out, print } = printing()
      print(text)
      expect(out.join('')).toMatch(/^[^\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]*\n$/u)
      expect(printable(printable(text))).toBe(printable(text))
    }),
    { seed: 15, numRuns: 500 },
  )
})

function printing() {
  const out: string[] = []
  const take = (text: string): void => void out.push(text)
  return { out, ...createPrinting({ out: take, err: take }) }
}
