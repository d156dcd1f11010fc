import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { entryIdOf, ContentHashSchema, SyncError, type EntryState } from '@causeway/protocol'
import type { BaseEntry } from '@causeway/replica'
import { proveIdle, type Verdict } from './prove-idle.ts'
import { readAgain } from './read-again.ts'
import { World, type TestNode } from '../test-support/world.ts'

let world: World
let ash: TestNode
let birch: TestNode

beforeEach(async () => {
  world = new World()
  ash = world.join('ash')
  birch = world.join('birch')
  ash.user.write('docs/a.txt', 'one')
  ash.user.write('docs/b.txt', 'two')
  ash.user.symlink('link', 'docs')
  await world.settle()
})
afterEach(() => world.close())

const NEVER = new AbortController().signal
const UNSHOWN = { shown: null, isAtRest: () => true }

function prove(node: TestNode): Promise<Verdict> {
  return proveIdle(node.context(), UNSHOWN, NEVER)
}

const kindOf = async (node: TestNode): Promise<Verdict['kind']> => (await prove(node)).kind

/** Until all are at rest, and each believes what the coordinator holds. */
async function healed(): Promise<void> {
  await world.settle()
  for (const node of world.nodes) {
    expect(await kindOf(node)).toBe('equal')
    expect(await node.tree()).toEqual(world.tree())
  }
}

function stateAt(path: string): EntryState {
  const found = world.folder.paths().get(path)
  if (found === undefined) throw new Error(`the coordinator holds nothing at ${path}`)
  return found
}

function baseOf(node: TestNode, path: string): BaseEntry {
  const base = node.state.base(stateAt(path).id)
  if (base === undefined) throw new Error(`the base holds nothing of ${path}`)
  return base
}

describe('at rest', () => {
  test('what a node believes is what the coordinator holds, and is not asked twice', async () => {
    const verdict = await prove(birch)
    if (verdict.kind !== 'equal') throw new Error(`it was ${verdict.kind}`)
    const link = birch.context().link
    const asked = await proveIdle(
      {
        ...birch.context(),
        link: { ...link, compareDigest: () => Promise.reject(new Error('it was asked again')) },
      },
      { shown: verdict.what, isAtRest: () => true },
      NEVER,
    )
    expect(asked).toEqual(verdict)
  })

  test('a node that lags behind is not judged', async () => {
    ash.user.write('new.txt', 'three')
    await ash.cycle()
    expect(await kindOf(birch)).toBe('not-now')
    await healed()
  })

  test('counting makes way for anything else, and goes on from there', async () => {
    const base = baseOf(birch, 'docs/a.txt')
    for (let at = 1; at <= 500; at++) birch.state.putBase({ ...base, id: entryIdOf(ash.id, 1000 + at), name: `n${at}` })
    birch.state.forgetBeliefs()
    const busy = { shown: null, isAtRest: () => false }
    expect(await proveIdle(birch.context(), busy, NEVER)).toEqual({ kind: 'not-now' })
    expect(await proveIdle(birch.context(), busy, NEVER)).toEqual({ kind: 'not-now' })
    expect(await proveIdle(birch.context(), busy, NEVER)).toEqual({ kind: 'differs' })
  })

  test('a node that can’t place something believes it all the same', async () => {
    birch.beforeDisk = ({ method }) => {
      if (method === 'placeNew') throw new SyncError('io-error', 'the disk refuses')
    }
    ash.user.write('new.txt', 'three')
    await ash.cycle()
    expect((await birch.cycle()).pendingDown).toBe(1)
    await ash.cycle()
    expect(await kindOf(birch)).toBe('equal')
  })

  test('so does a node that only sends, of what it never places', async () => {
    const cedar = world.join('cedar', 'send-only')
    cedar.user.write('mine.txt', 'own')
    await world.settle()
    expect(cedar.state.pendingCount()).toBeGreaterThan(0)
    expect(await kindOf(cedar)).toBe('equal')
  })

  test('a node that only receives, and keeps changes of its own, believes what the coordinator holds', async () => {
    const cedar = world.join('cedar', 'receive-only')
    await world.settle()
    cedar.user.write('docs/a.txt', 'changed here')
    cedar.user.write('own.txt', 'stays here')
    cedar.user.remove('link')
    await cedar.cycle()
    await cedar.cycle()
    expect(await kindOf(cedar)).toBe('equal')
  })
})

