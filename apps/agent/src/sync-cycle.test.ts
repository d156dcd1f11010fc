import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SyncError, isSyncError } from '@causeway/protocol'
import { World, type TestNode, type Tree } from './cycle/test-support/world.ts'

let world: World
let atlas: TestNode
let birch: TestNode

beforeEach(() => {
  world = new World()
  atlas = world.join('atlas')
  birch = world.join('birch')
})

afterEach(() => world.close())

async function expectEverywhere(tree: Tree): Promise<void> {
  await world.settle()
  expect(world.tree()).toEqual(tree)
  for (const node of world.nodes) expect(await node.tree(), `on ${node.id}`).toEqual(tree)
}

describe('everyday work reaches the other node', () => {
  test('files, directories, empty ones too, and symlinks', async () => {
    atlas.user.write('docs/note.txt', 'one')
    atlas.user.mkdir('empty')
    atlas.user.symlink('link', 'docs/note.txt')
    atlas.user.write('nothing', '')
    await expectEverywhere({ docs: '/', 'docs/note.txt': 'one', empty: '/', link: '→ docs/note.txt', nothing: '' })
  })

  test('an edit, a rename, a delete, a new mode and a new time', async () => {
    atlas.user.write('docs/note.txt', 'one')
    atlas.user.write('docs/old.txt', 'old')
    await world.settle()
    birch.user.append('docs/note.txt', ' and two')
    birch.user.chmod('docs/note.txt', 0o600)
    birch.user.setMtime('docs/note.txt', 1_600_000_000_123_456_789n)
    birch.user.remove('docs/old.txt')
    birch.user.rename('docs', 'papers')
    await expectEverywhere({ papers: '/', 'papers/note.txt': 'one and two' })
    expect(await atlas.disk.files.stat('papers/note.txt')).toMatchObject({
      mode: 0o600,
      mtimeNs: 1_600_000_000_123_456_789n,
    })
  })

  test('a directory renamed is one operation, and moves no bytes', async () => {
    for (let index = 0; index < 20; index++) atlas.user.write(`docs/deep/${index}`, `text ${index}`)
    await world.settle()
    const [before, traffic] = [atlas.sent.length, birch.traffic.down]
    atlas.user.rename('docs', 'papers')
    await world.settle()
    expect(atlas.sent.slice(before).map(({ kind }) => kind)).toEqual(['move'])
    expect(birch.traffic.down).toBe(traffic)
    expect(birch.text('papers/deep/7')).toBe('text 7')
  })

  test('names swapped on one node are swapped on the other', async () => {
    atlas.user.write('a', 'first')
    atlas.user.write('b', 'second')
    await world.settle()
    atlas.user.rename('a', 'c')
    atlas.user.rename('b', 'a')
    atlas.user.rename('c', 'b')
    await expectEverywhere({ a: 'second', b: 'first' })
  })

  test('a file that gave way to a directory, and back', async () => {
    atlas.user.write('thing', 'file')
    await world.settle()
    atlas.user.remove('thing')
    atlas.user.write('thing/inside', 'x')
    await expectEverywhere({ thing: '/', 'thing/inside': 'x' })
    birch.user.remove('thing')
    birch.user.write('thing', 'file again')
    await expectEverywhere({ thing: 'file again' })
  })

  test('a file that gave its name to the directory it now lies in makes no conflict', async () => {
    atlas.user.write('thing', 'file')
    await world.settle()
    atlas.user.rename('thing', 'aside')
    atlas.user.mkdir('thing')
    atlas.user.rename('aside', 'thing/inside')
    await expectEverywhere({ thing: '/', 'thing/inside': 'file' })
  })

  test('a directory that was deleted and made again is still known: a later rename elsewhere arrives', async () => {
    atlas.user.mkdir('docs')
    await world.settle()
    atlas.user.remove('docs')
    atlas.user.mkdir('docs')
    await world.settle()
    birch.user.rename('docs', 'papers')
    await expectEverywhere({ papers: '/' })
  })

  test('a directory moved into one of its own old children', async () => {
    atlas.user.write('x/y/file', '1')
    await world.settle()
    atlas.user.rename('x/y', 'z')
    atlas.user.rename('x', 'z/w')
    await expectEverywhere({ z: '/', 'z/file': '1', 'z/w': '/' })
  })

  test('a large file travels in chunks, whole and unchanged', async () => {
    const bytes = noise(300_000)
    atlas.user.write('large.bin', bytes)
    await world.settle()
    expect(same(birch.user.read('large.bin'), bytes)).toBe(true)
    expect(world.folder.manifests.size).toBe(1)
    expect(atlas.traffic.up).toBe(bytes.length)
  })

  test('a copy of a large file that is held already crosses the wire neither way', async () => {
    atlas.user.write('large.bin', noise(300_000))
    await world.settle()
    const before = [atlas.traffic.up, birch.traffic.down]
    atlas.user.write('copy.bin', noise(300_000))
    await world.settle()
    expect([atlas.traffic.up, birch.traffic.down]).toEqual(before)
    expect(same(birch.user.read('copy.bin'), noise(300_000))).toBe(true)
  })
})

