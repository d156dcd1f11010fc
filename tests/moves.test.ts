import { mkdir, rename, stat, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { eventsAfter, lastPosition } from './support/api.ts'
import { converged, expectEverywhere, startFleet } from './support/fleet.ts'
import { shared } from './support/hooks.ts'

const fleet = shared(startFleet)

test('a renamed file keeps its inode on the other nodes: it was moved there, not written again', async () => {
  const { ash, birch } = fleet()
  await mkdir(ash.path('file'))
  await writeFile(ash.path('file/draft.txt'), 'text')
  await expectEverywhere(fleet(), 'file', { 'draft.txt': 'text' })
  const before = await stat(birch.path('file/draft.txt'))
  await rename(ash.path('file/draft.txt'), ash.path('file/final.txt'))
  await expectEverywhere(fleet(), 'file', { 'final.txt': 'text' })
  expect((await stat(birch.path('file/final.txt'))).ino).toBe(before.ino)
})

test('renaming a directory of 500 files is one move event', async () => {
  const { ash, coordinator } = fleet()
  const expected: Record<string, string> = {}
  await mkdir(ash.path('tree/old/inner'), { recursive: true })
  for (let i = 0; i < 500; i++) {
    const path = `${i % 2 === 0 ? '' : 'inner/'}${i}.txt`
    expected[`new/${path}`] = `file ${i}`
    await writeFile(ash.path('tree/old', path), `file ${i}`)
  }
  await converged(fleet().nodes)
  const before = await lastPosition(coordinator)

  await rename(ash.path('tree/old'), ash.path('tree/new'))
  await expectEverywhere(fleet(), 'tree', expected)
  await converged(fleet().nodes)

  const events = await eventsAfter(coordinator, before)
  expect(events.map(({ kind, pathBefore, path }) => ({ kind, pathBefore, path }))).toEqual([
    { kind: 'move', pathBefore: 'tree/old', path: 'tree/new' },
  ])
})

test('a file moved to another directory is gone from the first', async () => {
  const { birch } = fleet()
  await mkdir(birch.path('across/from'), { recursive: true })
  await mkdir(birch.path('across/to'))
  await writeFile(birch.path('across/from/note.txt'), 'text')
  await expectEverywhere(fleet(), 'across', { 'from/note.txt': 'text', to: '/' })
  await rename(birch.path('across/from/note.txt'), birch.path('across/to/note.txt'))
  await expectEverywhere(fleet(), 'across', { from: '/', 'to/note.txt': 'text' })
})

test('two files that swap their names swap them everywhere', async () => {
  const { cedar } = fleet()
  await mkdir(cedar.path('swap'))
  await writeFile(cedar.path('swap/a.txt'), 'was a')
  await writeFile(cedar.path('swap/b.txt'), 'was b')
  await expectEverywhere(fleet(), 'swap', { 'a.txt': 'was a', 'b.txt': 'was b' })
  await rename(cedar.path('swap/a.txt'), cedar.path('swap/third'))
  await rename(cedar.path('swap/b.txt'), cedar.path('swap/a.txt'))
  await rename(cedar.path('swap/third'), cedar.path('swap/b.txt'))
  await expectEverywhere(fleet(), 'swap', { 'a.txt': 'was b', 'b.txt': 'was a' })
})

test('three directories that rotate their names rotate them everywhere', async () => {
  const { ash } = fleet()
  for (const name of ['x', 'y', 'z']) {
    await mkdir(ash.path('rotate', name), { recursive: true })
    await writeFile(ash.path('rotate', name, 'id.txt'), `was ${name}`)
  }
  await expectEverywhere(fleet(), 'rotate', { 'x/id.txt': 'was x', 'y/id.txt': 'was y', 'z/id.txt': 'was z' })
  await rename(ash.path('rotate/x'), ash.path('rotate/held'))
  await rename(ash.path('rotate/z'), ash.path('rotate/x'))
  await rename(ash.path('rotate/y'), ash.path('rotate/z'))
  await rename(ash.path('rotate/held'), ash.path('rotate/y'))
  await expectEverywhere(fleet(), 'rotate', { 'x/id.txt': 'was z', 'y/id.txt': 'was x', 'z/id.txt': 'was y' })
})

test('a rename that only changes the case of a letter arrives', async () => {
  const { birch } = fleet()
  await mkdir(birch.path('case'))
  await writeFile(birch.path('case/readme.md'), 'text')
  await expectEverywhere(fleet(), 'case', { 'readme.md': 'text' })
  await rename(birch.path('case/readme.md'), birch.path('case/README.md'))
  await expectEverywhere(fleet(), 'case', { 'README.md': 'text' })
})

test('a directory that moves into what was its own child arrives', async () => {
  const { ash } = fleet()
  await mkdir(ash.path('inside-out/parent/child'), { recursive: true })
  await writeFile(ash.path('inside-out/parent/p.txt'), 'parent')
  await writeFile(ash.path('inside-out/parent/child/c.txt'), 'child')
  await expectEverywhere(fleet(), 'inside-out', { 'parent/p.txt': 'parent', 'parent/child/c.txt': 'child' })
  await rename(ash.path('inside-out/parent/child'), ash.path('inside-out/child'))
  await rename(ash.path('inside-out/parent'), ash.path('inside-out/child/parent'))
  await expectEverywhere(fleet(), 'inside-out', { 'child/c.txt': 'child', 'child/parent/p.txt': 'parent' })
})

test('a file that is renamed and edited before anybody looks arrives with both', async () => {
  const { cedar } = fleet()
  await mkdir(cedar.path('both'))
  await writeFile(cedar.path('both/old.txt'), 'before')
  await expectEverywhere(fleet(), 'both', { 'old.txt': 'before' })
  await rename(cedar.path('both/old.txt'), cedar.path('both/new.txt'))
  await writeFile(cedar.path('both/new.txt'), 'after')
  await expectEverywhere(fleet(), 'both', { 'new.txt': 'after' })
})
