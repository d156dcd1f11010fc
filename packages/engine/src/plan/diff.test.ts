import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { entryIdOf, NodeIdSchema, ROOT_ID, type EntryId } from '@causeway/protocol'
import type { UserSide } from '@causeway/testkit'
import type { BaseEntry, Stat } from '../tree.ts'
import { diff } from './diff.ts'
import type { LocalChange } from './local-change.ts'
import { orderChanges } from './order-changes.ts'
import { basePath, directoryOf, joinPath } from './paths.ts'
import { baseEntry, Planted, PlantedBase } from './test-support/planted.ts'
import { anyActions, perform } from './test-support/any-actions.ts'

let planted: Planted
let user: UserSide

beforeEach(() => {
  planted = new Planted()
  user = planted.user
})

async function told(): Promise<string[]> {
  return (await planted.diff()).map((change) => planted.tell(change)).sort()
}

describe('in place', () => {
  test('an unchanged tree has no changes', async () => {
    user.write('docs/note.txt', 'one')
    user.symlink('docs/link', 'note.txt')
    user.mkdir('empty')
    await planted.sync()
    expect(await told()).toEqual([])
  })

  test('a write, a new file and a removed one are an edit, a create and a delete', async () => {
    user.write('a', '1')
    user.write('b', '1')
    await planted.sync()
    user.write('a', '2')
    user.remove('b')
    user.write('c', '3')
    expect(await told()).toEqual(['create c', 'delete b', 'edit a'])
  })

  test('a file that was saved by renaming another over it is the same file, edited', async () => {
    user.write('note.txt', 'one')
    await planted.sync()
    user.write('.note.swp', 'two')
    user.rename('.note.swp', 'note.txt')
    expect(await told()).toEqual(['edit note.txt'])
  })

  test('a file that gave way to a directory is a delete and a create', async () => {
    user.write('thing', 'x')
    await planted.sync()
    user.remove('thing')
    user.write('thing/inside', 'y')
    expect(await told()).toEqual(['create thing', 'create thing/inside', 'delete thing'])
  })

  test('a racy file is looked at again though nothing shows', async () => {
    user.write('note.txt', 'one')
    await planted.sync()
    const entry = planted.base.base(planted.idAt('note.txt'))
    if (entry !== undefined) planted.base.put({ ...entry, racy: true })
    expect(await told()).toEqual(['edit note.txt'])
  })

  test('a directory differs by its mode, not by what its time stamps say', async () => {
    user.mkdir('kept')
    user.mkdir('closed')
    await planted.sync()
    user.write('kept/new', 'x')
    user.chmod('closed', 0o700)
    expect(await told()).toEqual(['create kept/new', 'edit closed'])
  })

  test('a directory deleted and made again under the same name is edited, so that its new inode becomes known', async () => {
    user.mkdir('docs')
    await planted.sync()
    user.remove('docs')
    user.mkdir('docs')
    expect(await told()).toEqual(['edit docs'])
  })

  test('what was not scanned is neither changed nor gone', async () => {
    user.write('a/one', '1')
    user.write('b/two', '2')
    await planted.sync()
    user.remove('b/two')
    user.remove('a/one')
    const changes = diff(planted.base, await planted.scan('a'), () => false)
    expect(changes.map((change) => planted.tell(change))).toEqual(['delete a/one'])
  })

  test('an ignored path is not gone when it is not listed', async () => {
    user.write('cache', 'x')
    await planted.sync()
    user.remove('cache')
    expect(await planted.diff((path) => path === 'cache')).toEqual([])
  })
})

describe('moves', () => {
  test('a renamed directory is one move, whatever it holds', async () => {
    for (const name of ['a', 'b', 'deep/c', 'deep/er/d']) user.write(`docs/${name}`, name)
    await planted.sync()
    user.rename('docs', 'papers')
    expect(await told()).toEqual(['move docs -> papers'])
  })

  test('a file that was moved and edited is both', async () => {
    user.write('a', '1')
    await planted.sync()
    user.rename('a', 'sub/b')
    user.append('sub/b', '2')
    expect(await told()).toEqual(['create sub', 'edit a at sub/b', 'move a -> sub/b'])
  })

  test('a rename alone is no edit, though it touches ctime', async () => {
    user.write('a', '1')
    await planted.sync()
    user.rename('a', 'b')
    expect(await told()).toEqual(['move a -> b'])
  })

  test('a copy is new: what it was copied from is still there', async () => {
    user.write('a', '1')
    await planted.sync()
    user.write('b', '1')
    expect(await told()).toEqual(['create b'])
  })

  test('what was found moved before its directory was compared is not deleted as well', async () => {
    user.write('x/y/file', '1')
    await planted.sync()
    user.rename('x/y', 'z')
    user.rename('x', 'z/w')
    expect(await told()).toEqual(['move x -> z/w', 'move x/y -> z'])
  })

  test('a file that left a directory before that was renamed is one move, and no delete', async () => {
    user.write('docs/a', '1')
    user.write('docs/b', '2')
    await planted.sync()
    user.rename('docs/a', 'a')
    user.rename('docs', 'papers')
    expect(await told()).toEqual(['move docs -> papers', 'move docs/a -> a'])
  })

  test('names swapped are edits, each in its place: a name that both hold is the same entry', async () => {
    user.write('a', '1')
    user.write('b', '2')
    await planted.sync()
    user.rename('a', 'c')
    user.rename('b', 'a')
    user.rename('c', 'b')
    expect(await told()).toEqual(['edit a', 'edit b'])
  })

  test('what moves into a new directory is found there', async () => {
    user.write('a/b/file', '1')
    await planted.sync()
    user.rename('a', 'new/deep/a')
    expect(await told()).toEqual(['create new', 'create new/deep', 'move a -> new/deep/a'])
  })

  test('a directory that moved out of a deleted one is moved, the rest is deleted', async () => {
    user.write('old/keep/file', '1')
    user.write('old/drop', '2')
    await planted.sync()
    user.rename('old/keep', 'keep')
    user.remove('old')
    expect(await told()).toEqual(['delete old', 'move old/keep -> keep'])
  })

  test('a file that gave its name to the directory it now lies in is deleted and new: no order of a move would do', async () => {
    user.write('thing', '1')
    await planted.sync()
    user.rename('thing', 'aside')
    user.rename('aside', 'thing~')
    user.mkdir('thing')
    user.rename('thing~', 'thing/inside')
    expect(await told()).toEqual(['create thing', 'create thing/inside', 'delete thing'])
  })

  test('an inode that was used again without a birth time is no move, unless size and time agree', async () => {
    user.write('old', '1')
    await planted.sync()
    const entry = planted.base.base(planted.idAt('old'))
    if (entry === undefined) throw new Error('not planted')
    const stat = { ...entry.stat, birthtimeNs: 0n }
    const base = new PlantedBase([{ ...entry, stat }])
    const found = (other: typeof stat): LocalChange['kind'][] =>
      diff(base, new Map([['', [{ name: 'new', stat: other }]]]), () => false).map(({ kind }) => kind)
    expect(found(stat)).toEqual(['move'])
    expect(found({ ...stat, mtimeNs: stat.mtimeNs + 1n })).toEqual(['create', 'delete'])
  })
})

