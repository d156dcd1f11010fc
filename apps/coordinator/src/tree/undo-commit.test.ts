import { entryIdOf, ROOT_ID, type EntryId, type EntryState, type NodeId, type Operation } from '@causeway/protocol'
import { openMemoryPackStore } from '@causeway/store'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { InProcess } from '../test-support/in-process.ts'
import { BY_ADMIN, createOf, DEFAULT_FOLDER, fileOf, handClock } from '../test-support/running.ts'
import { forget } from '../test-support/forget.ts'

const directory = { kind: 'directory', mode: 0o755 } as const

let world: InProcess
let clock: ReturnType<typeof handClock>
let ash: NodeId
let birch: NodeId

beforeEach(async () => {
  clock = handClock()
  world = await InProcess.open({ packs: openMemoryPackStore(), clock })
  await world.coordinator.folders.create('default')
  ash = await world.enrol('ash')
  birch = await world.enrol('birch')
})

afterEach(() => world.metadata.close())

/** `docs` with `a` and `b`, and `note` and `old` beside it: five entries of ash's, by its counters. */
async function fill(): Promise<void> {
  const inDocs = { parent: id(1), name: '' }
  await commit(
    ash,
    [
      createOf(ash, 1, 'docs', directory),
      { ...createOf(ash, 2, 'a', fileOf('a').content), place: { ...inDocs, name: 'a' } },
      { ...createOf(ash, 3, 'b', fileOf('b').content), place: { ...inDocs, name: 'b' } },
      createOf(ash, 4, 'note', fileOf('note').content),
      createOf(ash, 5, 'old', fileOf('old').content),
    ],
    ['a', 'b', 'note', 'old'],
  )
}

/** One commit of birch's that does a bit of everything. Returns a position of it. */
async function rearrange(): Promise<number> {
  const before = await head()
  await commit(
    birch,
    [
      await edit(1, 4, 'note, edited'),
      await move(2, 5, { parent: ROOT_ID, name: 'new' }),
      await removal(3, 1),
      createOf(birch, 4, 'more', directory),
      { ...createOf(birch, 5, 'c', fileOf('c').content), place: { parent: entryIdOf(birch, 4), name: 'c' } },
    ],
    ['note, edited', 'c'],
  )
  return before + 2
}

test('a whole commit is counted before anything is done, and undone as new changes', async () => {
  await fill()
  const before = await tree()
  const seq = await rearrange()
  const counts = { node: 'birch', edited: 1, moved: 1, restored: 3, deleted: 2, left: [], leftCount: 0 }
  expect(await world.coordinator.undos.plan(DEFAULT_FOLDER, seq)).toMatchObject(counts)
  expect(await tree()).toEqual({ more: '/', 'more/c': 'c', new: 'old', note: 'note, edited' })
  expect(await world.coordinator.undos.undo(BY_ADMIN, seq)).toMatchObject(counts)
  expect(await tree()).toEqual(before)
})

test('every position of a commit stands for all of it, and for nothing of the commits beside it', async () => {
  await fill()
  const first = await head()
  const seq = await rearrange()
  const last = await head()
  await commit(ash, [createOf(ash, 6, 'after', fileOf('after').content)], ['after'])
  const plans = await Promise.all([first + 1, seq, last].map((at) => world.coordinator.undos.plan(DEFAULT_FOLDER, at)))
  expect(new Set(plans.map((plan) => JSON.stringify(plan))).size).toBe(1)
  expect(await world.coordinator.undos.plan(DEFAULT_FOLDER, last + 1)).toMatchObject({ node: 'ash', deleted: 1 })
  expect(await world.coordinator.undos.plan(DEFAULT_FOLDER, first)).toMatchObject({ node: 'ash' })
  await expect(world.coordinator.undos.plan(DEFAULT_FOLDER, last + 2)).rejects.toMatchObject({ code: 'not-found' })
})

test('an undo is a commit like any other: it can be undone', async () => {
  await fill()
  const seq = await rearrange()
  const after = await tree()
  await world.coordinator.undos.undo(BY_ADMIN, seq)
  await world.coordinator.undos.undo(BY_ADMIN, await head())
  expect(await tree()).toEqual(after)
})

test('what was changed since is left alone and named, content and place apart', async () => {
  await fill()
  const seq = await rearrange()
  await commit(ash, [await edit(6, 4, 'note, edited again')], ['note, edited again'])
  await commit(ash, [await edit(7, 5, 'old, edited since')], ['old, edited since'])
  const plan = await world.coordinator.undos.undo(BY_ADMIN, seq)
  expect(plan).toMatchObject({ edited: 0, moved: 1, left: [{ path: 'note', why: 'it was changed since' }] })
  expect(await tree()).toMatchObject({ note: 'note, edited again', old: 'old, edited since', 'docs/a': 'a' })
})

