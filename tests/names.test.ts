import { mkdir, rename, unlink, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { eventually } from './support/eventually.ts'
import { expectEverywhere, startFleet } from './support/fleet.ts'
import { shared } from './support/hooks.ts'

const fleet = shared(startFleet)

const NAMES = [
  ['spaces inside', 'annual report 2026.txt'],
  ['spaces at both ends', ' padded '],
  ['only a space', ' '],
  ['a newline', 'two\nlines'],
  ['a tab and a carriage return', 'tab\there\r'],
  ['a control character and DEL', 'bell\u0007del\u007f'],
  ['a leading dot', '.hidden'],
  ['three dots', '...'],
  ['a trailing dot', 'trailing.'],
  ['the look of an option', '-rf'],
  ['the look of a long option', '--force'],
  ['double quotes', 'say "hello"'],
  ['single quotes and backticks', "it's `here`"],
  ['a backslash', 'back\\slash'],
  ['shell characters', '$HOME;*?[a]{b}|&<>!#~'],
  ['a percent escape', '100%25 %2e%2e%2f'],
  ['HTML', '<img src=x onerror=alert(1)>'],
  ['accents, composed', 'caf\u00e9'],
  ['an emoji with joiners', '👩‍👩‍👧‍👦'],
  ['right-to-left text', 'שלום עולם'],
  ['a right-to-left override', 'exe\u202etxt.exe'],
  ['Chinese', '文件'],
  ['255 bytes of ASCII', 'a'.repeat(255)],
  ['255 bytes of UTF-8', `${'é'.repeat(127)}x`],
  ['a reserved name of Windows', 'CON'],
  ['a colon', 'a:b'],
  ['a property of every object', '__proto__'],
  ['another property of every object', 'constructor'],
] as const

test.each(NAMES)('a name with %s arrives, for a file and for a directory, and goes', async (title, name) => {
  const { ash, birch } = fleet()
  const below = `name/${NAMES.findIndex(([other]) => other === title)}`
  await mkdir(ash.path(below, 'in', name), { recursive: true })
  await writeFile(ash.path(below, name), 'file')
  await writeFile(ash.path(below, 'in', name, 'child'), 'child')
  await expectEverywhere(
    fleet(),
    below,
    Object.fromEntries([
      [name, 'file'],
      [`in/${name}/child`, 'child'],
    ]),
  )
  await unlink(birch.path(below, name))
  await expectEverywhere(fleet(), below, Object.fromEntries([[`in/${name}/child`, 'child']]))
})

test('twins that differ only in their Unicode form are two files', async () => {
  const { ash, birch } = fleet()
  const [composed, decomposed] = ['caf\u00e9', 'cafe\u0301']
  await mkdir(ash.path('twins'))
  await writeFile(ash.path('twins', composed), 'composed')
  await writeFile(ash.path('twins', decomposed), 'decomposed')
  await expectEverywhere(fleet(), 'twins', { [composed]: 'composed', [decomposed]: 'decomposed' })
  await unlink(birch.path('twins', decomposed))
  await expectEverywhere(fleet(), 'twins', { [composed]: 'composed' })
  await rename(ash.path('twins', composed), ash.path('twins', decomposed))
  await expectEverywhere(fleet(), 'twins', { [decomposed]: 'composed' })
})

test('twins that differ only in case are two files', async () => {
  const { cedar } = fleet()
  await mkdir(cedar.path('cases'))
  await writeFile(cedar.path('cases/Makefile'), 'upper')
  await writeFile(cedar.path('cases/makefile'), 'lower')
  await expectEverywhere(fleet(), 'cases', { Makefile: 'upper', makefile: 'lower' })
})

test('a name that is not Unicode is told as a problem, and its neighbours sync', async () => {
  const { ash, birch } = fleet()
  await mkdir(ash.path('latin'))
  await writeFile(
    Buffer.concat([Buffer.from(`${ash.path('latin')}/`), Buffer.from([0x63, 0x61, 0x66, 0xe9])]),
    'latin-1',
  )
  await writeFile(ash.path('latin/note.txt'), 'text')
  await eventually('the neighbour has arrived', async () => {
    expect(await birch.view('latin')).toEqual({ 'note.txt': 'text' })
  })
  const { problems } = await ash.status()
  expect(problems.some(({ path }) => path.startsWith('latin/'))).toBe(true)
})
