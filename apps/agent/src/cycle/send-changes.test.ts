import { basePath } from '@causeway/engine'
import { SyncError } from '@causeway/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { World, type TestNode } from './test-support/world.ts'

let world: World
let atlas: TestNode
let birch: TestNode

beforeEach(() => {
  world = new World()
  atlas = world.join('atlas')
  birch = world.join('birch')
})

afterEach(() => world.close())

/** Every base entry has its directory in the base, and no two share a place. */
function expectSoundBase({ state }: TestNode): void {
  const paths = [...state.baseAll()].map(({ id, name }) => basePath(state, id) ?? `${name} lost its directory`)
  expect(paths.filter((path) => path.endsWith('lost its directory'))).toEqual([])
  expect(new Set(paths).size).toBe(paths.length)
}

/** All nodes hold what the coordinator holds, in one place each. */
async function expectInStep(): Promise<void> {
  await world.settle()
  for (const node of world.nodes) {
    expect(await node.tree(), `on ${node.id}`).toEqual(world.tree())
    expect(node.state.pendingCount(), `pending on ${node.id}`).toBe(0)
    expectSoundBase(node)
  }
}

/** Large enough to be left alone for a moment while a program has it open. */
const large = (letter: string): string => letter.repeat(1_100_000)

describe('a file that was renamed and edited at once', () => {
  test('keeps its new bytes though only the move was sent yet and a newer version came from elsewhere', async () => {
    atlas.user.write('a', large('1'))
    await world.settle()
    birch.user.write('a', 'by birch')
    await birch.cycle()
    atlas.user.rename('a', 'b')
    atlas.user.write('b', large('2'))
    const writer = atlas.user.openForWriting('b')
    await atlas.cycle({ afterMs: 100 })
    writer.close()
    expect(atlas.sent.at(-1)?.kind).toBe('move')
    expect(atlas.text('b')).toBe(large('2'))
    await expectInStep()
    expect(Object.values(world.tree()).sort()).toEqual([large('2'), 'by birch'].sort())
  })

  test('is sent as both, and arrives as both', async () => {
    atlas.user.write('a', 'one')
    await world.settle()
    atlas.user.rename('a', 'b')
    atlas.user.write('b', 'two')
    await atlas.cycle()
    expect(atlas.sent.slice(-2).map(({ kind }) => kind)).toEqual(['move', 'edit'])
    await expectInStep()
    expect(world.tree()).toEqual({ b: 'two' })
  })
})

describe('a directory that turns out to be another’s', () => {
  test('is known by that one’s id in the operations that follow in the same cycle', async () => {
    atlas.user.write('docs/deep/one', '1')
    await atlas.cycle()
    birch.user.write('docs/deep/two', '2')
    // Without asking first, it creates both directories anew, and learns only from the answer.
    await birch.cycle({ pull: false })
    expectSoundBase(birch)
    expect(birch.state.baseCount()).toBe(3)
    const sent = birch.sent.length
    expect(sent).toBe(3)
    await expectInStep()
    expect(birch.sent).toHaveLength(sent)
    expect(world.tree()).toEqual({ docs: '/', 'docs/deep': '/', 'docs/deep/one': '1', 'docs/deep/two': '2' })
  })

  test('takes what moved into it along', async () => {
    birch.user.write('file', '1')
    await world.settle()
    atlas.user.mkdir('docs')
    await atlas.cycle()
    birch.user.rename('file', 'docs/file')
    await birch.cycle({ pull: false })
    expectSoundBase(birch)
    expect(birch.state.baseCount()).toBe(2)
    const sent = birch.sent.length
    await expectInStep()
    expect(birch.sent).toHaveLength(sent)
    expect(world.tree()).toEqual({ docs: '/', 'docs/file': '1' })
  })

  test('and lies elsewhere on this disk: what is put into that one meanwhile has no place in the base until it is found again', async () => {
    atlas.user.write('docs/old', '1')
    await world.settle()
    birch.user.rename('docs', 'papers')
    await birch.cycle()
    atlas.user.mkdir('papers')
    atlas.user.write('docs/new', '2')
    await atlas.cycle({ pull: false })
    expectSoundBase(atlas)
    await expectInStep()
    expect(Object.values(world.tree())).toContain('1')
    expect(Object.values(world.tree())).toContain('2')
  })
})

test('where a delete waits for a person, what took its name waits too, and goes when the person has spoken', async () => {
  for (let index = 0; index < 30; index++) atlas.user.write(`docs/${index}`, `text ${index}`)
  atlas.user.write('note', 'one')
  await world.settle()
  atlas.user.remove('docs')
  atlas.user.rename('note', 'docs')
  const report = await atlas.cycle()
  expect(report.halted).not.toBeNull()
  expectSoundBase(atlas)
  expect(world.tree()).toMatchObject({ docs: '/', 'docs/7': 'text 7', note: 'one' })
  atlas.approveDeletes()
  await expectInStep()
  expect(world.tree()).toEqual({ docs: 'one' })
})

