import { expect, test } from 'vitest'
import { entryIdOf, ROOT_ID } from '@causeway/protocol'
import { createClient } from '@causeway/client'
import { ADMIN_TOKEN, createOf, fileOf, handClock, run, type Running, type TestNode } from '../test-support/running.ts'

test('the history of a path goes through its renames, and any version can be read', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const entry = await notesWithHistory(ada)
  const client = clientOf(running)
  const { versions } = await client.history('default', { path: 'renamed.txt' })
  expect(versions.map(({ path, registers }) => [path, registers])).toEqual([
    ['renamed.txt', ['place']],
    ['notes.txt', ['content']],
    ['notes.txt', ['content', 'place']],
  ])
  expect(versions.every((version) => version.entry === entry)).toBe(true)
  expect(await (await client.versionContent('default', 1)).text()).toBe('one')
  expect(await (await client.versionContent('default', 3)).text()).toBe('two')
  const paged = await client.history('default', { entry }, { limit: 2 })
  expect(paged.versions).toEqual(versions.slice(0, 2))
  expect((await client.history('default', { entry }, { before: paged.next ?? 0 })).versions).toEqual(versions.slice(2))
})

test('two versions compare by what they had seen, not by their times', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  await notesWithHistory(ada)
  const client = clientOf(running)
  expect(await client.compare('default', 1, 2)).toMatchObject({ order: 'before', sameContent: false, samePlace: true })
  expect(await client.compare('default', 3, 2)).toMatchObject({ order: 'after', sameContent: true, samePlace: false })
})

test('restoring an old version is a new version by the coordinator; the old ones stay', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  await notesWithHistory(ada)
  const client = clientOf(running)
  const { restored } = await client.restore('default', { path: 'renamed.txt', version: 1 })
  expect(restored).toMatchObject([
    { path: 'renamed.txt', state: { seq: 4, content: fileOf('one').content }, waiting: [ada.id] },
  ])
  expect((await client.history('default', { path: 'renamed.txt' })).versions).toHaveLength(4)
  const [event] = await client.pastEvents({ limit: 1 })
  expect(event).toMatchObject({ kind: 'restore', node: 'coordinator', reason: 'A person brought back version 1.' })
  // Once it stands as wanted there is nothing to do.
  expect((await client.restore('default', { path: 'renamed.txt', version: 1 })).restored).toEqual([])
  await expect(client.restore('default', { path: 'no such file' })).rejects.toMatchObject({ code: 'not-found' })
  await expect(client.restore('default', { path: 'renamed.txt', version: 99 })).rejects.toMatchObject({
    code: 'not-found',
  })
})

test('the names behind the ids of a history are told, also of a node that was removed', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const bea = await running.enrol('bea')
  await notesWithHistory(ada)
  const client = clientOf(running)
  await client.restore('default', { path: 'renamed.txt', version: 1 })
  await client.removeNode(ada.id)
  const asBea = createClient({ url: running.url, token: bea.token })
  expect((await asBea.authors('default')).toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
    { node: ada.id, name: 'ada' },
    { node: bea.id, name: 'bea' },
    { node: 'coordinator', name: 'coordinator' },
  ])
})

test('a deleted file is found by the path it had, and comes back there', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const entry = await notesWithHistory(ada)
  const removal = {
    kind: 'delete' as const,
    counter: 4,
    entry,
    seenContent: { [ada.id]: 2 },
    seenPlace: { [ada.id]: 3 },
    subtree: false,
  }
  await ada.commit({ clock: { [ada.id]: 3 }, operations: [removal] })
  const client = clientOf(running)
  expect((await client.browse('default')).entries).toEqual([])
  expect((await client.history('default', { path: 'renamed.txt' })).versions[0]).toMatchObject({ deleted: true })
  await client.restore('default', { path: 'renamed.txt' })
  expect((await client.browse('default')).entries).toMatchObject([{ path: 'renamed.txt', state: { id: entry } }])
  expect(await (await client.download('default', 'renamed.txt')).text()).toBe('two')
})

test('a folder is listed as it was at a log position, and brought back as it was', async () => {
  const clock = handClock()
  await using running = await run({ clock })
  const ada = await running.enrol('ada')
  const directory = createOf(ada.id, 1, 'dir', { kind: 'directory', mode: 0o755 })
  const inside = (counter: number, name: string, text: string) => {
    return { ...createOf(ada.id, counter, name, fileOf(text).content), place: { parent: directory.entry, name } }
  }
  await ada.commit({
    operations: [directory, inside(2, 'a', 'a'), inside(3, 'b', 'b')],
    contents: [fileOf('a').named, fileOf('b').named],
  })
  const moment = new Date(clock.now()).toISOString()
  clock.advance(60_000)
  const edit = {
    kind: 'edit' as const,
    counter: 4,
    entry: entryIdOf(ada.id, 2),
    basedOn: { [ada.id]: 2 },
    basedOnHash: fileOf('a').content.hash,
    content: fileOf('changed').content,
  }
  await ada.commit({
    clock: { [ada.id]: 3 },
    operations: [edit, inside(5, 'c', 'c')],
    contents: [fileOf('changed').named, fileOf('c').named],
  })

  const client = clientOf(running)
  const then = await client.asOf('default', { seq: 3 })
  expect(then.entries.map(({ path }) => path)).toEqual(['dir', 'dir/a', 'dir/b'])
  const page = await client.asOf('default', { seq: 3 }, { limit: 2 })
  expect(page.next).toBe('dir/a')
  expect((await client.asOf('default', { seq: 3 }, { after: 'dir/a' })).entries.map(({ path }) => path)).toEqual([
    'dir/b',
  ])
  expect((await client.asOf('default', { seq: 0 })).entries).toEqual([])

  expect(await client.asOf('default', { at: moment })).toEqual(then)
  expect((await client.asOf('default', { at: '2026-01-01T01:00:00+00:00' })).seq).toBe(5)
  const { restored } = await client.restore('default', { path: 'dir', at: moment })
  expect(restored.map(({ path }) => path)).toEqual(['dir/a'])
  expect(await (await client.download('default', 'dir/a')).text()).toBe('a')
  // What was made since stays.
  expect((await client.browse('default', 'dir')).entries.map(({ path }) => path)).toEqual(['dir/a', 'dir/b', 'dir/c'])
  await expect(client.restore('default', { path: 'dir', at: '2001-01-01T00:00:00Z' })).rejects.toMatchObject({
    code: 'not-found',
  })
})

