import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { World, type TestNode, type Tree } from '../test-support/world.ts'

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

/** A delete waits for a moment, in case that it is the first of many. */
async function removeAtAtlas(path: string): Promise<void> {
  atlas.user.remove(path)
  while (world.tree()[path] !== undefined) await atlas.cycle()
}

const LARGE = 'x'.repeat(100_000)

describe('a file that a program has open for writing', () => {
  test.each([
    ['small', 'old', 'newer'],
    ['large', LARGE, `${LARGE}newer`],
  ])(
    'is not replaced (%s): what the program saves becomes one conflict copy once it is closed',
    async (_, old, newer) => {
      atlas.user.write('log', old)
      await world.settle()
      const handle = birch.user.openForWriting('log')
      atlas.user.write('log', newer)
      await atlas.cycle()
      for (const line of [' one', ' two', ' three']) {
        await birch.cycle()
        handle.append(line)
        expect(birch.text('log')?.startsWith(old)).toBe(true)
      }
      await birch.cycle()
      expect(birch.sent).toEqual([])
      handle.close()
      await world.settle()
      const copies = Object.keys(world.tree()).filter((path) => path !== 'log')
      expect(copies).toHaveLength(1)
      await expectEverywhere({ log: newer, [copies[0] ?? '']: `${old} one two three` })
    },
  )

  test('is not removed: what the program saves is an edit, which a delete does not beat', async () => {
    atlas.user.write('d/log', 'old')
    await world.settle()
    const handle = birch.user.openForWriting('d/log')
    await removeAtAtlas('d')
    await birch.cycle()
    expect(await birch.tree()).toEqual({ d: '/', 'd/log': 'old' })
    handle.append(' and late')
    handle.close()
    await expectEverywhere({ d: '/', 'd/log': 'old and late' })
  })

  test('does not give way to a directory of its name: what the program saves is kept beside that', async () => {
    atlas.user.write('log', 'old')
    await world.settle()
    const handle = birch.user.openForWriting('log')
    await removeAtAtlas('log')
    atlas.user.write('log/in', 'in')
    await atlas.cycle()
    await birch.cycle()
    expect(birch.text('log')).toBe('old')
    handle.append(' and late')
    handle.close()
    await world.settle()
    const copies = Object.keys(world.tree()).filter((path) => path.startsWith('log (conflict, birch'))
    await expectEverywhere({ log: '/', 'log/in': 'in', [copies[0] ?? '']: 'old and late' })
  })

  test('loses no save where its name is exchanged with another', async () => {
    atlas.user.write('a', 'A')
    atlas.user.write('b', 'B')
    await world.settle()
    const handle = birch.user.openForWriting('a')
    atlas.user.rename('a', 'aside')
    atlas.user.rename('b', 'a')
    atlas.user.rename('aside', 'b')
    await atlas.cycle()
    await birch.cycle()
    handle.append(' and late')
    handle.close()
    await world.settle()
    expect(Object.values(world.tree())).toContain('A and late')
    expect(Object.values(world.tree())).toContain('B')
    await expectEverywhere(world.tree())
  })

  test('goes as soon as the program has closed it without a save', async () => {
    atlas.user.write('d/log', 'old')
    await world.settle()
    const handle = birch.user.openForWriting('d/log')
    await removeAtAtlas('d')
    const report = await birch.cycle()
    expect(report.rescan).not.toEqual([])
    handle.close()
    await expectEverywhere({})
  })

  test('holds up nothing else, and is told of after a while, until it is closed', async () => {
    atlas.user.write('log', 'old')
    await world.settle()
    const handle = birch.user.openForWriting('log')
    atlas.user.write('log', 'newer')
    atlas.user.write('other', 'one')
    await atlas.cycle()
    expect(await birch.cycle()).toMatchObject({ problems: [], pendingDown: 1 })
    expect(birch.text('other')).toBe('one')
    const later = await birch.cycle({ afterMs: 60_000 })
    expect(later).toMatchObject({ problems: [{ path: 'log', code: 'open-for-writing' }], pendingDown: 1 })
    expect(later.rescanAfterMs).toBeLessThanOrEqual(5_000)
    handle.close()
    expect(await birch.cycle()).toMatchObject({ problems: [], pendingDown: 0 })
    expect(birch.text('log')).toBe('newer')
  })

  test('is not fetched again and again while it waits', async () => {
    atlas.user.write('film', LARGE)
    await world.settle()
    const handle = birch.user.openForWriting('film')
    atlas.user.write('film', LARGE.replaceAll('x', 'y'))
    await atlas.cycle()
    const before = birch.traffic.down
    await birch.cycle()
    await birch.cycle()
    expect(birch.traffic.down).toBe(before)
    handle.close()
    await world.settle()
    expect(birch.text('film')).toBe(LARGE.replaceAll('x', 'y'))
  })
})

describe('a writer that nobody can know of', () => {
  beforeEach(() => {
    birch.knowsWriters = false
  })

  test('saves to a file that was replaced: its version is a conflict copy everywhere', async () => {
    atlas.user.write('log', 'old')
    await world.settle()
    const handle = birch.user.openForWriting('log')
    atlas.user.write('log', 'newer')
    await world.settle()
    handle.append(' and late')
    handle.close()
    await world.settle()
    const copies = Object.keys(world.tree()).filter((path) => path !== 'log')
    expect(copies).toEqual([expect.stringMatching(/^log \(conflict, /)])
    await expectEverywhere({ log: 'newer', [copies[0] ?? '']: 'old and late' })
  })

  test('saves to a file that was removed: it is there again, also after a restart', async () => {
    atlas.user.write('d/log', 'old')
    atlas.user.write('d/other', 'x')
    await world.settle()
    const handle = birch.user.openForWriting('d/log')
    atlas.user.remove('d/log')
    await world.settle()
    await birch.restart()
    handle.append(' and late')
    handle.close()
    await expectEverywhere({ d: '/', 'd/log': 'old and late', 'd/other': 'x' })
  })
})