describe('concurrent work', () => {
  test('two edits of one file: both versions are on both nodes', async () => {
    atlas.user.write('note.txt', 'one')
    await world.settle()
    atlas.user.write('note.txt', 'by atlas')
    birch.user.write('note.txt', 'by birch')
    await world.settle()
    const tree = await birch.tree()
    expect(Object.values(tree).sort()).toEqual(['by atlas', 'by birch'])
    expect(tree['note.txt']).toBe('by atlas')
    expect(await atlas.tree()).toEqual(tree)
  })

  test('two files of one name: both are on both nodes', async () => {
    atlas.user.write('note.txt', 'by atlas')
    birch.user.write('note.txt', 'by birch')
    await world.settle()
    const tree = await atlas.tree()
    expect(Object.values(tree).sort()).toEqual(['by atlas', 'by birch'])
    expect(await birch.tree()).toEqual(tree)
  })

  test('an edit here and a rename there both hold', async () => {
    atlas.user.write('note.txt', 'one')
    await world.settle()
    atlas.user.write('note.txt', 'two')
    birch.user.rename('note.txt', 'renamed.txt')
    await expectEverywhere({ 'renamed.txt': 'two' })
  })

  test('an edit beats a delete', async () => {
    atlas.user.write('note.txt', 'one')
    await world.settle()
    atlas.user.remove('note.txt')
    birch.user.write('note.txt', 'two')
    await expectEverywhere({ 'note.txt': 'two' })
  })

  test('two directories of one name are one, with what is in both', async () => {
    atlas.user.write('docs/a/one', '1')
    birch.user.write('docs/a/two', '2')
    await expectEverywhere({ docs: '/', 'docs/a': '/', 'docs/a/one': '1', 'docs/a/two': '2' })
  })

  test('a directory deleted while something was added to it elsewhere comes back with that only', async () => {
    atlas.user.write('docs/old', '1')
    await world.settle()
    atlas.user.remove('docs')
    birch.user.write('docs/new', '2')
    await expectEverywhere({ docs: '/', 'docs/new': '2' })
  })

  test('moves that would close a circle: one stands, nothing is lost', async () => {
    atlas.user.write('a/one', '1')
    atlas.user.write('b/two', '2')
    await world.settle()
    atlas.user.rename('a', 'b/a')
    birch.user.rename('b', 'a/b')
    await expectEverywhere({ b: '/', 'b/a': '/', 'b/a/one': '1', 'b/two': '2' })
  })
})

