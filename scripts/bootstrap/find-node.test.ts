import { expect, test } from 'vitest'
import { isNewEnough } from './find-node.mjs'

test.each([
  ['24.12.0', true],
  ['24.21.0', true],
  ['26.0.0', true],
  ['24.11.9', false],
  ['20.20.2', false],
  ['', false],
  ['no version', false],
])('%s: %s', (version, enough) => {
  expect(isNewEnough(version)).toBe(enough)
})
