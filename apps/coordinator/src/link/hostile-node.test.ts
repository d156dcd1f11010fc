import {
  CommitRequestSchema,
  EntryStateSchema,
  entryIdOf,
  LIMITS,
  LOG_START,
  ROOT_ID,
  VersionVectorSchema,
  type EntryId,
  type EntryState,
  type NodeId,
  type Operation,
} from '@causeway/protocol'
import { openMemoryPackStore } from '@causeway/store'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { InProcess, refusalOf } from '../test-support/in-process.ts'
import { BY_ADMIN, createOf, DEFAULT_FOLDER, fileOf, handClock } from '../test-support/running.ts'

const directory = { kind: 'directory', mode: 0o755 } as const

let world: InProcess
let ash: NodeId
let birch: NodeId

beforeEach(async () => {
  world = await InProcess.open({ packs: openMemoryPackStore(), clock: handClock() })
  await world.coordinator.folders.create('default')
  ash = await world.enrol('ash')
  birch = await world.enrol('birch')
})

afterEach(() => world.metadata.close())

async function stateOf(id: EntryId): Promise<EntryState> {
  const state = (await world.changes(ash)).states.find((one) => one.id === id)
  if (state === undefined) throw new Error(`there is no ${id}`)
  return state
}

async function clockNow() {
  return (await world.coordinator.folders.get(DEFAULT_FOLDER)).clock
}

function edit(node: NodeId, counter: number, state: EntryState, text: string) {
  const { content, named } = fileOf(text)
  const basedOnHash = state.content.kind === 'file' ? state.content.hash : ''
  const operation = {
    kind: 'edit',
    counter,
    entry: state.id,
    basedOn: state.contentVector,
    basedOnHash,
    content,
  } as const
  return world.commit(node, [operation], { contents: [named] })
}

function makeDirectory(node: NodeId, counter: number, name: string, parent: EntryId = ROOT_ID) {
  return world.commit(node, [{ ...createOf(node, counter, name, directory), place: { parent, name } }])
}

function move(node: NodeId, counter: number, state: EntryState, place: { parent: EntryId; name: string }) {
  return world.commit(node, [{ kind: 'move', counter, entry: state.id, basedOn: state.placeVector, place }])
}

describe('what a node claims to have seen', () => {
  test('lies within the folder’s clock: with a forged base, no edit can pass for one that saw the others', async () => {
    await world.save(ash, 1, 'note')
    const first = await stateOf(entryIdOf(ash, 1))
    await edit(ash, 2, first, 'by ash')
    const forged = { ...first, contentVector: { ash: 9, birch: 3 } }
    expect(refusalOf(await edit(birch, 1, forged, 'by birch'))).toBe('ahead')
    expect(await stateOf(first.id)).toMatchObject({ contentVector: { ash: 2 } })
    // What it may say, it may: that is a conflict, and both are kept.
    expect((await edit(birch, 1, first, 'by birch')).outcomes).toMatchObject([{ kind: 'conflict' }])
  })

  test('names nobody that the folder does not know, in whatever field it stands', async () => {
    await world.save(ash, 1, 'note')
    const note = await stateOf(entryIdOf(ash, 1))
    const many = Object.fromEntries(Array.from({ length: 4000 }, (_, index) => [`ghost${index}`, 1]))
    const place = { parent: ROOT_ID, name: 'other' }
    const { content } = note
    const operations: readonly Operation[] = [
      { kind: 'edit', counter: 1, entry: note.id, basedOn: many, basedOnHash: '', content },
      { kind: 'move', counter: 1, entry: note.id, basedOn: many, place },
      { kind: 'delete', counter: 1, entry: note.id, seenContent: many, seenPlace: {}, subtree: false },
      { kind: 'delete', counter: 1, entry: note.id, seenContent: {}, seenPlace: many, subtree: false },
    ]
    for (const operation of operations) expect(refusalOf(await world.commit(birch, [operation]))).toBe('ahead')
    const created = createOf(birch, 1, 'new', directory)
    expect(refusalOf(await world.commit(birch, [created], { clock: many }))).toBe('ahead')
    expect(await clockNow()).toEqual({ ash: 1 })
  })

  test('is no mode of its own setting and no delete of its own making: what deciding remembers is not a node’s to tell', async () => {
    await world.save(ash, 1, 'note')
    const note = await stateOf(entryIdOf(ash, 1))
    const modeSetBy = { at: Number.MAX_SAFE_INTEGER, node: birch }
    const reachedBy = [{ delete: entryIdOf(birch, 9), ends: true }]
    expect(EntryStateSchema.parse({ ...note, modeSetBy, reachedBy })).toEqual(note)
  })

  test('has room for no more names and no higher counters than every node can read', () => {
    const names = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, 1]))
    expect(VersionVectorSchema.safeParse(names(LIMITS.nodesPerVector)).success).toBe(true)
    expect(VersionVectorSchema.safeParse(names(LIMITS.nodesPerVector + 1)).success).toBe(false)
    expect(VersionVectorSchema.safeParse({ ash: LIMITS.counter }).success).toBe(true)
    expect(VersionVectorSchema.safeParse({ ash: LIMITS.counter + 1 }).success).toBe(false)
    expect(VersionVectorSchema.safeParse({ 'no node': 1 }).success).toBe(false)
  })
})

