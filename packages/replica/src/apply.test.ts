import { ROOT_ID, SyncError, type EntryState } from '@causeway/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fileOf, outcomesOf, Replica, unstaged } from './test-support/replica.ts'

type Ids = Awaited<ReturnType<Replica['plant']>>

let replica: Replica

beforeEach(() => {
  replica = new Replica()
})

afterEach(() => replica.close())

/** The base holds what the disk holds, each place once. */
function expectInStep(): void {
  expect(replica.basePaths()).toEqual(Object.keys(replica.tree()).sort())
}

/** Applies in every order, each on a replica of its own, and expects this tree each time. */
async function expectInAnyOrder(
  given: readonly string[],
  statesOf: (ids: Ids) => readonly EntryState[],
  tree: Record<string, string | null>,
): Promise<void> {
  const count = statesOf(await replica.plant(...given)).length
  for (const order of ordersOf(Array.from({ length: count }, (_, index) => index))) {
    replica.close()
    replica = new Replica()
    const states = statesOf(await replica.plant(...given))
    const result = await replica.apply(order.flatMap((index) => states[index] ?? []))
    expect(outcomesOf(result), `in the order ${order.join()}`).toEqual(
      states.map(({ name }) => `applied ${name}`).sort(),
    )
    expect(replica.tree(), `in the order ${order.join()}`).toEqual(tree)
    expectInStep()
  }
}

function* ordersOf(items: readonly number[]): Iterable<readonly number[]> {
  if (items.length <= 1) yield items
  else
    for (const first of items) {
      for (const rest of ordersOf(items.filter((item) => item !== first))) yield [first, ...rest]
    }
}

describe('one state', () => {
  test('a new file, directory and symlink appear, as the state says', async () => {
    const docs = replica.make(ROOT_ID, 'docs', null)
    const note = replica.make(docs.id, 'note', 'hello')
    const link = { ...replica.make(docs.id, 'link', null), content: { kind: 'symlink', target: 'note' } as const }
    const result = await replica.apply([note, link, docs])
    expect(outcomesOf(result)).toEqual(['applied docs', 'applied link', 'applied note'])
    expect(replica.tree()).toMatchObject({ docs: null, 'docs/note': 'hello' })
    expect(await replica.disk.files.readLink('docs/link')).toBe('note')
    expect(await replica.disk.files.stat('docs/note')).toMatchObject({ mtimeNs: 1_700_000_000_000_000_000n })
  })

  test('new bytes replace the old, a new mode touches no bytes, and a new target replaces the link', async () => {
    const ids = await replica.plant('note', 'script')
    const link = { ...replica.make(ROOT_ID, 'link', null), content: { kind: 'symlink', target: 'note' } as const }
    await replica.apply([link])
    replica.calls.length = 0
    await replica.apply([replica.change(ids['script'], { content: fileOf('text of script', 0o755) })])
    expect(replica.calls.map(({ method }) => method)).not.toContain('replace')
    await replica.apply([
      replica.change(ids['note'], { content: fileOf('newer') }),
      replica.change(link.id, { content: { kind: 'symlink', target: 'script' } }),
    ])
    expect(replica.tree()).toMatchObject({ note: 'newer', script: 'text of script' })
    expect(await replica.disk.files.stat('script')).toMatchObject({ mode: 0o755 })
    expect(await replica.disk.files.readLink('link')).toBe('script')
    expect((await replica.scan()).problems).toEqual([])
  })

  test('a move takes the content with it', async () => {
    const ids = await replica.plant('a/', 'a/note', 'b/')
    await replica.apply([replica.change(ids['a/note'], { parent: replica.base(ids['b']).id, name: 'moved' })])
    expect(replica.tree()).toEqual({ a: null, b: null, 'b/moved': 'text of a/note' })
    expectInStep()
  })

  test('a directory that may not be written to is filled first', async () => {
    const docs = { ...replica.make(ROOT_ID, 'docs', null), content: { kind: 'directory', mode: 0o555 } as const }
    await replica.apply([docs, replica.make(docs.id, 'note', 'x')])
    expect(replica.tree()).toEqual({ docs: null, 'docs/note': 'x' })
    expect(await replica.disk.files.stat('docs')).toMatchObject({ mode: 0o555 })
    expect(replica.base(docs.id).stat.mode).toBe(0o555)
  })

  test('a delete removes a file, and a directory with all that was deleted below it', async () => {
    const ids = await replica.plant('a/', 'a/b/', 'a/b/c', 'd')
    const gone = ['a', 'a/b', 'a/b/c'].map((path) => replica.change(ids[path], { deleted: true }))
    expect(outcomesOf(await replica.apply(gone))).toEqual(['applied a', 'applied b', 'applied c'])
    expect(replica.tree()).toEqual({ d: 'text of d' })
    expectInStep()
  })

  test('a delete of what is not here is done already', async () => {
    const ids = await replica.plant('a')
    const gone = replica.change(ids['a'], { deleted: true })
    replica.user.remove('a')
    expect(outcomesOf(await replica.apply([gone]))).toEqual(['applied a'])
    expect(outcomesOf(await replica.apply([gone]))).toEqual(['applied a'])
  })
})

