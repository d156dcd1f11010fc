import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  ContentHashSchema,
  NodeIdSchema,
  ROOT_ID,
  entryIdOf,
  type Content,
  type EntryId,
  type EntryState,
  type Operation,
  type Outcome,
} from '@causeway/protocol'
import type { BaseEntry } from '../tree.ts'
import { advance, type Advance, type SentOperation } from './advance.ts'
import { stateOfBase } from './remote.ts'
import { anyActions, perform } from './test-support/any-actions.ts'
import { Planted, PlantedBase } from './test-support/planted.ts'

const NODE = NodeIdSchema.parse('atlas')
const OTHER = entryIdOf(NodeIdSchema.parse('birch'), 7)
const NEW = entryIdOf(NODE, 5)

let planted: Planted
let note: BaseEntry
let docs: BaseEntry

beforeEach(async () => {
  planted = new Planted()
  planted.user.write('docs/note.txt', 'one')
  planted.user.write('docs/deep/more.txt', 'two')
  await planted.sync()
  note = at('docs/note.txt')
  docs = at('docs')
})

function at(path: string): BaseEntry {
  const found = planted.base.base(planted.idAt(path))
  if (found === undefined) throw new Error(`nothing at ${path}`)
  return found
}

function sent(operation: Operation, onDisk: Content | null = note.content): SentOperation {
  return {
    operation,
    node: NODE,
    onDisk: onDisk === null ? null : { content: onDisk, stat: { ...note.stat, mtimeNs: 9n }, racy: true },
  }
}

const edited: Content = {
  kind: 'file',
  hash: ContentHashSchema.parse('e'.repeat(64)),
  size: 1,
  mode: 0o644,
  mtimeNs: '9',
}

function create(name: string, parent: EntryId = ROOT_ID): Operation {
  return { kind: 'create', counter: 5, entry: NEW, place: { parent, name }, content: edited }
}

function edit(entry: BaseEntry): Operation {
  return { kind: 'edit', counter: 5, entry: entry.id, basedOn: entry.contentVector, basedOnHash: '', content: edited }
}

function move(entry: BaseEntry, parent: EntryId, name: string): Operation {
  return { kind: 'move', counter: 5, entry: entry.id, basedOn: entry.placeVector, place: { parent, name } }
}

function remove(entry: BaseEntry, subtree: boolean): Operation {
  const { contentVector: seenContent, placeVector: seenPlace } = entry
  return { kind: 'delete', counter: 5, entry: entry.id, seenContent, seenPlace, subtree }
}

function stateLike(entry: BaseEntry, change: Partial<EntryState> = {}): EntryState {
  return { ...stateOfBase(entry), seq: 40, ...change }
}

const refused = (refusal: 'invalid', states: EntryState[] = []): Outcome => ({
  kind: 'refused',
  refusal,
  detail: '',
  states,
  missing: [],
})

const ids = (entries: readonly { id: EntryId }[]): EntryId[] => entries.map(({ id }) => id)

