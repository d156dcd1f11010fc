import { appendFile, mkdir, truncate, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { expectEverywhere, startFleet } from './support/fleet.ts'
import { shared } from './support/hooks.ts'
import { Random } from './support/random.ts'
import { sha256Of } from './support/tree.ts'

const fleet = shared(startFleet)

test('a new file appears on every node', async () => {
  const { ash } = fleet()
  await mkdir(ash.path('create'))
  await writeFile(ash.path('create/note.txt'), 'hello')
  await expectEverywhere(fleet(), 'create', { 'note.txt': 'hello' })
})

test('a file in a new directory ten levels deep appears with its directories', async () => {
  const { birch } = fleet()
  await mkdir(birch.path('deep/1/2/3/4/5/6/7/8/9'), { recursive: true })
  await writeFile(birch.path('deep/1/2/3/4/5/6/7/8/9/note.txt'), 'down here')
  await expectEverywhere(fleet(), 'deep', { '1/2/3/4/5/6/7/8/9/note.txt': 'down here' })
})

test('an edit on one node and then on another arrives everywhere, without a conflict', async () => {
  const { ash, birch } = fleet()
  await mkdir(ash.path('edit'))
  await writeFile(ash.path('edit/note.txt'), 'first')
  await expectEverywhere(fleet(), 'edit', { 'note.txt': 'first' })
  await writeFile(birch.path('edit/note.txt'), 'second')
  await expectEverywhere(fleet(), 'edit', { 'note.txt': 'second' })
  await writeFile(ash.path('edit/note.txt'), 'third')
  await expectEverywhere(fleet(), 'edit', { 'note.txt': 'third' })
})

test('text appended to a file arrives everywhere', async () => {
  const { cedar } = fleet()
  await mkdir(cedar.path('append'))
  await writeFile(cedar.path('append/log.txt'), 'one\n')
  await expectEverywhere(fleet(), 'append', { 'log.txt': 'one\n' })
  await appendFile(cedar.path('append/log.txt'), 'two\n')
  await expectEverywhere(fleet(), 'append', { 'log.txt': 'one\ntwo\n' })
})

test('a file cut short is cut short everywhere, down to nothing', async () => {
  const { ash } = fleet()
  await mkdir(ash.path('truncate'))
  await writeFile(ash.path('truncate/note.txt'), 'a long story')
  await expectEverywhere(fleet(), 'truncate', { 'note.txt': 'a long story' })
  await truncate(ash.path('truncate/note.txt'), 6)
  await expectEverywhere(fleet(), 'truncate', { 'note.txt': 'a long' })
  await truncate(ash.path('truncate/note.txt'), 0)
  await expectEverywhere(fleet(), 'truncate', { 'note.txt': '' })
})

test('a file that was empty from the start arrives, and later its first content', async () => {
  const { birch } = fleet()
  await mkdir(birch.path('empty'))
  await writeFile(birch.path('empty/nothing'), '')
  await expectEverywhere(fleet(), 'empty', { nothing: '' })
  await writeFile(birch.path('empty/nothing'), 'something')
  await expectEverywhere(fleet(), 'empty', { nothing: 'something' })
})

test.each([
  ['just below what travels in one message', 64 * 1024 - 1],
  ['exactly what travels in one message', 64 * 1024],
  ['one byte more than travels in one message', 64 * 1024 + 1],
  ['exactly one largest chunk', 1024 * 1024],
  ['several chunks', 5_000_001],
])('a file of %s arrives, and so does an edit in its middle', async (_name, sizeBytes) => {
  const { ash, birch } = fleet()
  const below = `size-${sizeBytes}`
  const bytes = new Random(sizeBytes).bytes(sizeBytes)
  await mkdir(ash.path(below))
  await writeFile(ash.path(below, 'data.bin'), bytes)
  await expectEverywhere(fleet(), below, { 'data.bin': `sha256:${await sha256Of(ash.path(below, 'data.bin'))}` })
  bytes.write('an edit', Math.floor(sizeBytes / 2))
  await writeFile(birch.path(below, 'data.bin'), bytes)
  await expectEverywhere(fleet(), below, { 'data.bin': `sha256:${await sha256Of(birch.path(below, 'data.bin'))}` })
})

test('a thousand files written at once arrive, each with its own content', async () => {
  const { cedar } = fleet()
  await mkdir(cedar.path('many'))
  const expected: Record<string, string> = {}
  for (let i = 0; i < 1000; i++) {
    expected[`file-${i}.txt`] = `content ${i}`
    await writeFile(cedar.path('many', `file-${i}.txt`), `content ${i}`)
  }
  await expectEverywhere(fleet(), 'many', expected)
  expect(Object.keys(expected)).toHaveLength(1000)
})