test('what was offered and is known under another id does not stay pending under its own', async () => {
  const backup = world.folder.save()
  atlas.user.write('note.txt', 'same')
  await atlas.cycle()
  birch.beforeDisk = ({ method }) => {
    if (method === 'placeNew') throw new SyncError('io-error', 'cannot link (EIO)')
  }
  await birch.cycle()
  const told = birch.state.pending()[0]?.id
  world.folder.restore(backup)
  const cedar = world.join('cedar')
  cedar.user.write('note.txt', 'same')
  await cedar.cycle()
  await birch.cycle()
  expect(birch.sent.map(({ kind }) => kind)).toContain('offer')
  expect(birch.state.pending().map(({ id }) => id)).not.toContain(told)
  birch.beforeDisk = () => undefined
  await expectInStep()
  expect(world.tree()).toEqual({ 'note.txt': 'same' })
})

test('while one commit is on its way the next is read, and all arrive in the order they were made', async () => {
  for (let index = 0; index < 1200; index++) atlas.user.write(`f${index}`, `text ${index}`)
  let commits = 0
  atlas.beforeCommit = () => {
    commits += 1
  }
  await atlas.cycle()
  expect(commits).toBe(2)
  const counters = atlas.sent.map(({ counter }) => counter)
  expect(counters).toEqual([...counters].sort((a, b) => a - b))
  expect(world.folder.paths().size).toBe(1200)
})

test('a link that breaks between two commits leaves the first in the base, and the rest for later', async () => {
  for (let index = 0; index < 1200; index++) atlas.user.write(`f${index}`, `text ${index}`)
  let commits = 0
  atlas.beforeCommit = () => {
    commits += 1
    if (commits === 2) throw new SyncError('offline', 'the request was lost')
  }
  await atlas.brokenCycle()
  expect(atlas.state.baseCount()).toBe(1000)
  await expectInStep()
  expect(world.folder.paths().size).toBe(1200)
})

test('what was never on this disk does not fall with its directory', async () => {
  atlas.user.write('docs/here', '1')
  await world.settle()
  atlas.user.write('docs/new', '2')
  await atlas.cycle()
  birch.push()
  // It was told of `new` and never placed it: the delete of `docs` must not cover it.
  birch.user.remove('docs')
  await birch.cycle({ pull: false })
  await expectInStep()
  expect(world.tree()).toEqual({ docs: '/', 'docs/new': '2' })
})

describe('a large file', () => {
  const manifests = (node: TestNode): number => node.commits.reduce((sum, { manifests }) => sum + manifests.length, 0)
  const patches = (node: TestNode): number => node.commits.reduce((sum, { patches = [] }) => sum + patches.length, 0)

  test('is told as what an edit made of it', async () => {
    atlas.user.write('big', lines(40_000))
    await world.settle()
    const before = atlas.traffic.up
    atlas.user.write('big', lines(40_000).replace('line 20000 ', 'line twenty thousand '))
    await expectInStep()
    expect([manifests(atlas), patches(atlas)]).toEqual([1, 1])
    expect(atlas.traffic.up - before).toBeLessThan(10_000)
  })

  test('that was copied is told by its hash', async () => {
    atlas.user.write('big', lines(40_000))
    await world.settle()
    const before = atlas.traffic.up
    atlas.user.write('copy', lines(40_000))
    await expectInStep()
    expect(manifests(atlas)).toBe(1)
    expect(atlas.traffic.up).toBe(before)
  })

  test('whose former bytes the coordinator has lost goes whole in the same cycle, with no problem told', async () => {
    atlas.user.write('big', lines(40_000))
    await world.settle()
    for (const [hash, bytes] of world.folder.chunks) if (bytes.length > 10_000) world.folder.chunks.delete(hash)
    atlas.user.write('big', lines(40_001))
    const report = await atlas.cycle()
    expect([report.problems, report.pendingUp, report.rescan]).toEqual([[], 0, []])
    expect(world.tree()['big']).toBe(lines(40_001))
    expect(manifests(atlas)).toBe(2)
  })

  test('that the coordinator can not take in even whole is told as a problem, and tried again later', async () => {
    atlas.user.write('big', lines(40_000))
    await world.settle()
    const lost = () => {
      for (const [hash, bytes] of world.folder.chunks) if (bytes.length > 10_000) world.folder.chunks.delete(hash)
    }
    atlas.beforeCommit = lost
    const commits = atlas.commits.length
    atlas.user.write('big', lines(40_001))
    const report = await atlas.cycle()
    expect(report.problems).toMatchObject([{ path: 'big', code: 'missing-content' }])
    expect(atlas.commits.length - commits).toBe(2)
    atlas.beforeCommit = () => undefined
    await expectInStep()
  })
})

function lines(count: number): string {
  return Array.from({ length: count }, (_, line) => `line ${line} of ${(line * 7919) % 10_007}\n`).join('')
}
