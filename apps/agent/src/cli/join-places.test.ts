import { expect, test } from 'vitest'
import { placesFor } from './join-places.ts'

const BOTH = ['our-photos', 'work']

test.each<readonly [what: string, folders: readonly string[], typed: readonly string[], expected: readonly string[]]>([
  ['one folder goes into the directory that was typed', ['work'], ['w'], ['/home/w']],
  ['a directory for one folder may hold a sign of equality', ['work'], ['a=b'], ['/home/a=b']],
  ['one folder may be named too', ['work'], ['Work=w'], ['/home/w']],
  ['several folders go below one directory, each into one of its own', BOTH, ['.'], ['/home/our-photos', '/home/work']],
  ['each folder goes where it was told to', BOTH, ['work=/srv/w', 'our-photos=p'], ['/home/p', '/srv/w']],
  ['a folder may be called by its name', BOTH, ['Our photos=p', 'work=w'], ['/home/p', '/home/w']],
  ['what was not named goes below the directory', BOTH, ['work=w', 'rest'], ['/home/rest/our-photos', '/home/w']],
])('%s', (_what, folders, typed, expected) => {
  const places = placesFor(folders, typed, '/home')
  expect(places).toEqual(folders.map((folder, at) => ({ folder, directory: expected[at] })))
})

test.each<readonly [what: string, folders: readonly string[], typed: readonly string[], words: string]>([
  ['a folder without a place', BOTH, ['work=w'], 'Say where each goes: our-photos=DIR;'],
  ['two directories for one folder', ['work'], ['a', 'b'], 'name one directory for it'],
  ['two directories of which nobody knows whose they are', BOTH, ['a', 'b'], 'our-photos=DIR work=DIR'],
  ['a directory that is nobody’s', BOTH, ['work=w', 'our-photos=p', 'third=x'], 'our-photos=DIR work=DIR'],
  ['a folder with two directories', BOTH, ['work=w', 'work=v', 'our-photos=p'], 'work has two directories'],
])('%s is refused in words', (_what, folders, typed, words) => {
  expect(() => placesFor(folders, typed, '/home')).toThrow(expect.objectContaining({ code: 'bad-request' }))
  expect(() => placesFor(folders, typed, '/home')).toThrow(words)
})