describe('creates', () => {
  test('an accepted one is base as it lies on disk', () => {
    const next = advance(planted.base, sent(create('new'), edited), { kind: 'accepted', seq: 3 })
    expect(next).toMatchObject({
      put: [
        { id: NEW, name: 'new', content: edited, contentVector: { atlas: 5 }, placeVector: { atlas: 5 }, racy: true },
      ],
      removed: [],
      pending: [],
      alias: null,
    })
  })

  test('one that was joined goes by the other id from then on', () => {
    const state = stateLike(note, { id: OTHER, parent: ROOT_ID, name: 'new', contentVector: { birch: 7, atlas: 5 } })
    const next = advance(planted.base, sent(create('new'), edited), { kind: 'settled', state })
    expect(next.alias).toEqual({ from: NEW, to: OTHER })
    expect(next.put).toMatchObject([{ id: OTHER, contentVector: { birch: 7, atlas: 5 }, content: edited }])
    expect(next.pending).toEqual([state])
  })

  test('one that was joined with what lies elsewhere on this disk takes its id; what lies there is left over, and goes', () => {
    const state = stateLike(note, { name: 'new', parent: ROOT_ID })
    const next = advance(planted.base, sent(create('new'), note.content), { kind: 'settled', state })
    expect(next.removed).toEqual([])
    expect(next.put).toMatchObject([
      { id: note.id, parent: ROOT_ID, name: 'new' },
      { id: NEW, parent: docs.id, name: 'note.txt', stat: note.stat },
    ])
    expect(next.alias).toEqual({ from: NEW, to: note.id })
    expect(next.pending).toMatchObject([state, { id: NEW, deleted: true }])
  })

  test('what is in a directory that is left over goes to where the coordinator has it', () => {
    const state = stateLike(docs, { name: 'new', parent: ROOT_ID })
    const next = advance(planted.base, sent(create('new'), docs.content), { kind: 'settled', state })
    const inside = ['docs/note.txt', 'docs/deep'].map((path) => planted.idAt(path))
    const moved = next.put.filter(({ parent }) => parent === NEW)
    expect(new Set(ids(moved))).toEqual(new Set(inside))
    expect(new Set(ids(next.pending))).toEqual(new Set([docs.id, NEW, ...inside]))
    expect(next.pending.filter(({ parent }) => parent === docs.id)).toHaveLength(2)
  })

  test('one that stepped aside is base where it lies, and its new name is pending with its rival', () => {
    const state = stateLike(note, { id: OTHER, parent: ROOT_ID, name: 'new' })
    const copy = { ...state, id: NEW, name: 'new (conflict)', conflictOf: OTHER }
    const next = advance(planted.base, sent(create('new'), edited), { kind: 'conflict', copy, state })
    expect(next.put).toMatchObject([{ id: NEW, name: 'new' }])
    expect(next.pending).toEqual([copy, state])
  })

  test('a rival that the base holds already is not asked for again', () => {
    const copy = stateLike(note, { id: NEW, name: 'note (conflict).txt' })
    const next = advance(planted.base, sent(create('note.txt', docs.id), edited), {
      kind: 'conflict',
      copy,
      state: stateLike(note),
    })
    expect(ids(next.pending)).toEqual([NEW])
  })
})

describe('edits and moves', () => {
  test('an accepted edit is base with its event', () => {
    const next = advance(planted.base, sent(edit(note), edited), { kind: 'accepted', seq: 3 })
    expect(next.put).toMatchObject([
      { id: note.id, content: edited, contentVector: { planter: 1, atlas: 5 }, placeVector: { planter: 1 } },
    ])
  })

  test('an accepted move changes the place alone', () => {
    const next = advance(planted.base, sent(move(note, ROOT_ID, 'moved')), { kind: 'accepted', seq: 3 })
    expect(next.put).toMatchObject([
      {
        id: note.id,
        parent: ROOT_ID,
        name: 'moved',
        placeVector: { planter: 1, atlas: 5 },
        content: note.content,
        contentVector: { planter: 1 },
      },
    ])
  })

  test('what was settled otherwise is base as it lies, and pending as it was decided', () => {
    const state = stateLike(note, { name: 'elsewhere' })
    const next = advance(planted.base, sent(edit(note), edited), { kind: 'settled', state })
    expect(next.put).toMatchObject([{ content: edited, contentVector: { planter: 1 } }])
    expect(next.pending).toEqual([state])
  })

  test('of a conflict both are pending, but nothing that the log does not hold yet', () => {
    const state = stateLike(note)
    const copy = stateLike(note, { id: NEW, name: 'note (conflict).txt' })
    expect(advance(planted.base, sent(edit(note), edited), { kind: 'conflict', copy, state }).pending).toEqual([
      state,
      copy,
    ])
    const unwritten = { ...state, seq: 0 }
    expect(
      advance(planted.base, sent(edit(note), edited), { kind: 'conflict', copy, state: unwritten }).pending,
    ).toEqual([copy])
  })

  test('a move onto the same bytes goes by the id of what had the name', () => {
    const state = stateLike(note, { id: OTHER, parent: ROOT_ID, name: 'moved' })
    const next = advance(planted.base, sent(move(note, ROOT_ID, 'moved')), { kind: 'settled', state })
    expect(next.removed).toEqual([note.id])
    expect(next.put).toMatchObject([{ id: OTHER, parent: ROOT_ID, name: 'moved', content: note.content }])
    expect(next.alias).toEqual({ from: note.id, to: OTHER })
  })

  test('a move that would close a circle is to be undone on disk', () => {
    const state = stateLike(note)
    const next = advance(planted.base, sent(move(note, ROOT_ID, 'moved')), { kind: 'settled', state })
    expect(next.put).toMatchObject([{ parent: ROOT_ID, name: 'moved', placeVector: { planter: 1 } }])
    expect(next.pending).toEqual([state])
  })

  test('what was refused for any other reason changes nothing', () => {
    expect(advance(planted.base, sent(edit(note), edited), refused('invalid', [stateLike(note)]))).toMatchObject({
      put: [],
      removed: [],
      pending: [],
    })
  })

  test('an entry that was forgotten meanwhile stays forgotten', () => {
    const gone = { ...note, id: OTHER }
    expect(advance(planted.base, sent(edit(gone), edited), { kind: 'accepted', seq: 3 }).put).toEqual([])
  })
})