test.each([
  ['keep-original', ['notes.txt'], 'original'],
  ['keep-copy', ['notes.txt'], 'rival'],
  ['keep-both', [expect.stringMatching(/^notes \(conflict/), 'notes.txt'], 'original'],
] as const)('a conflict is settled by %s, once', async (choice, names, text) => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const bob = await running.enrol('bob')
  await ada.save('notes.txt', 'original', 1)
  await bob.save('notes.txt', 'rival', 1)
  const client = clientOf(running)
  const [conflict] = await client.conflicts('default')
  expect(conflict).toMatchObject({
    rivalPath: 'notes.txt',
    copyPath: expect.stringMatching(/^notes \(conflict, bob/),
    settled: null,
  })
  await client.settle('default', conflict?.copy ?? '', choice)
  expect(await client.conflicts('default')).toEqual([])
  expect(await client.conflicts('default', 'settled')).toHaveLength(1)
  expect((await client.browse('default')).entries.map(({ path }) => path)).toEqual(names)
  expect(await (await client.download('default', 'notes.txt')).text()).toBe(text)
  await expect(client.settle('default', conflict?.copy ?? '', choice)).rejects.toMatchObject({ code: 'not-found' })
})

test('a choice that is taken back opens the conflict anew, once both files stand', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const bob = await running.enrol('bob')
  await ada.save('notes.txt', 'original', 1)
  await bob.save('notes.txt', 'rival', 1)
  const client = clientOf(running)
  const [conflict] = await client.conflicts('default')
  const copy = conflict?.copy ?? ''
  await client.settle('default', copy, 'keep-original')
  await expect(client.reopen('default', copy)).rejects.toMatchObject({ code: 'bad-request' })
  await client.restore('default', { entry: copy })
  expect(await client.conflicts('default')).toEqual([])
  await client.reopen('default', copy)
  await client.reopen('default', copy)
  expect(await client.conflicts('default')).toEqual([conflict])
  const events = await client.pastEvents({ kinds: ['conflict'], limit: 10 })
  expect(events.filter(({ reason }) => reason.includes('reopened the choice'))).toHaveLength(1)

  await client.settle('default', copy, 'keep-both')
  await client.reopen('default', copy)
  await client.settle('default', copy, 'keep-copy')
  expect(await (await client.download('default', 'notes.txt')).text()).toBe('rival')
  await expect(client.reopen('default', conflict?.rival ?? '')).rejects.toMatchObject({ code: 'not-found' })
})

test('two events are before, after or concurrent by what their authors had seen', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const bob = await running.enrol('bob')
  await ada.save('a', 'a', 1)
  await bob.save('b', 'b', 1)
  await bob.commit({
    clock: { [ada.id]: 1, [bob.id]: 1 },
    operations: [createOf(bob.id, 2, 'c', fileOf('c').content)],
    contents: [fileOf('c').named],
  })
  const client = clientOf(running)
  const events = await client.pastEvents({ kinds: ['create'] })
  const [c = 0, b = 0, a = 0] = events.map(({ position }) => position)
  expect(await client.eventOrder(a, b)).toBe('concurrent')
  expect(await client.eventOrder(a, c)).toBe('before')
  expect(await client.eventOrder(c, b)).toBe('after')
  expect(await client.eventOrder(c, c)).toBe('equal')
  await expect(client.eventOrder(c, 999)).rejects.toMatchObject({ code: 'not-found' })
})

/** Creates notes.txt (seq 1), edits it (2), renames it (3). */
async function notesWithHistory(ada: TestNode) {
  await ada.save('notes.txt', 'one', 1)
  const entry = entryIdOf(ada.id, 1)
  const basedOn = { [ada.id]: 1 }
  const { content, named } = fileOf('two')
  const edit = { kind: 'edit' as const, counter: 2, entry, basedOn, basedOnHash: fileOf('one').content.hash, content }
  const move = { kind: 'move' as const, counter: 3, entry, basedOn, place: { parent: ROOT_ID, name: 'renamed.txt' } }
  await ada.commit({ clock: basedOn, operations: [edit, move], contents: [named] })
  return entry
}

function clientOf({ url }: Running) {
  return createClient({ url, token: ADMIN_TOKEN })
}
