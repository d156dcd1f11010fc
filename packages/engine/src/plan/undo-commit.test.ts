import { ContentHashSchema, NodeIdSchema, ROOT_ID, entryIdOf, type EntryId, type EntryState } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { planUndo, type CommittedChange, type UndoSurroundings } from './undo-commit.ts'

const ash = NodeIdSchema.parse('ash')
const NOWHERE: UndoSurroundings = { isLiveDirectory: () => false, liveBelow: () => [] }

const before = file(1, { contentVector: { ash: 1 }, placeVector: { ash: 1 } })
const edited = file(1, { contentVector: { ash: 2 }, placeVector: { ash: 1 }, content: text('b') })
const moved = file(1, { contentVector: { ash: 1 }, placeVector: { ash: 2 }, name: 'there' })
const deleted: EntryState = { ...before, deleted: true, existenceVector: { ash: 2 } }

test.each<readonly [what: string, change: CommittedChange, result: readonly string[]]>([
  ['an edit goes back', { before, after: edited, current: edited }, ['edit']],
  ['a move goes back', { before, after: moved, current: moved }, ['move']],
  ['what was created goes', { before: null, after: before, current: before }, ['delete']],
  ['what was deleted comes back', { before, after: deleted, current: deleted }, ['restore']],
  ['what was brought back goes again', { before: deleted, after: before, current: before }, ['delete']],
  ['what came and went in one commit is no matter', { before: null, after: deleted, current: deleted }, []],
  ['what was brought back since stays', { before, after: deleted, current: before }, []],
  [
    'what was deleted anew since stays deleted',
    { before, after: deleted, current: { ...deleted, existenceVector: { ash: 4 } } },
    ['left: changed-since'],
  ],
  [
    'an edit that was edited since is left alone',
    { before, after: edited, current: { ...edited, content: text('c'), contentVector: { ash: 3 } } },
    ['left: changed-since'],
  ],
  [
    'an edit that was taken back since is none',
    { before, after: edited, current: { ...edited, content: text('a'), contentVector: { ash: 3 } } },
    [],
  ],
  [
    'an edit goes back though the file was moved since',
    { before, after: edited, current: { ...edited, name: 'elsewhere', placeVector: { ash: 3 } } },
    ['edit'],
  ],
  ['what was deleted since is left', { before, after: edited, current: { ...deleted } }, ['left: deleted-since']],
  [
    'what was created and edited since is left',
    { before: null, after: before, current: edited },
    ['left: changed-since'],
  ],
  [
    'without the version before nothing is done',
    { before: undefined, after: edited, current: edited },
    ['left: not-kept'],
  ],
])('%s', (_, change, result) => {
  expect(shown([change], NOWHERE)).toEqual(result)
})

test('a move back to a directory that is gone is left alone, unless that comes back with it', () => {
  const docs = directory(9)
  const inDocs = { ...before, parent: docs.id }
  const move: CommittedChange = { before: inDocs, after: moved, current: moved }
  const gone: EntryState = { ...docs, deleted: true, existenceVector: { ash: 5 } }
  expect(shown([move], NOWHERE)).toEqual(['left: directory-gone'])
  expect(shown([move], { ...NOWHERE, isLiveDirectory: (id) => id === docs.id })).toEqual(['move'])
  expect(shown([move, { before: docs, after: gone, current: gone }], NOWHERE)).toEqual(['restore', 'move'])
})

test('directories come before what is in them, go after it, and stay where something else is in them', () => {
  const docs = directory(9)
  const inside = { ...before, parent: docs.id }
  const made = (state: EntryState): CommittedChange => ({ before: null, after: state, current: state })
  const around = { ...NOWHERE, liveBelow: () => [inside] }
  expect(planUndo([made(docs), made(inside)], around).steps.map(({ current }) => current.id)).toEqual([
    inside.id,
    docs.id,
  ])
  const other = { ...before, id: entryIdOf(ash, 77), parent: docs.id }
  const plan = planUndo([made(docs), made(inside)], { ...NOWHERE, liveBelow: () => [inside, other] })
  expect(plan.steps.map(({ current }) => current.id)).toEqual([inside.id])
  expect(plan.left).toEqual([{ entry: docs, why: 'holds-newer' }])
})

function shown(changes: readonly CommittedChange[], around: UndoSurroundings): readonly string[] {
  const { steps, left } = planUndo(changes, around)
  return [...steps.map(({ kind }) => kind), ...left.map(({ why }) => `left: ${why}`)]
}

function text(letter: string) {
  const hash = ContentHashSchema.parse(letter.repeat(64))
  return { kind: 'file', hash, size: 1, mode: 0o644, mtimeNs: '0' } as const
}

function file(counter: number, more: Partial<EntryState>): EntryState {
  return entry(entryIdOf(ash, counter), { content: text('a'), ...more })
}

function directory(counter: number): EntryState {
  return entry(entryIdOf(ash, counter), { content: { kind: 'directory', mode: 0o755 } })
}

function entry(id: EntryId, more: Partial<EntryState> & Pick<EntryState, 'content'>): EntryState {
  const vectors = { placeVector: { ash: 1 }, contentVector: { ash: 1 }, existenceVector: {} }
  return { id, seq: 1, parent: ROOT_ID, name: 'here', ...vectors, deleted: false, ...more }
}