test('a directory that the commit made stays where something came into it since', async () => {
  await fill()
  const seq = await rearrange()
  const place = { parent: entryIdOf(birch, 4), name: 'since' }
  await commit(ash, [{ ...createOf(ash, 6, 'since', fileOf('since').content), place }], ['since'])
  const plan = await world.coordinator.undos.undo(BY_ADMIN, seq)
  expect(plan).toMatchObject({ deleted: 1, left: [{ path: 'more', why: 'something newer is in it' }] })
  expect(await tree()).toMatchObject({ more: '/', 'more/since': 'since' })
  expect(await tree()).not.toHaveProperty('more/c')
})

test('what already stands as before is neither done nor named', async () => {
  await fill()
  const seq = await rearrange()
  await world.coordinator.restores.restore(BY_ADMIN, { entry: id(1) })
  expect(await world.coordinator.undos.plan(DEFAULT_FOLDER, seq)).toMatchObject({ restored: 0, leftCount: 0 })
  await world.coordinator.undos.undo(BY_ADMIN, seq)
  const again = { edited: 0, moved: 0, restored: 0, deleted: 0, leftCount: 0 }
  expect(await world.coordinator.undos.plan(DEFAULT_FOLDER, seq)).toMatchObject(again)
})

test('an edit whose bytes are gone is left alone and named; the rest is undone', async () => {
  await fill()
  const seq = await rearrange()
  await world.metadata.write((tx) => forget(tx, 'chunk', [fileOf('note').content.hash]))
  const done = await world.coordinator.undos.undo(BY_ADMIN, seq)
  expect(done).toMatchObject({ edited: 0, moved: 1, restored: 3, deleted: 2, leftCount: 1 })
  expect(done.left).toEqual([{ path: 'note', why: 'the version before is no longer kept' }])
  expect(await tree()).toMatchObject({ note: 'note, edited', 'docs/a': 'a', old: 'old' })
})

test('a commit older than every version is kept is refused: what stood before may be gone', async () => {
  await fill()
  const seq = await rearrange()
  clock.advance(31 * 86_400_000)
  await expect(world.coordinator.undos.plan(DEFAULT_FOLDER, seq)).rejects.toThrow(/31 days old.*kept for 30/)
})

function id(counter: number): EntryId {
  return entryIdOf(ash, counter)
}

/** By a node that had seen everything. */
async function commit(node: NodeId, operations: readonly Operation[], texts: readonly string[]) {
  const seen = await world.coordinator.folders.get(DEFAULT_FOLDER)
  return world.commit(node, operations, { clock: seen.clock, contents: texts.map((text) => fileOf(text).named) })
}

async function stateOf(entry: EntryId): Promise<EntryState> {
  const [state] = await world.metadata.read((tx) => tx.entries(DEFAULT_FOLDER, [entry]))
  if (state === undefined) throw new Error(`there is no ${entry}`)
  return state
}

async function edit(counter: number, which: number, text: string): Promise<Operation> {
  const state = await stateOf(id(which))
  const basedOnHash = state.content.kind === 'file' ? state.content.hash : ''
  const { content } = fileOf(text)
  return { kind: 'edit', counter, entry: state.id, basedOn: state.contentVector, basedOnHash, content }
}

async function move(counter: number, which: number, place: { parent: EntryId; name: string }): Promise<Operation> {
  const { id: entry, placeVector } = await stateOf(id(which))
  return { kind: 'move', counter, entry, basedOn: placeVector, place }
}

async function removal(counter: number, which: number): Promise<Operation> {
  const { id: entry, contentVector, placeVector } = await stateOf(id(which))
  return { kind: 'delete', counter, entry, seenContent: contentVector, seenPlace: placeVector, subtree: true }
}

async function head(): Promise<number> {
  return (await world.coordinator.folders.get(DEFAULT_FOLDER)).head
}

/** What lives, by path, with its text. */
async function tree(): Promise<Record<string, string>> {
  const all = await world.metadata.read((tx) => tx.descendants(DEFAULT_FOLDER, ROOT_ID))
  const paths = new Map<EntryId, string>([[ROOT_ID, '']])
  const found: Record<string, string> = {}
  for (const { id: entry, parent, name, content } of all) {
    const path = [paths.get(parent), name].filter((part) => part !== '').join('/')
    paths.set(entry, path)
    found[path] = content.kind === 'file' ? (TEXTS.get(content.hash) ?? '?') : '/'
  }
  return found
}

const TEXTS: ReadonlyMap<string, string> = new Map(
  ['a', 'b', 'c', 'note', 'old', 'note, edited', 'note, edited again', 'old, edited since', 'since', 'after'].map(
    (text) => [fileOf(text).content.hash, text],
  ),
)