describe('deletes', () => {
  test('a whole subtree leaves the base, and each entry a tombstone that has seen all of it', () => {
    const next = advance(planted.base, sent(remove(docs, true), null), { kind: 'accepted', seq: 3, gone: 4 })
    expect(next.removed).toHaveLength(4)
    expect(ids(next.tombstones)).toEqual(next.removed)
    for (const { deleted, existenceVector } of next.tombstones) {
      expect([deleted, existenceVector]).toEqual([true, { planter: 1, atlas: 5 }])
    }
  })

  test('what lives on is pending, and so is all of which the answer does not say that it fell', () => {
    const states = [stateLike(docs), stateLike(note, { contentVector: { planter: 1, birch: 2 } })]
    const next = advance(planted.base, sent(remove(docs, true), null), { kind: 'kept', states, gone: 2 })
    expect(next.removed).toHaveLength(4)
    expect(next.pending.slice(0, 2)).toEqual(states)
    expect(new Set(ids(next.pending.slice(2)))).toEqual(
      new Set([planted.idAt('docs/deep'), planted.idAt('docs/deep/more.txt')]),
    )
    expect(next).toMatchObject({ tombstones: [], isIncomplete: true })
  })

  test('an answer that covers less than was here is not taken for more', () => {
    const next = advance(planted.base, sent(remove(docs, true), null), { kind: 'accepted', seq: 3, gone: 3 })
    expect(next.pending).toHaveLength(4)
    expect(next).toMatchObject({ tombstones: [], isIncomplete: true })
  })

  test('a delete that was refused changes nothing', () => {
    expect(advance(planted.base, sent(remove(docs, true), null), refused('invalid'))).toMatchObject({
      removed: [],
      tombstones: [],
    })
  })
})