test('no node is told what only deciding remembers, in whatever answer', async () => {
  await world.save(ash, 1, 'note')
  const note = await stateOf(entryIdOf(ash, 1))
  const content = { ...note.content, mode: 0o600 } as EntryState['content']
  const basedOnHash = note.content.kind === 'file' ? note.content.hash : ''
  const chmod = {
    kind: 'edit',
    entry: note.id,
    basedOn: note.contentVector,
    basedOnHash,
    basedOnMode: 0o644,
    content,
  } as const
  const gone = {
    kind: 'delete',
    entry: note.id,
    seenContent: { ash: 1 },
    seenPlace: { ash: 1 },
    subtree: false,
  } as const
  const answers = [
    await world.commit(birch, [{ ...chmod, counter: 1 }]),
    await world.commit(ash, [{ ...gone, counter: 2 }]),
    await world.commit(ash, [{ ...gone, counter: 3, seenContent: { ash: 1, birch: 1 } }], {
      clock: { ash: 2, birch: 1 },
    }),
  ]
  const held = await world.metadata.read((tx) => tx.entries(DEFAULT_FOLDER, [note.id]))
  expect(held).toMatchObject([{ modeSetBy: { node: 'birch' }, reachedBy: [{ delete: entryIdOf(ash, 3) }] }])
  const all = { cursor: LOG_START, limit: 100 }
  const told = [
    ...answers,
    await world.coordinator.changes.changes(DEFAULT_FOLDER, birch, all),
    await world.coordinator.changes.changes(DEFAULT_FOLDER, birch, { ...all, full: true }),
    await world.coordinator.digests.states(DEFAULT_FOLDER, birch, [note.id]),
  ]
  for (const one of told) expect(JSON.stringify(one)).not.toMatch(/modeSetBy|reachedBy/)
})

describe('a counter', () => {
  test('leaves out no more than a step, so that a node’s own never run out', async () => {
    expect(refusalOf(await world.save(birch, LIMITS.counterStep + 1, 'far'))).toBe('invalid')
    expect(refusalOf(await world.save(birch, LIMITS.counterStep, 'near'))).toBeNull()
  })

  test('of another operation is not answered with what became of the first, whose repeat is', async () => {
    const first = await world.save(ash, 1, 'first')
    expect(await world.save(ash, 1, 'first')).toEqual(first)
    expect(refusalOf(await world.save(ash, 1, 'second'))).toBe('counter-used')
    expect(refusalOf(await world.save(ash, 2, 'second'))).toBeNull()
  })

  test('that was used holds up its whole commit: an id in it would be another’s', async () => {
    await makeDirectory(ash, 1, 'old')
    await world.save(ash, 2, 'file')
    const parent = entryIdOf(ash, 1)
    const { outcomes } = await world.commit(ash, [
      createOf(ash, 1, 'new', directory),
      { ...createOf(ash, 3, 'inside', directory), place: { parent, name: 'inside' } },
    ])
    expect(outcomes).toMatchObject([{ refusal: 'counter-used' }, { refusal: 'counter-used' }])
  })
})

describe('the root', () => {
  test('is a parent, and never what is changed', async () => {
    await world.save(ash, 1, 'note')
    const state = await stateOf(entryIdOf(ash, 1))
    expect(EntryStateSchema.safeParse(state).success).toBe(true)
    expect(EntryStateSchema.safeParse({ ...state, id: ROOT_ID }).success).toBe(false)
    expect(EntryStateSchema.safeParse({ ...state, conflictOf: ROOT_ID }).success).toBe(false)
    const operation = {
      kind: 'delete',
      counter: 1,
      entry: ROOT_ID,
      seenContent: {},
      seenPlace: {},
      subtree: true,
    } as const
    const request = { clock: {}, operations: [operation], contents: [], manifests: [], approved: true }
    expect(CommitRequestSchema.safeParse(request).success).toBe(false)
    expect(refusalOf(await world.commit(birch, [operation]))).toBe('invalid')
  })
})