describe('what a node believes wrongly is found, and mended from the coordinator', () => {
  test.each<[string, () => void]>([
    ['an entry is missing from its base', () => birch.state.removeBase(stateAt('docs/a.txt').id)],
    [
      'a whole directory is',
      () => {
        for (const path of ['docs/a.txt', 'docs/b.txt', 'docs']) birch.state.removeBase(stateAt(path).id)
      },
    ],
    [
      'an entry lies in another directory of its base',
      () => {
        birch.state.putBase({ ...baseOf(birch, 'link'), parent: stateAt('docs').id })
      },
    ],
    [
      'a file has other bytes in its base',
      () => {
        const base = baseOf(birch, 'docs/a.txt')
        if (base.content.kind !== 'file') throw new Error('no file')
        birch.state.putBase({ ...base, content: { ...base.content, hash: ContentHashSchema.parse('0'.repeat(64)) } })
      },
    ],
    ['a vector is behind', () => birch.state.putBase({ ...baseOf(birch, 'docs/a.txt'), contentVector: {} })],
    [
      'a vector is ahead',
      () => {
        birch.state.putBase({ ...baseOf(birch, 'docs/a.txt'), placeVector: { ash: 99 } })
      },
    ],
    [
      'its base holds what never was',
      () => {
        birch.state.putBase({ ...baseOf(birch, 'docs/a.txt'), id: entryIdOf(ash.id, 999), name: 'ghost' })
      },
    ],
    [
      'something is pending that the coordinator does not hold',
      () => {
        birch.state.putPending({ ...stateAt('docs/a.txt'), id: entryIdOf(ash.id, 999), name: 'ghost', seq: 1 })
      },
    ],
    [
      'a delete is pending that never was',
      () => {
        birch.state.putPending({ ...stateAt('docs/a.txt'), deleted: true })
      },
    ],
  ])('%s', async (_what, spoil) => {
    const before = world.tree()
    spoil()
    expect(await kindOf(birch)).toBe('differs')
    await birch.cycle()
    expect(birch.memory.pull.belief.disagreement).toMatchObject({ rounds: 1, failure: null })
    await healed()
    expect(world.tree()).toEqual(before)
  })

  test('it is said how many entries it was, and which is one of them', async () => {
    birch.state.removeBase(stateAt('docs/a.txt').id)
    await prove(birch)
    await birch.cycle()
    expect(birch.memory.pull.belief.disagreement).toMatchObject({ entries: 1, example: 'docs/a.txt' })
  })

  test('files that are gone from base and disk, with tombstones that nobody else has, come back', async () => {
    for (const path of ['docs/a.txt', 'docs/b.txt']) {
      const { id } = stateAt(path)
      birch.state.removeBase(id)
      birch.state.putTombstone({ ...stateAt(path), deleted: true, existenceVector: { ash: 9, birch: 1 } })
      birch.user.remove(path)
    }
    await world.settle()
    expect(await birch.tree()).not.toEqual(world.tree())
    expect(await kindOf(birch)).toBe('differs')
    await healed()
    expect(birch.text('docs/a.txt')).toBe('one')
  })

  test('an edit that a node passed over is placed as it would have been', async () => {
    ash.user.write('docs/a.txt', 'edited')
    ash.user.write('docs/new.txt', 'three')
    await ash.cycle()
    const { cursor, clock } = world.folder.changes({ cursor: birch.state.cursor(), limit: 1000 })
    birch.state.setCursor(cursor)
    birch.state.setClock(clock)
    expect(await kindOf(birch)).toBe('differs')
    await healed()
    expect(await birch.tree()).toMatchObject({ 'docs/a.txt': 'edited', 'docs/new.txt': 'three' })
    expect(Object.keys(world.tree())).toHaveLength(5)
  })

  test('what another node deleted and this one never heard of is sent again: mending deletes nothing', async () => {
    ash.user.remove('docs/a.txt')
    await ash.cycle()
    await ash.cycle({ afterMs: 5000 })
    expect(world.tree()).not.toHaveProperty(['docs/a.txt'])
    const { cursor, clock } = world.folder.changes({ cursor: birch.state.cursor(), limit: 1000 })
    birch.state.setCursor(cursor)
    birch.state.setClock(clock)
    expect(await kindOf(birch)).toBe('differs')
    await healed()
    expect(ash.text('docs/a.txt')).toBe('one')
  })

  test('an edit that the coordinator holds otherwise under the same vector is kept beside it', async () => {
    birch.user.write('docs/a.txt', 'only here')
    const base = baseOf(birch, 'docs/a.txt')
    const stat = (await birch.disk.files.list('docs'))?.entries.find(({ name }) => name === 'a.txt')?.stat
    if (stat === undefined || base.content.kind !== 'file') throw new Error('no file')
    const content = { ...base.content, hash: ContentHashSchema.parse('0'.repeat(64)), size: stat.size }
    birch.state.putBase({ ...base, content: { ...content, mtimeNs: String(stat.mtimeNs) }, stat })
    await world.settle()
    expect(world.tree()).toMatchObject({ 'docs/a.txt': 'one' })
    expect(await kindOf(birch)).toBe('differs')
    await healed()
    expect(Object.values(world.tree()).sort()).toEqual(['/', 'one', 'only here', 'two', '→ docs'].sort())
  })

  test('sums that differ where no entry does are counted anew on both sides', async () => {
    const { link } = birch.context()
    const compareDigest: typeof link.compareDigest = async (folder, request) => {
      const answer = await link.compareDigest(folder, { ...request, whole: new Uint8Array(16) })
      return answer.kind === 'differs'
        ? { ...answer, sums: answer.sums.map((byte, at) => (at === 0 ? byte ^ 1 : byte)) }
        : answer
    }
    expect(await proveIdle({ ...birch.context(), link: { ...link, compareDigest } }, UNSHOWN, NEVER)).toEqual({
      kind: 'differs',
    })
    await birch.cycle()
    expect(birch.memory.pull.belief.mustRecount).toBe(true)
    const asked: unknown[] = []
    const recounting: typeof link.compareDigest = (folder, request) => {
      asked.push(request.recount)
      return link.compareDigest(folder, request)
    }
    await proveIdle({ ...birch.context(), link: { ...link, compareDigest: recounting } }, UNSHOWN, NEVER)
    expect(asked).toEqual([true])
    expect(birch.memory.pull.belief.mustRecount).toBe(false)
  })

  test('a node that was set back itself makes its next change with a counter that the log does not know', async () => {
    birch.state.setClock({ ...birch.state.clock(), birch: 500 })
    birch.state.removeBase(stateAt('docs/a.txt').id)
    expect(await kindOf(birch)).toBe('differs')
    await birch.cycle()
    birch.user.write('mine.txt', 'own')
    await birch.cycle()
    expect(birch.sent.at(-1)?.counter).toBeGreaterThan(500)
  })

  test('what changed meanwhile is left to the change log', async () => {
    birch.state.removeBase(stateAt('docs/a.txt').id)
    expect(await kindOf(birch)).toBe('differs')
    ash.user.write('docs/b.txt', 'edited')
    ash.user.write('docs/c.txt', 'new')
    await ash.cycle()
    await birch.cycle()
    expect(birch.memory.pull.belief.disagreement).toMatchObject({ entries: 1 })
    await healed()
  })
})