describe('offers', () => {
  const offer = (state: EntryState): SentOperation => sent({ kind: 'offer', counter: 5, state }, null)

  test('what is answered under its own id is pending as it was decided', () => {
    const state = stateLike(docs)
    expect(advance(planted.base, offer(stateOfBase(docs)), { kind: 'settled', state })).toMatchObject({
      pending: [state],
      alias: null,
      put: [],
      removed: [],
    })
  })

  test('what is answered under another id is known by that one from then on, children and all', () => {
    const state = stateLike(docs, { id: OTHER, contentVector: { planter: 1, birch: 7 } })
    const next = advance(planted.base, offer(stateOfBase(docs)), { kind: 'settled', state })
    expect(next.removed).toEqual([docs.id])
    expect(next.alias).toEqual({ from: docs.id, to: OTHER })
    expect(next.put).toMatchObject([
      { id: OTHER, name: 'docs', contentVector: { planter: 1, birch: 7 } },
      { id: note.id, parent: OTHER },
      { id: planted.idAt('docs/deep'), parent: OTHER },
    ])
  })

  test('where the base holds the other id already, what was offered is forgotten and asked for below that one', () => {
    planted.base.put({ ...docs, id: OTHER, name: 'papers' })
    const state = stateLike(docs, { id: OTHER, name: 'papers' })
    const next = advance(planted.base, offer(stateOfBase(docs)), { kind: 'settled', state })
    expect(next.removed).toContain(docs.id)
    expect(next.pending.filter(({ seq }) => seq === note.seq).find(({ id }) => id === note.id)?.parent).toBe(OTHER)
  })

  test('where nothing is in the base, nothing stays pending under the old id', () => {
    const unknown = entryIdOf(NODE, 99)
    const state = stateLike(docs, { id: OTHER })
    const next = advance(planted.base, offer({ ...stateOfBase(docs), id: unknown }), { kind: 'settled', state })
    expect(next).toMatchObject({ alias: { from: unknown, to: OTHER }, pending: [state], put: [], removed: [] })
  })
})

test('whatever is answered, no base entry is left without its directory', async () => {
  await fc.assert(
    fc.asyncProperty(anyActions, fc.nat(), fc.nat(), fc.nat(), fc.nat(), async (actions, a, b, kind, answer) => {
      const tree = new Planted()
      perform(tree.user, actions)
      await tree.sync()
      const entries = [...tree.base.entries.values()]
      const entry = entries[a % Math.max(entries.length, 1)]
      const other = entries[b % Math.max(entries.length, 1)]
      if (entry === undefined || other === undefined) return
      const directories = [ROOT_ID, ...ids(entries.filter(({ content }) => content.kind === 'directory'))]
      const parent = directories[b % directories.length] ?? ROOT_ID
      const operations = [
        create('new', parent),
        edit(entry),
        move(entry, parent, 'new'),
        remove(entry, true),
        { kind: 'offer', counter: 5, state: stateOfBase(entry) } as const,
      ]
      const operation = operations[kind % operations.length]
      const state = stateLike(other)
      const renamed = stateLike(entry, { id: OTHER })
      const outcomes: readonly Outcome[] = [
        { kind: 'accepted', seq: 3 },
        { kind: 'settled', state },
        { kind: 'settled', state: renamed },
        { kind: 'conflict', copy: renamed, state },
        { kind: 'kept', states: [state] },
        refused('invalid', [state]),
      ]
      const outcome = outcomes[answer % outcomes.length]
      if (operation === undefined || outcome === undefined) return
      // A move below itself never leaves a disk.
      if (operation.kind === 'move' && isBelow(tree.base, parent, entry.id)) return
      const onDisk = operation.kind === 'delete' || operation.kind === 'offer' ? null : entry.content
      const after = advanced(tree.base, advance(tree.base, sent(operation, onDisk), outcome))
      const lost = [...after.entries.values()].filter(
        ({ parent: above }) => above !== ROOT_ID && after.base(above) === undefined,
      )
      expect(lost, `after ${operation.kind}`).toEqual([])
    }),
    { numRuns: 300 },
  )
})

function advanced(base: PlantedBase, next: Advance): PlantedBase {
  const gone = new Set(next.removed)
  return new PlantedBase([...[...base.entries.values()].filter(({ id }) => !gone.has(id)), ...next.put])
}

function isBelow(base: PlantedBase, id: EntryId, directory: EntryId): boolean {
  for (let entry = base.base(id); entry !== undefined; entry = base.base(entry.parent)) {
    if (entry.id === directory) return true
  }
  return false
}
