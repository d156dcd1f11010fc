import type { BrowseResponse } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { directoryEntry, NOTHING_WITHIN } from './directory-entry.ts'
import { createTree, type Tree } from './tree.ts'
import { treeRows } from './tree-rows.ts'
import { joinPath, nameOf, parentOf } from './paths.ts'

test('only the directories on the way to where one is are read', async () => {
  const { tree, asked } = treeOf('a', 'a/b', 'a/b/c', 'x', 'x/y')
  tree.openTo('a/b')
  await settled()
  expect(asked).toEqual(['', 'a', 'a/b'])
  expect(shown(tree, 'a/b')).toEqual(['', 'a', 'a/b', 'a/b/c', 'x'])
})

test('what is closed is forgotten with all below it, and read anew when it is opened again', async () => {
  const { tree, asked, directories } = treeOf('a', 'a/b', 'a/b/c')
  tree.openTo('a/b')
  await settled()
  tree.close('a')
  expect(shown(tree)).toEqual(['', 'a'])
  directories.push('a/new')
  asked.length = 0
  tree.openTo('a')
  await settled()
  expect(asked).toEqual(['a'])
  expect(shown(tree)).toEqual(['', 'a', 'a/b', 'a/new'])
})

test('a directory that comes, goes or is renamed elsewhere is read where it is seen, and nowhere else', async () => {
  const { tree, asked, directories } = treeOf('a', 'a/b', 'x', 'x/y')
  tree.openTo('a')
  await settled()
  asked.length = 0
  directories.splice(directories.indexOf('a/b'), 1, 'a/c')
  tree.changed({ paths: new Set(['a/b', 'a/c', 'x/y']), anywhere: false })
  await settled()
  expect(asked).toEqual(['a'])
  expect(shown(tree)).toEqual(['', 'a', 'a/c', 'x'])
})

test('what happens to a directory is what happens to all that is open below it', async () => {
  const { tree, asked, directories } = treeOf('a', 'a/b', 'a/b/c')
  tree.openTo('a/b')
  await settled()
  asked.length = 0
  directories.push('a/b/d')
  tree.changed({ paths: new Set(['a']), anywhere: false })
  await settled()
  expect(asked.toSorted()).toEqual(['', 'a', 'a/b'])
  expect(shown(tree)).toContain('a/b/d')
})

test('of very many, those further on are read when they are asked for', async () => {
  const many = Array.from({ length: 2500 }, (_, at) => `d${String(at).padStart(4, '0')}`)
  const { tree } = treeOf(...many)
  tree.openTo('')
  await settled()
  expect(shown(tree)).toHaveLength(1001)
  tree.loadMore('')
  await settled()
  tree.loadMore('')
  await settled()
  expect(shown(tree)).toEqual(['', ...many])
})

function treeOf(...given: readonly string[]) {
  const directories = [...given]
  const asked: string[] = []
  const tree = createTree(async (path, { after = '', name, limit }): Promise<BrowseResponse> => {
    asked.push(path)
    const all = directories
      .filter((one) => one !== '' && parentOf(one) === path)
      .map(nameOf)
      .toSorted()
    const names = all.filter((one) => name?.includes(one) ?? one > after)
    const page = names.slice(0, limit)
    return {
      entries: page.map((name) => directoryEntry(joinPath(path, name))),
      next: names.length > limit ? (page.at(-1) ?? null) : null,
      total: all.length,
      within: NOTHING_WITHIN,
    }
  })
  return { tree, directories, asked }
}

function shown({ state }: Tree, current = ''): readonly string[] {
  return treeRows({ name: 'work', state, current }).flatMap((row) => (row.kind === 'directory' ? [row.path] : []))
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await Promise.resolve()
}