describe('joining a folder with files that are there already', () => {
  test('equal files are adopted: no bytes are sent, and none fetched', async () => {
    for (const path of ['docs/a', 'docs/deep/b', 'c']) {
      atlas.user.write(path, `text of ${path}`)
    }
    atlas.user.write('large.bin', noise(200_000))
    atlas.user.symlink('link', 'c')
    await world.settle()
    const cedar = world.join('cedar')
    for (const path of ['docs/a', 'docs/deep/b', 'c']) cedar.user.write(path, `text of ${path}`)
    cedar.user.write('large.bin', noise(200_000))
    cedar.user.symlink('link', 'c')
    const { head } = world.folder
    await cedar.cycle()
    expect(cedar.traffic).toEqual({ up: 0, down: 0 })
    expect(cedar.sent).toEqual([])
    await world.settle()
    // Where only the time differs the folder's is taken; no event is made of it.
    expect(world.folder.head).toBe(head)
    expect(cedar.state.baseCount()).toBe(world.folder.paths().size)
  })

  test('what differs is kept beside, and what is only here is sent', async () => {
    atlas.user.write('note.txt', 'the folder’s')
    await world.settle()
    const cedar = world.join('cedar')
    cedar.user.write('note.txt', 'cedar’s own')
    cedar.user.write('only.txt', 'here')
    await world.settle()
    const tree = await cedar.tree()
    expect(tree['note.txt']).toBe('the folder’s')
    expect(Object.values(tree).sort()).toEqual(['cedar’s own', 'here', 'the folder’s'])
    expect(await atlas.tree()).toEqual(tree)
  })
})

describe('a file that is being written', () => {
  test('an empty file waits a moment: it is about to be filled', async () => {
    atlas.user.write('note.txt', '')
    const early = await atlas.cycle({ afterMs: 10 })
    expect(world.tree()).toEqual({})
    expect(early).toMatchObject({ pendingUp: 1, rescan: [{ directory: '', recursive: false }], rescanAfterMs: 50 })
    await atlas.cycle({ afterMs: 60 })
    expect(world.tree()).toEqual({ 'note.txt': '' })
  })

  test('a file just truncated by its editor is not sent empty', async () => {
    atlas.user.write('note.txt', 'one')
    await world.settle()
    atlas.user.write('note.txt', '')
    await atlas.cycle({ afterMs: 10 })
    expect(world.tree()).toEqual({ 'note.txt': 'one' })
    atlas.user.write('note.txt', 'two')
    await expectEverywhere({ 'note.txt': 'two' })
    expect(
      world.folder.versions.filter(({ state }) => state.content.kind === 'file' && state.content.size === 0),
    ).toEqual([])
  })

  test('a file that changes while it is read is not sent torn', async () => {
    atlas.user.write('note.txt', 'one')
    atlas.beforeDisk = ({ method }) => {
      if (method !== 'read') return
      atlas.beforeDisk = () => undefined
      atlas.user.write('note.txt', 'two')
    }
    const report = await atlas.cycle()
    expect(world.tree()).toEqual({})
    expect(report.rescan).toEqual([{ directory: '', recursive: false }])
    await expectEverywhere({ 'note.txt': 'two' })
  })

  test('a large file that nobody has open is sent as soon as the clock tells it from a later one', async () => {
    atlas.user.write('large.bin', noise(1_200_000))
    expect(await atlas.cycle({ afterMs: 5 })).toMatchObject({ pendingUp: 1, rescanAfterMs: 7 })
    expect(world.tree()).toEqual({})
    expect(await atlas.cycle({ afterMs: 7 })).toMatchObject({ pendingUp: 0, rescanAfterMs: null })
    expect(Object.keys(world.tree())).toEqual(['large.bin'])
  })

  test('a large file that a program has open, or that nobody can ask about, is left until it rests', async () => {
    atlas.user.write('large.bin', noise(1_200_000))
    const writer = atlas.user.openForWriting('large.bin')
    expect(await atlas.cycle({ afterMs: 100 })).toMatchObject({ pendingUp: 1, rescanAfterMs: 40 })
    writer.close()
    atlas.knowsWriters = false
    expect(await atlas.cycle({ afterMs: 50 })).toMatchObject({ pendingUp: 1, rescanAfterMs: 100 })
    expect(world.tree()).toEqual({})
    await atlas.cycle({ afterMs: 100 })
    expect(Object.keys(world.tree())).toEqual(['large.bin'])
  })

  test('a large file that is written again and again is not read each time', async () => {
    atlas.user.write('large.bin', noise(1_200_000))
    await atlas.cycle({ afterMs: 20 })
    atlas.user.write('large.bin', noise(1_300_000))
    expect(await atlas.cycle({ afterMs: 100 })).toMatchObject({ pendingUp: 1, rescanAfterMs: 150 })
    expect(await atlas.cycle({ afterMs: 150 })).toMatchObject({ pendingUp: 0 })
  })

  test('a change within the grain of the clock, while a file is read, is found', async () => {
    atlas.user.write('photo.raw', noise(200_000))
    atlas.beforeDisk = ({ method }) => {
      if (method !== 'isUnchanged') return
      atlas.beforeDisk = () => undefined
      world.nowMs += 400
    }
    const report = await atlas.cycle({ afterMs: 3 })
    expect(report.rescan).toEqual([{ directory: '', recursive: false }])
  })

  test('a large file with an open writer is left, then sent whole', async () => {
    const handle = atlas.user.openForWriting('large.bin')
    handle.append(noise(200_000))
    await atlas.cycle({ afterMs: 500 })
    expect(world.tree()).toEqual({})
    handle.append(noise(100_000))
    handle.close()
    await world.settle()
    expect(birch.user.read('large.bin')).toHaveLength(300_000)
  })

  test('what was read within the clock’s grain is read once more, and then no more', async () => {
    atlas.user.write('note.txt', 'one')
    const report = await atlas.cycle({ afterMs: 5 })
    expect(world.tree()).toEqual({ 'note.txt': 'one' })
    expect(report.rescan).toEqual([{ directory: '', recursive: false }])
    for (const opens of [1, 0]) {
      atlas.forgetCalls()
      await atlas.cycle()
      expect(atlas.calls.filter(({ method }) => method === 'open')).toHaveLength(opens)
    }
  })
})

