import { expect, test } from 'vitest'
import { FolderIdSchema } from './ids.ts'
import { folderWord, shellWord } from './shell-word.ts'

test('a name is one word to a shell', () => {
  expect(['Photos', 'Our photos', "Ada's"].map(shellWord)).toEqual(['Photos', "'Our photos'", String.raw`'Ada'\''s'`])
})

test('nothing in a word is run, expanded or left out', () => {
  for (const text of ['', '$HOME', '`id`', '~', '=ls', 'a;b', '*', 'a\nb', '!!', '#', '(x)', 'a\\b']) {
    expect(shellWord(text)).toBe(`'${text}'`)
  }
})

test('a folder whose name would steer a terminal is named by its id', () => {
  const id = FolderIdSchema.parse('work')
  expect(folderWord({ id, name: 'Our work' })).toBe("'Our work'")
  for (const name of ['work\u202Efdp', '\u001B[201~\nid', 'a\u0003']) expect(folderWord({ id, name })).toBe('work')
})
