import { ROOT_ID, type EntryId, type FolderId, type NodeId } from '@causeway/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { BaseEntry, ReplicaState } from '../replica-state.ts'
import { openReplicaState } from './open-replica-state.ts'

const ids = ['n.1', 'n.2', 'n.3'] as EntryId[]
const stat = { size: 0, mode: 0o755, mtimeNs: 1n, ctimeNs: 1n, inode: 1n, birthtimeNs: 1n, device: 1n }

const entryArbitrary: fc.Arbitrary<BaseEntry> = fc
  .record({
    id: fc.constantFrom(...ids),
    parent: fc.constantFrom(ROOT_ID, ...ids),
    name: fc.constantFrom('a', 'b'),
    kind: fc.constantFrom('directory' as const, 'symlink' as const),
  })
  .map(({ kind, ...place }) => ({
    ...place,
    placeVector: {},
    content: kind === 'directory' ? { kind, mode: 0o755 } : { kind, target: 'x' },
    contentVector: {},
    existenceVector: {},
    seq: 1,
    stat: { ...stat, kind },
    racy: false,
  }))

const stepArbitrary = fc.oneof(
  fc.record({ do: fc.constant('put' as const), entry: entryArbitrary }),
  fc.record({ do: fc.constant('fail' as const), entry: entryArbitrary }),
  fc.record({ do: fc.constant('remove' as const), id: fc.constantFrom(...ids) }),
)

test('a directory that is asked for again is as the database has it, whatever was written or undone between', () => {
  fc.assert(
    fc.property(fc.array(stepArbitrary, { maxLength: 30 }), (steps) => {
      const state = openReplicaState({ path: ':memory:', folder: 'work' as FolderId, node: 'n' as NodeId })
      const held = new Map<EntryId, BaseEntry>()
      for (const step of steps) {
        if (step.do === 'put') {
          state.putBase(step.entry)
          held.set(step.entry.id, step.entry)
        } else if (step.do === 'remove') {
          state.removeBase(step.id)
          held.delete(step.id)
        } else {
          putAndUndo(state, step.entry)
        }
        for (const id of ids) expect(state.base(id)).toEqual(held.get(id))
        for (const parent of [ROOT_ID, ...ids]) {
          for (const name of ['a', 'b']) {
            const there = [...held.values()].filter((entry) => entry.parent === parent && entry.name === name)
            const found = state.baseAt(parent, name)
            expect(found === undefined ? there.length === 0 : there.some(({ id }) => id === found.id)).toBe(true)
          }
        }
      }
      state.close()
    }),
    { numRuns: 60 },
  )
})

/** Puts an entry, and reads it back, in a transaction that fails. */
function putAndUndo(state: ReplicaState, entry: BaseEntry): void {
  const undone = new Error('undone')
  try {
    state.transaction(() => {
      state.putBase(entry)
      state.baseAt(entry.parent, entry.name)
      throw undone
    })
  } catch (error) {
    if (error !== undone) throw error
  }
}