describe('a cycle with nothing to do', () => {
  test('reads no content, sends nothing and asks for no other look', async () => {
    atlas.user.write('docs/note.txt', 'one')
    atlas.user.write('large.bin', noise(200_000))
    await world.settle()
    for (const node of [atlas, birch]) {
      node.forgetCalls()
      const sent = node.sent.length
      const report = await node.cycle()
      expect(node.calls.filter(({ method }) => ['open', 'read', 'stage'].includes(method))).toEqual([])
      expect(node.sent).toHaveLength(sent)
      expect(report).toEqual({
        changedAnything: false,
        pendingUp: 0,
        pendingDown: 0,
        waitsForPerson: 0,
        problems: [],
        halted: null,
        conflicts: 0,
        rescan: [],
        rescanAfterMs: null,
        pauseMs: 0,
        ignoreRulesChanged: false,
      })
    }
  })

  test('without being told to ask, it takes what was pushed', async () => {
    atlas.user.write('note.txt', 'one')
    await atlas.cycle()
    birch.push()
    await birch.cycle({ pull: false, directories: [] })
    expect(await birch.tree()).toEqual({ 'note.txt': 'one' })
  })
})

describe('trouble', () => {
  test('a root that is gone or foreign ends the cycle, and nothing is deleted elsewhere', async () => {
    atlas.user.write('note.txt', 'one')
    await world.settle()
    for (const [root, code] of [
      ['missing', 'root-missing'],
      ['foreign', 'root-foreign'],
    ] as const) {
      atlas.disk.setRoot(root)
      await expect(atlas.cycle()).rejects.toSatisfy((error) => isSyncError(error, code))
    }
    await birch.cycle()
    expect(world.tree()).toEqual({ 'note.txt': 'one' })
  })

  test('what can not be read is told and not taken for a delete', async () => {
    atlas.user.write('docs/note.txt', 'one')
    atlas.user.write('secret', 'two')
    await world.settle()
    atlas.user.chmod('secret', 0)
    atlas.user.makeFifo('pipe')
    atlas.beforeDisk = ({ method, path }) => {
      if (method === 'list' && path === 'docs') throw new SyncError('io-error', 'cannot list docs (EACCES)')
    }
    const report = await atlas.cycle()
    expect(report.problems.map(({ path }) => path).sort()).toEqual(['docs', 'pipe', 'secret'])
    expect(world.tree()).toEqual({ docs: '/', 'docs/note.txt': 'one', secret: 'two' })
  })

  test('a file that the disk refuses to give is one problem; the others are sent, and it as well once it can be read', async () => {
    atlas.user.write('bad', '1')
    atlas.user.write('good', '2')
    atlas.beforeDisk = ({ method, path }) => {
      if (method === 'open' && path === 'bad') throw new SyncError('io-error', 'cannot read bad (EIO)')
    }
    const report = await atlas.cycle()
    expect(report).toMatchObject({ pendingUp: 1, problems: [{ path: 'bad', code: 'io-error' }], rescanAfterMs: 1000 })
    expect(world.tree()).toEqual({ good: '2' })
    atlas.beforeDisk = () => undefined
    await expectEverywhere({ bad: '1', good: '2' })
  })

  test('a file whose bytes the coordinator has lost is one problem; the others arrive', async () => {
    atlas.user.write('large.bin', noise(200_000))
    atlas.user.write('note.txt', 'one')
    await atlas.cycle()
    const lost = [...world.folder.chunks].find(([, bytes]) => bytes.length > 10)
    if (lost === undefined) throw new Error('there are no chunks')
    world.folder.chunks.delete(lost[0])
    const report = await birch.cycle()
    expect(report.problems).toMatchObject([{ path: 'large.bin', code: 'chunk-missing' }])
    expect(report.pendingDown).toBe(1)
    expect(await birch.tree()).toEqual({ 'note.txt': 'one' })
    world.folder.chunks.set(...lost)
    await birch.cycle()
    expect(same(birch.user.read('large.bin'), noise(200_000))).toBe(true)
  })

  test('a version that was saved while a newer one arrived is kept beside it', async () => {
    atlas.user.write('note.txt', 'one')
    await world.settle()
    atlas.user.write('note.txt', 'by atlas')
    await atlas.cycle()
    birch.beforeDisk = ({ method }) => {
      if (method !== 'replace') return
      birch.beforeDisk = () => undefined
      birch.user.write('note.txt', 'by birch')
    }
    await world.settle()
    expect(Object.values(await atlas.tree()).sort()).toEqual(['by atlas', 'by birch'])
    expect(await birch.tree()).toEqual(await atlas.tree())
  })

  test('staged files are gone after a cycle, whether it placed them or not', async () => {
    atlas.user.write('note.txt', 'one')
    await atlas.cycle()
    birch.beforeDisk = ({ method }) => {
      if (method === 'placeNew') throw new SyncError('io-error', 'cannot link (EIO)')
    }
    const report = await birch.cycle()
    expect(report.problems).toMatchObject([{ path: 'note.txt', code: 'io-error' }])
    expect(birch.disk.stagedCount()).toBe(0)
    birch.beforeDisk = () => undefined
    await expectEverywhere({ 'note.txt': 'one' })
  })
})

function same(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && Buffer.compare(a, b) === 0
}

/** Bytes that do not repeat, the same each time. */
function noise(length: number): Uint8Array {
  let seed = 12345
  return Uint8Array.from({ length }, () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7f_ff_ff_ff
    return seed >> 16
  })
}