test('where it can’t be read again, that is said and holds up nothing else', async () => {
  birch.state.removeBase(stateAt('docs/a.txt').id)
  expect(await kindOf(birch)).toBe('differs')
  const context = birch.context()
  const digestEntries = () => Promise.reject(new SyncError('internal', 'the coordinator choked on it'))
  await readAgain({ ...context, link: { ...context.link, digestEntries } }, NEVER)
  expect(birch.memory.pull.belief).toMatchObject({
    doubted: null,
    disagreement: { failure: 'the coordinator choked on it' },
  })
  expect(await kindOf(birch)).toBe('differs')
  await healed()
  expect(birch.memory.pull.belief.disagreement).toMatchObject({ rounds: 2, failure: null })
})

test.each<[string, (base: BaseEntry) => BaseEntry]>([
  ['a file', () => baseOf(birch, 'docs/a.txt')],
  ['a directory', () => baseOf(birch, 'docs')],
])(
  '%s that goes by an id of which the coordinator knows nothing, in the way of its own, is known as that',
  async (_, of) => {
    const real = of(baseOf(birch, 'docs'))
    const stranger = { ...real, id: entryIdOf(birch.id, 999) }
    birch.state.transaction(() => {
      birch.state.removeBase(real.id)
      birch.state.putBase(stranger)
      for (const child of birch.state.baseChildren(real.id)) birch.state.putBase({ ...child, parent: stranger.id })
      birch.state.putPending({ ...stateAt(real.name === 'docs' ? 'docs' : 'docs/a.txt') })
    })
    await birch.cycle()
    expect(birch.state.pendingCount()).toBe(1)
    const before = world.tree()
    expect(await kindOf(birch)).toBe('differs')
    await healed()
    expect(world.tree()).toEqual(before)
  },
)
