import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import type { LocalChange } from './local-change.ts'
import { baseBelow, orderChanges } from './order-changes.ts'
import { directoryOf } from './paths.ts'
import { anyActions, perform } from './test-support/any-actions.ts'
import { Planted, type PlantedBase } from './test-support/planted.ts'

let planted: Planted

beforeEach(() => {
  planted = new Planted()
})

/** The changes in order, from whatever order they are given in. */
async function ordered(arrange: (changes: readonly LocalChange[]) => readonly LocalChange[]): Promise<string[]> {
  return orderChanges(planted.base, arrange(await planted.diff())).map((change) => planted.tell(change))
}

const asGiven = (changes: readonly LocalChange[]): readonly LocalChange[] => changes
const backwards = (changes: readonly LocalChange[]): readonly LocalChange[] => [...changes].reverse()

describe.each([
  ['as given', asGiven],
  ['given backwards', backwards],
] as const)('changes %s', (_title, arrange) => {
  test('new directories come before what is in them', async () => {
    planted.user.write('a/b/c', '1')
    expect(await ordered(arrange)).toEqual(['create a', 'create a/b', 'create a/b/c'])
  })

  test('a name is vacated before it is taken again', async () => {
    const { user } = planted
    user.write('b', '1')
    user.write('a/file', '2')
    await planted.sync()
    user.rename('b', 'c')
    user.rename('a', 'b')
    expect(await ordered(arrange)).toEqual(['move b -> c', 'move a -> b'])
  })

  test('a file is deleted before a directory takes its name', async () => {
    const { user } = planted
    user.write('thing', '1')
    await planted.sync()
    user.remove('thing')
    user.write('thing/inside', '2')
    expect(await ordered(arrange)).toEqual(['delete thing', 'create thing', 'create thing/inside'])
  })

  test('what moves out of a directory goes before that is deleted', async () => {
    const { user } = planted
    user.write('old/deep/keep', '1')
    user.write('old/drop', '2')
    await planted.sync()
    user.rename('old/deep/keep', 'new/keep')
    user.remove('old')
    expect(await ordered(arrange)).toEqual(['create new', 'move old/deep/keep -> new/keep', 'delete old'])
  })

  test('what moves out goes first even where the directory’s name is taken at once', async () => {
    const { user } = planted
    user.write('thing/keep', '1')
    await planted.sync()
    user.rename('thing/keep', 'keep')
    user.remove('thing')
    user.write('thing', '2')
    expect(await ordered(arrange)).toEqual(['move thing/keep -> keep', 'delete thing', 'create thing'])
  })

  test('deletes come last', async () => {
    const { user } = planted
    user.write('a', '1')
    user.write('b', '2')
    await planted.sync()
    user.remove('a')
    user.write('b', '3')
    user.write('c', '4')
    expect((await ordered(arrange)).at(-1)).toBe('delete a')
  })
})

describe('laws', () => {
  test('every change comes once, and none is added', async () => {
    await forAnyChanges((_base, changes, order) => {
      expect(new Set(order)).toEqual(new Set(changes))
      expect(order).toHaveLength(changes.length)
    })
  })

  test('what a change waits for comes first, unless the two wait for each other', async () => {
    await forAnyChanges((base, changes, order) => {
      const at = new Map(order.map((change, index) => [change, index]))
      const waits = new Map(changes.map((change) => [change, awaitedBy(base, changes, change)]))
      for (const [change, awaited] of waits) {
        for (const first of awaited) {
          if (reaches(waits, first, change)) continue
          expect(at.get(first), 'the one waited for').toBeLessThan(at.get(change) ?? -1)
        }
      }
    })
  })

  test('a delete comes before something else only where its name is taken', async () => {
    await forAnyChanges((_base, _changes, order) => {
      const last = order.findLastIndex((change) => change.kind !== 'delete')
      for (const change of order.slice(0, Math.max(last, 0))) {
        if (change.kind !== 'delete') continue
        const taken = order.some(
          (other) =>
            (other.kind === 'create' || other.kind === 'move') &&
            other.parent === change.base.parent &&
            other.name === change.base.name,
        )
        expect(taken).toBe(true)
      }
    })
  })
})

test('what lies below a directory comes parents first, without what moved out and all below that', async () => {
  for (const path of ['a/b/c', 'a/d', 'a/e/f/g', 'other']) planted.user.write(path, path)
  await planted.sync()
  const below = baseBelow(planted.base, planted.idAt('a'), new Set([planted.idAt('a/e')]))
  expect(below.map(({ name }) => name).sort()).toEqual(['b', 'c', 'd'])
  expect(below.findIndex(({ name }) => name === 'b')).toBeLessThan(below.findIndex(({ name }) => name === 'c'))
})

type Check = (base: PlantedBase, changes: readonly LocalChange[], order: readonly LocalChange[]) => void

async function forAnyChanges(check: Check): Promise<void> {
  await fc.assert(
    fc.asyncProperty(anyActions, anyActions, fc.boolean(), async (before, after, isBackwards) => {
      const tree = new Planted()
      perform(tree.user, before)
      await tree.sync()
      perform(tree.user, after)
      const found = await tree.diff()
      const changes = isBackwards ? backwards(found) : found
      check(tree.base, changes, orderChanges(tree.base, changes))
    }),
    { numRuns: 100 },
  )
}

/** What must have happened before a change makes sense elsewhere. */
function awaitedBy(base: PlantedBase, changes: readonly LocalChange[], change: LocalChange): readonly LocalChange[] {
  return changes.filter((other) => {
    if (other === change) return false
    if (change.kind === 'delete') {
      return other.kind === 'move' && baseBelow(base, change.base.id, new Set()).some(({ id }) => id === other.base.id)
    }
    if (change.kind === 'edit') return false
    if (change.parent === undefined) {
      return (other.kind === 'create' || other.kind === 'move') && other.path === directoryOf(change.path)
    }
    return (
      (other.kind === 'move' || other.kind === 'delete') &&
      other.base.parent === change.parent &&
      other.base.name === change.name
    )
  })
}

function reaches(
  waits: ReadonlyMap<LocalChange, readonly LocalChange[]>,
  from: LocalChange,
  to: LocalChange,
  seen = new Set<LocalChange>(),
): boolean {
  if (from === to) return true
  if (seen.has(from)) return false
  seen.add(from)
  return (waits.get(from) ?? []).some((next) => reaches(waits, next, to, seen))
}
