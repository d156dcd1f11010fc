import { expect, test } from 'vitest'
import { HiddenLine } from './ask.ts'

test('a hidden line ends with Enter, and can be corrected, cleared and given up', () => {
  const line = new HiddenLine()
  expect([line.take('secreft'), line.take('\u007F\u007F'), line.take('et'), line.take('\r')]).toEqual([
    'more',
    'more',
    'more',
    'done',
  ])
  expect(line.line).toBe('secreet')
  const cleared = new HiddenLine()
  expect(cleared.take('wrong\u0015gr\u00FC\u00DFe \u{1F600}x\u007F\n')).toBe('done')
  expect(cleared.line).toBe('gr\u00FC\u00DFe \u{1F600}')
  expect(new HiddenLine().take('abc\u0003')).toBe('cancelled')
})
