import { mkdir, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { converged, expectEverywhere, startFleet } from './support/fleet.ts'
import { shared } from './support/hooks.ts'

const fleet = shared(startFleet)

/** `name (conflict, NODE, 2026-11-22 14.03.07).ext`; with a number where two fall into one second. */
const CONFLICT_COPY =
  /^(?<stem>.+) \(conflict, [^)]+, \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d(, \d+| \d+)?\)(?<extension>\.[^.]*)?$/

test('three concurrent edits of one file: one keeps the name, the others are conflict copies on every node', async () => {
  const { ash, birch, cedar, nodes } = fleet()
  await start('edits', { 'note.txt': 'common' })
  await apart(async () => {
    await writeFile(ash.path('edits/note.txt'), 'by ash')
    await writeFile(birch.path('edits/note.txt'), 'by birch')
    await writeFile(cedar.path('edits/note.txt'), 'by cedar')
  })
  await converged(nodes)
  const view = await ash.view('edits')
  expect(Object.values(view).sort()).toEqual(['by ash', 'by birch', 'by cedar'])
  expect(namesOf(view)).toEqual({ kept: ['note.txt'], copiesOf: ['note.txt', 'note.txt'] })

  const listed = await ash.run('conflicts')
  expect(listed.stdout).toContain('edits/note.txt')
  // A person is needed: scripts can tell by the exit code.
  expect(listed.code).toBe(4)
})

test('deleting a conflict copy settles it', async () => {
  const { ash, birch, nodes } = fleet()
  await start('settle', { 'note.txt': 'common' })
  await apart(async () => {
    await writeFile(ash.path('settle/note.txt'), 'by ash')
    await writeFile(birch.path('settle/note.txt'), 'by birch')
  })
  await converged(nodes)
  const copy = Object.keys(await ash.view('settle')).find((name) => CONFLICT_COPY.test(name))
  expect(copy).toBeDefined()
  await unlink(ash.path('settle', copy ?? ''))
  await converged(nodes)
  expect(Object.keys(await birch.view('settle'))).toEqual(['note.txt'])
  expect((await ash.run('conflicts')).stdout).not.toContain('settle/note.txt')
})

test('the same name created concurrently with different bytes: both survive', async () => {
  const { ash, birch, cedar, nodes } = fleet()
  await start('creates', {})
  await apart(async () => {
    await writeFile(ash.path('creates/new.tar.gz'), 'by ash')
    await writeFile(birch.path('creates/new.tar.gz'), 'by birch')
    await writeFile(cedar.path('creates/new.tar.gz'), 'by cedar')
  })
  await converged(nodes)
  const view = await cedar.view('creates')
  expect(Object.values(view).sort()).toEqual(['by ash', 'by birch', 'by cedar'])
  expect(Object.keys(view)).toContain('new.tar.gz')
})

test('the same name created concurrently with the same bytes: one file, no conflict', async () => {
  const { ash, birch, cedar } = fleet()
  await start('same-bytes', {})
  await apart(async () => {
    for (const node of [ash, birch, cedar]) await writeFile(node.path('same-bytes/new.txt'), 'the same')
  })
  await converged(fleet().nodes)
  await expectEverywhere(fleet(), 'same-bytes', { 'new.txt': 'the same' })
})

test('the same directory created concurrently: one directory with the children of all', async () => {
  const { ash, birch, cedar } = fleet()
  await start('same-directory', {})
  await apart(async () => {
    for (const node of [ash, birch, cedar]) {
      await mkdir(node.path('same-directory/new/inner'), { recursive: true })
      await writeFile(node.path(`same-directory/new/inner/${node.name}.txt`), node.name)
    }
  })
  await converged(fleet().nodes)
  const expected = { 'new/inner/ash.txt': 'ash', 'new/inner/birch.txt': 'birch', 'new/inner/cedar.txt': 'cedar' }
  await expectEverywhere(fleet(), 'same-directory', expected)
})

test('a file and a directory of one name created concurrently: both survive', async () => {
  const { ash, birch, nodes } = fleet()
  await start('kinds', {})
  await apart(async () => {
    await writeFile(ash.path('kinds/thing'), 'a file')
    await mkdir(birch.path('kinds/thing'))
    await writeFile(birch.path('kinds/thing/child.txt'), 'a child')
  })
  await converged(nodes)
  const view = await ash.view('kinds')
  expect(Object.values(view).sort()).toEqual(['a child', 'a file'])
})

test('an edit beats a concurrent delete', async () => {
  const { ash, birch } = fleet()
  await start('edit-delete', { 'note.txt': 'before' })
  await apart(async () => {
    await unlink(ash.path('edit-delete/note.txt'))
    await writeFile(birch.path('edit-delete/note.txt'), 'edited meanwhile')
  })
  await converged(fleet().nodes)
  await expectEverywhere(fleet(), 'edit-delete', { 'note.txt': 'edited meanwhile' })
})

test('a concurrent delete of the same file on two nodes is one delete', async () => {
  const { ash, birch } = fleet()
  await start('two-deletes', { 'note.txt': 'before', 'stays.txt': 'staying' })
  await apart(async () => {
    await unlink(ash.path('two-deletes/note.txt'))
    await unlink(birch.path('two-deletes/note.txt'))
  })
  await converged(fleet().nodes)
  await expectEverywhere(fleet(), 'two-deletes', { 'stays.txt': 'staying' })
})