describe('laws', () => {
  test('an unchanged tree has no changes, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(anyActions, async (before) => {
        const tree = new Planted()
        perform(tree.user, before)
        await tree.sync()
        expect(await tree.diff()).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  test('the base with its changes taken in is what the disk holds, and then there are no more', async () => {
    await fc.assert(
      fc.asyncProperty(anyActions, anyActions, async (before, after) => {
        const tree = new Planted()
        perform(tree.user, before)
        await tree.sync()
        perform(tree.user, after)
        const local = await tree.scan()
        const base = withChanges(
          tree.base,
          orderChanges(
            tree.base,
            diff(tree.base, local, () => false),
          ),
        )
        // Files and directories that trade names in a ring have no order.
        fc.pre(base !== undefined)
        expect(seenIn(base)).toEqual(
          new Map(
            [...local].flatMap(([path, found]) =>
              found.map(({ name, stat }) => [joinPath(path, name), seenOf(stat)] as const),
            ),
          ),
        )
        expect(diff(base, local, () => false)).toEqual([])
      }),
      { numRuns: 150 },
    )
  })

  test('no entry is told twice to go, and none that moves is told to go', async () => {
    await fc.assert(
      fc.asyncProperty(anyActions, anyActions, async (before, after) => {
        const tree = new Planted()
        perform(tree.user, before)
        await tree.sync()
        perform(tree.user, after)
        const leaving = (await tree.diff()).flatMap((change) =>
          change.kind === 'move' || change.kind === 'delete' ? [change.base.id] : [],
        )
        expect(new Set(leaving).size).toBe(leaving.length)
      }),
      { numRuns: 100 },
    )
  })
})

/** What another tree holds once it followed the changes one by one. */
function withChanges(base: PlantedBase, changes: readonly LocalChange[]): PlantedBase | undefined {
  const entries = new Map(base.entries)
  const made = new Map<string, EntryId>()
  const parentOf = (change: { parent: EntryId | undefined; path: string }): EntryId | undefined =>
    change.parent ?? made.get(directoryOf(change.path))
  for (const change of changes) {
    if (change.kind === 'delete') {
      entries.delete(change.base.id)
      continue
    }
    const { path, stat } = change
    const parent = change.kind === 'edit' ? ROOT_ID : parentOf(change)
    if (parent === undefined) return undefined
    const known = change.kind === 'create' ? undefined : entries.get(change.base.id)
    if (change.kind === 'create') {
      const id = entryIdOf(NodeIdSchema.parse('local'), made.size + 1)
      made.set(path, id)
      entries.set(id, baseEntry({ id, parent, name: change.name, stat }))
    } else if (known === undefined) {
      throw new Error(`${change.kind} of ${path} after it was deleted`)
    } else if (change.kind === 'edit') {
      entries.set(known.id, baseEntry({ ...known, stat }))
    } else {
      // The bytes are another matter: a move takes in only the place.
      const moved: BaseEntry = { ...known, parent, name: change.name }
      entries.set(known.id, { ...moved, stat: { ...stat, size: known.stat.size, mtimeNs: known.stat.mtimeNs } })
    }
  }
  const below = new PlantedBase(entries.values())
  return new PlantedBase([...entries.values()].filter(({ id }) => basePath(below, id) !== undefined))
}

function seenIn(base: PlantedBase): ReadonlyMap<string, readonly unknown[]> {
  expect(base.base(ROOT_ID)).toBeUndefined()
  return new Map([...base.entries.values()].map(({ id, stat }) => [basePath(base, id) ?? '?', seenOf(stat)]))
}

/** A directory's own times tell of its children, which are compared themselves. */
function seenOf(stat: Stat): readonly unknown[] {
  return [stat.kind, stat.inode, stat.kind === 'directory' ? null : stat.mtimeNs]
}