describe('what is not as the base says is left alone', () => {
  test.each<[string, (ids: Ids) => EntryState]>([
    ['replaced', (ids) => replica.change(ids['a'], { content: fileOf('remote') })],
    ['moved', (ids) => replica.change(ids['a'], { name: 'moved' })],
    ['deleted', (ids) => replica.change(ids['a'], { deleted: true })],
    ['given a mode', (ids) => replica.change(ids['a'], { content: fileOf('text of a', 0o600) })],
  ])('a file saved meanwhile is not %s', async (_how, stateOf) => {
    const ids = await replica.plant('a')
    const state = stateOf(ids)
    replica.user.write('a', 'saved meanwhile')
    expect(await replica.apply([state])).toMatchObject({ outcomes: [{ kind: 'changed', path: 'a' }] })
    expect(replica.tree()).toEqual({ a: 'saved meanwhile' })
  })

  test('a new file does not overwrite what stands in its place', async () => {
    replica.user.write('a', 'mine')
    expect(outcomesOf(await replica.apply([replica.make(ROOT_ID, 'a', 'theirs')]))).toEqual(['changed a'])
    expect(replica.tree()).toEqual({ a: 'mine' })
  })

  test('a directory with something new in it is not removed', async () => {
    const ids = await replica.plant('a/', 'a/old')
    replica.user.write('a/new', 'mine')
    const gone = ['a', 'a/old'].map((path) => replica.change(ids[path], { deleted: true }))
    expect(outcomesOf(await replica.apply(gone))).toEqual(['applied old', 'changed a'])
    expect(replica.tree()).toEqual({ a: null, 'a/new': 'mine' })
  })

  test('a directory whose known children are not to go is not removed, though they vanished from the disk', async () => {
    const ids = await replica.plant('a/', 'a/file')
    const gone = replica.change(ids['a'], { deleted: true })
    replica.user.remove('a/file')
    expect(outcomesOf(await replica.apply([gone]))).toEqual(['changed a'])
    expect(replica.tree()).toEqual({ a: null })
    expect(replica.basePaths()).toEqual(['a', 'a/file'])
  })

  test('two entries never share a place in the base: a new one waits until the scan has told of the other', async () => {
    const ids = await replica.plant('a')
    replica.user.remove('a')
    expect(outcomesOf(await replica.apply([replica.make(ROOT_ID, 'a', 'new')]))).toEqual(['changed a'])
    expect(replica.tree()).toEqual({})
    expect(replica.state.baseAt(ROOT_ID, 'a')?.id).toBe(ids['a'])
    expect(replica.basePaths()).toEqual(['a'])
  })

  test('a move onto a name that the base still has for another waits as well', async () => {
    const ids = await replica.plant('a', 'b')
    replica.user.remove('b')
    expect(outcomesOf(await replica.apply([replica.change(ids['a'], { name: 'b' })]))).toEqual(['changed b'])
    expect(replica.tree()).toEqual({ a: 'text of a' })
  })
})

