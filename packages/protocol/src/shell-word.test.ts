import { expect, test } from 'vitest'
import { shellWord } from './shell-word.ts'

test('a name is one word to a shell', () => {
  expect(['Photos', 'Our photos', "Ada's"].map(shellWord)).toEqual(['Photos', "'Our photos'", String.raw`'Ada'\''s'`])
})

test('nothing in a word is run, expanded or left out', () => {
  for (const text of ['', '$HOME', '`id`', '~', '=ls', 'a;b', '*', 'a\nb', '!!', '#', '(x)', 'a\\b']) {
    expect(shellWord(text)).toBe(`'${text}'`)
  }
})