describe('a place', () => {
  const unplaceable = ['.causeway', '.Causeway', 'é'.repeat(200), '\ud800']

  test.each(unplaceable)('is never called %j, whoever asks', async (name) => {
    await world.save(ash, 1, 'note')
    const note = await stateOf(entryIdOf(ash, 1))
    expect(refusalOf(await makeDirectory(birch, 1, name))).toBe('unplaceable')
    expect(refusalOf(await move(birch, 1, note, { parent: ROOT_ID, name }))).toBe('unplaceable')
    const { arrange } = world.coordinator
    await expect(arrange.makeDirectory(BY_ADMIN, name)).rejects.toMatchObject({ code: 'bad-request' })
    await expect(arrange.move(BY_ADMIN, 'note', name)).rejects.toMatchObject({ code: 'bad-request' })
    expect((await world.changes(ash)).states).toHaveLength(1)
  })

  test('lies no deeper than a path may be long, though it is moved there bit by bit', async () => {
    const chain = async (node: NodeId, from: number, levels: number) => {
      for (let level = 0; level < levels; level++) {
        const parent = level === 0 ? ROOT_ID : entryIdOf(node, from + level - 1)
        expect(
          refusalOf(await makeDirectory(node, from + level, 'd'.repeat(level === 0 ? from : 1), parent)),
        ).toBeNull()
      }
      return entryIdOf(node, from + levels - 1)
    }
    const bottom = await chain(ash, 1, LIMITS.depth)
    expect(refusalOf(await makeDirectory(ash, LIMITS.depth + 1, 'deeper', bottom))).toBe('unplaceable')
    const below = await chain(birch, 2, 3)
    const top = await stateOf(entryIdOf(birch, 2))
    const parentAt = (level: number) => ({ parent: entryIdOf(ash, level), name: 'moved' })
    expect(refusalOf(await move(birch, 9, top, parentAt(LIMITS.depth - 2)))).toBe('unplaceable')
    expect(refusalOf(await move(birch, 9, top, parentAt(LIMITS.depth - 3)))).toBeNull()
    expect(refusalOf(await makeDirectory(birch, 10, 'deeper', below))).toBe('unplaceable')
  })

  describe('nor when it comes back, with what was deleted around it', () => {
    const levels = LIMITS.depth - 10
    const topOf = () => stateOf(entryIdOf(birch, 1))
    const lastOf = () => stateOf(entryIdOf(birch, 20))

    beforeEach(async () => {
      for (let level = 1; level <= levels; level++) {
        await makeDirectory(ash, level, 'd', level === 1 ? ROOT_ID : entryIdOf(ash, level - 1))
      }
      for (let level = 1; level <= 20; level++) {
        await makeDirectory(birch, level, 'b', level === 1 ? ROOT_ID : entryIdOf(birch, level - 1))
      }
    })

    async function removeBelow({ id, contentVector, placeVector }: EntryState): Promise<void> {
      const seen = { seenContent: contentVector, seenPlace: placeVector }
      const operation = { kind: 'delete', counter: 30, entry: id, ...seen, subtree: true } as const
      const { outcomes } = await world.commit(birch, [operation], { clock: { birch: 20 } })
      expect(outcomes).toMatchObject([{ kind: 'accepted' }])
    }

    test('by an edit, where a directory above was moved meanwhile', async () => {
      const last = await lastOf()
      await removeBelow(await stateOf(entryIdOf(birch, 2)))
      expect(
        refusalOf(await move(birch, 31, await topOf(), { parent: entryIdOf(ash, levels), name: 'moved' })),
      ).toBeNull()
      const content = { kind: 'directory', mode: 0o700 } as const
      const change = { kind: 'edit', entry: last.id, basedOn: last.contentVector, basedOnHash: '', content } as const
      expect(refusalOf(await world.commit(ash, [{ ...change, counter: levels + 1 }]))).toBe('unplaceable')
      expect(await lastOf()).toMatchObject({ deleted: true })
    })

    test('by a move of all of it', async () => {
      const top = await topOf()
      await removeBelow(top)
      expect(refusalOf(await move(ash, levels + 1, top, { parent: entryIdOf(ash, levels), name: 'moved' }))).toBe(
        'unplaceable',
      )
      expect(await lastOf()).toMatchObject({ deleted: true })
    })
  })

  test('has a path of no more bytes than a disk takes', async () => {
    let parent: EntryId = ROOT_ID
    let refusal: string | null = null
    for (let counter = 1; refusal === null && counter < 40; counter++) {
      refusal = refusalOf(await makeDirectory(ash, counter, 'x'.repeat(250), parent))
      parent = entryIdOf(ash, counter)
    }
    expect(refusal).toBe('unplaceable')
    expect((await world.changes(ash)).states).toHaveLength(Math.floor(LIMITS.pathBytes / 251))
  })

  test('nor has what lies in a directory that is moved or renamed', async () => {
    const chain = async (node: NodeId, levels: number) => {
      for (let level = 1; level <= levels; level++) {
        await makeDirectory(node, level, 'x'.repeat(249), level === 1 ? ROOT_ID : entryIdOf(node, level - 1))
      }
    }
    await chain(ash, 8)
    await makeDirectory(birch, 1, 'top')
    for (let level = 2; level <= 9; level++) {
      await makeDirectory(birch, level, 'x'.repeat(249), entryIdOf(birch, level - 1))
    }
    const top = await stateOf(entryIdOf(birch, 1))
    const below = 8 * 250
    const inLast = { parent: entryIdOf(ash, 8), name: 'n'.repeat(LIMITS.pathBytes - 8 * 250 - below) }
    expect(refusalOf(await move(birch, 20, top, { ...inLast, name: `${inLast.name}n` }))).toBe('unplaceable')
    expect(refusalOf(await move(birch, 20, top, inLast))).toBeNull()
    const moved = await stateOf(top.id)
    expect(refusalOf(await move(birch, 21, moved, { ...inLast, name: `${inLast.name}n` }))).toBe('unplaceable')
    expect(refusalOf(await move(birch, 21, moved, { parent: ROOT_ID, name: 'short' }))).toBeNull()
  })

  test('inside itself stays where it is, and nothing comes back to life for it', async () => {
    await makeDirectory(ash, 1, 'outer')
    await makeDirectory(ash, 2, 'inner', entryIdOf(ash, 1))
    const inner = await stateOf(entryIdOf(ash, 2))
    const seen = { seenContent: inner.contentVector, seenPlace: inner.placeVector }
    await world.commit(ash, [{ kind: 'delete', counter: 3, entry: inner.id, ...seen, subtree: false }])
    const outer = await stateOf(entryIdOf(ash, 1))
    const { outcomes } = await move(birch, 1, outer, { parent: inner.id, name: 'outer' })
    expect(outcomes).toMatchObject([{ kind: 'settled' }])
    expect(await stateOf(outer.id)).toMatchObject({ parent: ROOT_ID, name: 'outer' })
    expect(await stateOf(inner.id)).toMatchObject({ deleted: true })
  })
})

