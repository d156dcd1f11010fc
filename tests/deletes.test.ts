import { mkdir, rm, rmdir, unlink, writeFile } from 'node:fs/promises'
import { test } from 'vitest'
import { converged, expectEverywhere, startFleet } from './support/fleet.ts'
import { shared } from './support/hooks.ts'

const fleet = shared(startFleet)

test('a deleted file is gone everywhere, and its neighbour stays', async () => {
  const { ash, birch } = fleet()
  await mkdir(ash.path('one'))
  await writeFile(ash.path('one/gone.txt'), 'going')
  await writeFile(ash.path('one/stays.txt'), 'staying')
  await expectEverywhere(fleet(), 'one', { 'gone.txt': 'going', 'stays.txt': 'staying' })
  await unlink(birch.path('one/gone.txt'))
  await expectEverywhere(fleet(), 'one', { 'stays.txt': 'staying' })
})

test('a deleted file that is written again is the new one everywhere', async () => {
  const { ash, birch } = fleet()
  await mkdir(ash.path('again'))
  await writeFile(ash.path('again/note.txt'), 'first life')
  await expectEverywhere(fleet(), 'again', { 'note.txt': 'first life' })
  await unlink(ash.path('again/note.txt'))
  await expectEverywhere(fleet(), 'again', {})
  await writeFile(birch.path('again/note.txt'), 'second life')
  await expectEverywhere(fleet(), 'again', { 'note.txt': 'second life' })
})

test('a deleted file that is written again at once is the new one everywhere', async () => {
  const { cedar } = fleet()
  await mkdir(cedar.path('at-once'))
  await writeFile(cedar.path('at-once/note.txt'), 'old')
  await expectEverywhere(fleet(), 'at-once', { 'note.txt': 'old' })
  await unlink(cedar.path('at-once/note.txt'))
  await writeFile(cedar.path('at-once/note.txt'), 'new')
  await expectEverywhere(fleet(), 'at-once', { 'note.txt': 'new' })
})

test('empty directories come, nest and go', async () => {
  const { ash } = fleet()
  await mkdir(ash.path('dirs/a/b'), { recursive: true })
  await mkdir(ash.path('dirs/c'))
  await expectEverywhere(fleet(), 'dirs', { 'a/b': '/', c: '/' })
  await rmdir(ash.path('dirs/a/b'))
  await rmdir(ash.path('dirs/c'))
  await expectEverywhere(fleet(), 'dirs', { a: '/' })
})

test('a deleted directory takes what was in it', async () => {
  const { birch } = fleet()
  await mkdir(birch.path('tree/old/inner'), { recursive: true })
  for (let i = 0; i < 8; i++) await writeFile(birch.path(`tree/old/inner/${i}.txt`), `file ${i}`)
  await writeFile(birch.path('tree/stays.txt'), 'staying')
  await converged(fleet().nodes)
  await rm(birch.path('tree/old'), { recursive: true })
  await expectEverywhere(fleet(), 'tree', { 'stays.txt': 'staying' })
})

test('a file becomes a directory, and a file again', async () => {
  const { ash, cedar } = fleet()
  await mkdir(ash.path('kinds'))
  await writeFile(ash.path('kinds/thing'), 'a file')
  await expectEverywhere(fleet(), 'kinds', { thing: 'a file' })
  await unlink(ash.path('kinds/thing'))
  await mkdir(ash.path('kinds/thing'))
  await writeFile(ash.path('kinds/thing/inside.txt'), 'a child')
  await expectEverywhere(fleet(), 'kinds', { 'thing/inside.txt': 'a child' })
  await rm(cedar.path('kinds/thing'), { recursive: true })
  await writeFile(cedar.path('kinds/thing'), 'a file again')
  await expectEverywhere(fleet(), 'kinds', { thing: 'a file again' })
})