describe('states that need each other, in any order', () => {
  test('a name handed on', () =>
    expectInAnyOrder(
      ['a', 'b'],
      (ids) => [replica.change(ids['a'], { name: 'b' }), replica.change(ids['b'], { name: 'c' })],
      { b: 'text of a', c: 'text of b' },
    ))

  test('names swapped', () =>
    expectInAnyOrder(
      ['a', 'b'],
      (ids) => [replica.change(ids['a'], { name: 'b' }), replica.change(ids['b'], { name: 'a' })],
      { a: 'text of b', b: 'text of a' },
    ))

  test('names swapped that are long, and cut inside a character', () => {
    const [a, b] = [`${'a'.repeat(59)}👩`, `${'b'.repeat(59)}👩`]
    return expectInAnyOrder(
      [a, b],
      (ids) => [replica.change(ids[a], { name: b }), replica.change(ids[b], { name: a })],
      { [a]: `text of ${b}`, [b]: `text of ${a}` },
    )
  })

  test('three names in a ring', () =>
    expectInAnyOrder(
      ['a/', 'a/1', 'b', 'c'],
      (ids) => [
        replica.change(ids['a'], { name: 'b' }),
        replica.change(ids['b'], { name: 'c' }),
        replica.change(ids['c'], { name: 'a' }),
      ],
      { a: 'text of c', b: null, 'b/1': 'text of a/1', c: 'text of b' },
    ))

  test('a directory that moves below a new one of its own old name', () =>
    expectInAnyOrder(
      ['sub/', 'sub/file'],
      (ids) => {
        const again = replica.make(ROOT_ID, 'sub', null)
        return [replica.change(ids['sub'], { parent: again.id, name: 'inner' }), again]
      },
      { sub: null, 'sub/inner': null, 'sub/inner/file': 'text of sub/file' },
    ))

  test('a directory that moves deep below a new one of its own old name', () =>
    expectInAnyOrder(
      ['sub/', 'sub/file'],
      (ids) => {
        const again = replica.make(ROOT_ID, 'sub', null)
        const deep = replica.make(again.id, 'deep', null)
        return [replica.change(ids['sub'], { parent: deep.id, name: 'sub' }), deep, again]
      },
      { sub: null, 'sub/deep': null, 'sub/deep/sub': null, 'sub/deep/sub/file': 'text of sub/file' },
    ))

  test('a deleted directory whose child moves into a new one of the same name', () =>
    expectInAnyOrder(
      ['sub/', 'sub/file'],
      (ids) => {
        const again = replica.make(ROOT_ID, 'sub', null)
        return [
          replica.change(ids['sub'], { deleted: true }),
          again,
          replica.change(ids['sub/file'], { parent: again.id, name: 'file' }),
        ]
      },
      { sub: null, 'sub/file': 'text of sub/file' },
    ))

  test('a file deleted, and a directory with something in it under its name', () =>
    expectInAnyOrder(
      ['thing'],
      (ids) => {
        const directory = replica.make(ROOT_ID, 'thing', null)
        return [replica.change(ids['thing'], { deleted: true }), directory, replica.make(directory.id, 'inside', 'x')]
      },
      { thing: null, 'thing/inside': 'x' },
    ))

  test('a directory deleted after one of its children moved out', () =>
    expectInAnyOrder(
      ['old/', 'old/keep', 'old/drop', 'new/'],
      (ids) => [
        replica.change(ids['old'], { deleted: true }),
        replica.change(ids['old/drop'], { deleted: true }),
        replica.change(ids['old/keep'], { parent: replica.base(ids['new']).id }),
      ],
      { new: null, 'new/keep': 'text of old/keep' },
    ))

  test('a directory turned inside out', () =>
    expectInAnyOrder(
      ['x/', 'x/y/', 'x/y/file'],
      (ids) => [
        replica.change(ids['x/y'], { parent: ROOT_ID, name: 'z' }),
        replica.change(ids['x'], { parent: replica.base(ids['x/y']).id, name: 'w' }),
      ],
      { z: null, 'z/w': null, 'z/file': 'text of x/y/file' },
    ))
})