test('an entry that is deleted under a directory that lies in itself holds nobody up', async () => {
  await world.save(ash, 1, 'note')
  // As a commit from before circles were refused may have left it.
  const { clock } = await world.coordinator.folders.get(DEFAULT_FOLDER)
  const { tag } = (await world.changes(ash)).cursor
  const id = entryIdOf(birch, 1)
  const file = await stateOf(entryIdOf(ash, 1))
  const circle: EntryState = { ...file, id, seq: 2, parent: id, name: 'circle', content: directory, deleted: true }
  const rest = { versions: [], events: [], aliases: [], conflicts: [], settled: [], outcomes: [] }
  const at = new Date(0).toISOString()
  await world.metadata.write(async (tx) =>
    tx.applyFolderWrites({
      folder: DEFAULT_FOLDER,
      decidedOn: (await tx.folder(DEFAULT_FOLDER))?.revision ?? 0,
      head: 2,
      tag,
      clock: { ...clock, birch: 1 },
      at,
      states: [circle],
      ...rest,
    }),
  )
  const refused = await world.commit(birch, [
    { ...createOf(birch, 2, 'inside', directory), place: { parent: id, name: 'x' } },
  ])
  expect(refusalOf(refused)).toBe('unplaceable')
  expect(refusalOf(await world.save(ash, 2, 'other'))).toBeNull()
  expect((await world.changes(ash, undefined, LOG_START)).states).toHaveLength(3)
})