test('a directory deleted while a child was added elsewhere comes back with that child only', async () => {
  const { ash, cedar } = fleet()
  await start('revived', { 'dir/old.txt': 'old', 'dir/inner/older.txt': 'older' })
  await apart(async () => {
    await rm(ash.path('revived/dir'), { recursive: true })
    await writeFile(cedar.path('revived/dir/inner/added.txt'), 'added')
  })
  await converged(fleet().nodes)
  await expectEverywhere(fleet(), 'revived', { 'dir/inner/added.txt': 'added' })
})

test('a directory deleted while a child was edited elsewhere comes back with the edited child', async () => {
  const { ash, birch } = fleet()
  await start('revived-edit', { 'dir/a.txt': 'a', 'dir/b.txt': 'b' })
  await apart(async () => {
    await rm(ash.path('revived-edit/dir'), { recursive: true })
    await writeFile(birch.path('revived-edit/dir/b.txt'), 'b edited')
  })
  await converged(fleet().nodes)
  await expectEverywhere(fleet(), 'revived-edit', { 'dir/b.txt': 'b edited' })
})

test('a rename and a concurrent edit both hold', async () => {
  const { ash, birch } = fleet()
  await start('rename-edit', { 'old.txt': 'before' })
  await apart(async () => {
    await rename(ash.path('rename-edit/old.txt'), ash.path('rename-edit/new.txt'))
    await writeFile(birch.path('rename-edit/old.txt'), 'edited')
  })
  await converged(fleet().nodes)
  await expectEverywhere(fleet(), 'rename-edit', { 'new.txt': 'edited' })
})

test('a directory renamed while a child was added elsewhere holds the child under its new name', async () => {
  const { ash, birch } = fleet()
  await start('rename-add', { 'old/first.txt': 'first' })
  await apart(async () => {
    await rename(ash.path('rename-add/old'), ash.path('rename-add/new'))
    await writeFile(birch.path('rename-add/old/second.txt'), 'second')
  })
  await converged(fleet().nodes)
  await expectEverywhere(fleet(), 'rename-add', { 'new/first.txt': 'first', 'new/second.txt': 'second' })
})

test('a file renamed to two names at once ends with one of them everywhere', async () => {
  const { ash, birch, nodes } = fleet()
  await start('two-renames', { 'old.txt': 'text' })
  await apart(async () => {
    await rename(ash.path('two-renames/old.txt'), ash.path('two-renames/by-ash.txt'))
    await rename(birch.path('two-renames/old.txt'), birch.path('two-renames/by-birch.txt'))
  })
  await converged(nodes)
  const view = await ash.view('two-renames')
  expect(Object.values(view)).toEqual(['text'])
  expect(['by-ash.txt', 'by-birch.txt']).toContain(Object.keys(view)[0])
})

test('two files renamed to one name at once both survive', async () => {
  const { ash, birch, nodes } = fleet()
  await start('one-target', { 'a.txt': 'was a', 'b.txt': 'was b' })
  await apart(async () => {
    await rename(ash.path('one-target/a.txt'), ash.path('one-target/target.txt'))
    await rename(birch.path('one-target/b.txt'), birch.path('one-target/target.txt'))
  })
  await converged(nodes)
  const view = await ash.view('one-target')
  expect(Object.values(view).sort()).toEqual(['was a', 'was b'])
  expect(Object.keys(view)).toContain('target.txt')
})

test('two directories moved into each other at once make no cycle and lose nothing', async () => {
  const { ash, birch, nodes } = fleet()
  await start('cycle', { 'a/in-a.txt': 'in a', 'b/in-b.txt': 'in b' })
  await apart(async () => {
    await rename(ash.path('cycle/a'), ash.path('cycle/b/a'))
    await rename(birch.path('cycle/b'), birch.path('cycle/a/b'))
  })
  await converged(nodes)
  expect(Object.values(await ash.view('cycle')).sort()).toEqual(['in a', 'in b'])
})

test('a delete that has seen the last edit stays a delete', async () => {
  const { ash, birch, cedar } = fleet()
  await start('stays-deleted', { 'note.txt': 'before', 'other.txt': 'other' })
  await writeFile(ash.path('stays-deleted/note.txt'), 'last edit')
  await expectEverywhere(fleet(), 'stays-deleted', { 'note.txt': 'last edit', 'other.txt': 'other' })
  await cedar.stop()
  await unlink(birch.path('stays-deleted/note.txt'))
  await birch.wait()
  cedar.up()
  await converged(fleet().nodes)
  await expectEverywhere(fleet(), 'stays-deleted', { 'other.txt': 'other' })
})

/** Puts files on every node below a directory of the test's own. */
async function start(below: string, files: Readonly<Record<string, string>>): Promise<void> {
  const { ash } = fleet()
  await mkdir(ash.path(below))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(ash.path(below, path, '..'), { recursive: true })
    await writeFile(ash.path(below, path), text)
  }
  await expectEverywhere(fleet(), below, files)
}

/** What the nodes do in here is concurrent: none of it reaches another before all is done. */
function apart(work: () => Promise<void>): Promise<void> {
  return fleet().coordinator.whilePaused(work)
}

function namesOf(view: Readonly<Record<string, string>>): { kept: string[]; copiesOf: string[] } {
  const copies = Object.keys(view).map((name) => CONFLICT_COPY.exec(name)?.groups)
  return {
    kept: Object.keys(view).filter((name) => !CONFLICT_COPY.test(name)),
    copiesOf: copies.flatMap((groups) =>
      groups === undefined ? [] : [`${groups['stem']}${groups['extension'] ?? ''}`],
    ),
  }
}