describe('what can not be done now', () => {
  test('a file whose bytes are not staged waits, and so does what lies in a directory that is not here', async () => {
    const ids = await replica.plant('a')
    const states = [
      replica.change(ids['a'], { content: unstaged('never staged') }),
      { ...replica.make(ROOT_ID, 'b', 'x'), content: unstaged('nor this') },
      replica.make(replica.make(ROOT_ID, 'absent', null).id, 'c', 'x'),
    ]
    expect(outcomesOf(await replica.apply(states))).toEqual(['waiting a', 'waiting b', 'waiting c'])
    expect(replica.tree()).toEqual({ a: 'text of a' })
  })

  test.each(['.causeway', '.Causeway', '.causeway.', 'é'.repeat(200), '..', 'a/b'])(
    'an entry called %j is never placed, whoever says so, and the others go on',
    async (name) => {
      const ids = await replica.plant('a', 'docs/')
      const states = [
        replica.make(ROOT_ID, name, 'x'),
        replica.make(ids['docs'] ?? ROOT_ID, name, null),
        replica.change(ids['a'], { name }),
        replica.make(ROOT_ID, 'b', 'good'),
      ]
      expect(outcomesOf(await replica.apply(states))).toEqual([
        'applied b',
        ...Array.from({ length: 3 }, () => `problem ${name}`),
      ])
      expect(replica.tree()).toEqual({ a: 'text of a', b: 'good', docs: null })
    },
  )

  test('a disk that refuses one entry is told, and the others go on', async () => {
    replica.beforeCall = ({ method, path }) => {
      if (method === 'placeNew' && path === 'b') throw new SyncError('io-error', 'cannot link b (EIO)')
    }
    const states = ['a', 'b', 'c'].map((name) => replica.make(ROOT_ID, name, name))
    const result = await replica.apply(states)
    expect(outcomesOf(result)).toEqual(['applied a', 'applied c', 'problem b'])
    expect(replica.tree()).toEqual({ a: 'a', c: 'c' })
    expectInStep()
  })

  test('a disk that refuses after a move: the base follows what was done', async () => {
    const ids = await replica.plant('a')
    replica.beforeCall = ({ method }) => {
      if (method === 'replace') throw new SyncError('disk-full', 'no space')
    }
    await replica.apply([replica.change(ids['a'], { name: 'b', content: fileOf('newer') })])
    expect(replica.tree()).toEqual({ b: 'text of a' })
    expectInStep()
  })

  test('anything else that is thrown ends it', async () => {
    replica.beforeCall = ({ method }) => {
      if (method === 'placeNew') throw new SyncError('root-missing', 'the root is gone')
    }
    await expect(replica.apply([replica.make(ROOT_ID, 'a', 'x')])).rejects.toMatchObject({ code: 'root-missing' })
  })
})

test('all that was touched is made durable before anything is reported', async () => {
  const ids = await replica.plant('a/', 'a/file', 'b/')
  const synced: string[][] = []
  const { files } = replica.disk
  const { syncDirectories } = files
  replica.calls.length = 0
  files.syncDirectories = (paths) => {
    synced.push([...paths].sort())
    return syncDirectories.call(files, paths)
  }
  await replica.apply([replica.change(ids['a/file'], { parent: replica.base(ids['b']).id })])
  expect(synced).toEqual([['a', 'b']])
  expect(replica.calls.at(-1)?.method).toBe('discardStaged')
  expect(replica.calls.at(-2)?.method).toBe('syncDirectories')
})
