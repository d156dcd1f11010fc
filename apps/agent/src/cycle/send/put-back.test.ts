import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { World, type TestNode } from '../test-support/world.ts'

let world: World
let atlas: TestNode
let birch: TestNode

beforeEach(() => {
  world = new World()
  atlas = world.join('atlas')
  birch = world.join('birch')
})

afterEach(() => world.close())

async function fill(count: number): Promise<void> {
  for (let index = 0; index < count; index++) atlas.user.write(`docs/${index}`, `text ${index}`)
  await world.settle()
}

/** Puts back what is held, and lets everybody come to rest. */
async function putBack(): Promise<void> {
  atlas.putBack()
  expect((await atlas.cycle()).halted).toBeNull()
  await world.settle()
}

describe('what a person wants back', () => {
  test('comes back to the node, and nothing of it is deleted anywhere', async () => {
    await fill(40)
    const before = world.tree()
    for (let index = 0; index < 30; index++) atlas.user.remove(`docs/${index}`)
    expect((await atlas.cycle()).halted).not.toBeNull()
    await putBack()
    expect(await atlas.tree()).toEqual(before)
    expect(await birch.tree()).toEqual(before)
    expect(world.tree()).toEqual(before)
    expect(atlas.sent.map(({ kind }) => kind)).not.toContain('delete')
    expect((await atlas.cycle()).changedAnything).toBe(false)
  })

  test('comes back though the whole directory is gone, in the version that stands elsewhere', async () => {
    await fill(40)
    atlas.user.remove('docs')
    expect((await atlas.cycle()).halted).not.toBeNull()
    birch.user.write('docs/7', 'edited meanwhile')
    await birch.cycle()
    await putBack()
    expect(atlas.text('docs/7')).toBe('edited meanwhile')
    expect(atlas.user.names('docs')).toHaveLength(40)
  })

  test('comes back at the next cycle that reaches the coordinator, over a restart', async () => {
    await fill(40)
    atlas.user.remove('docs')
    await atlas.cycle()
    atlas.user.write('new', 'sent first')
    atlas.putBack()
    atlas.loseNextAnswer()
    await atlas.brokenCycle()
    await atlas.restart()
    expect((await atlas.cycle()).halted).toBeNull()
    expect(atlas.user.names('docs')).toHaveLength(40)
  })

  test('leaves alone what else was changed: edits, new files, and what was moved out of what is gone', async () => {
    await fill(40)
    atlas.user.rename('docs/3', 'kept')
    atlas.user.write('new', 'new')
    atlas.user.remove('docs')
    expect((await atlas.cycle()).halted).not.toBeNull()
    await putBack()
    expect(world.tree()).toMatchObject({ kept: 'text 3', new: 'new' })
    expect(atlas.user.names('docs')).toHaveLength(39)
    expect(atlas.user.names('docs')).not.toContain('3')
    expect(await birch.tree()).toEqual(world.tree())
  })

  test('comes back beside what took its name meanwhile', async () => {
    await fill(40)
    atlas.user.write('note', 'one')
    await world.settle()
    atlas.user.remove('docs')
    atlas.user.rename('note', 'docs')
    expect((await atlas.cycle()).halted).not.toBeNull()
    await putBack()
    expect(Object.values(world.tree())).toEqual(expect.arrayContaining(['one', 'text 0', 'text 39']))
    expect(await atlas.tree()).toEqual(world.tree())
    expect(await birch.tree()).toEqual(world.tree())
  })

  test('is what waited then: a later accident waits again', async () => {
    await fill(40)
    atlas.user.remove('docs')
    await atlas.cycle()
    await putBack()
    atlas.user.remove('docs')
    expect((await atlas.cycle()).halted).toMatchObject({ removed: 41 })
  })

  test('is the last word: what was let go before, and did not go, comes back', async () => {
    await fill(40)
    atlas.user.remove('docs')
    await atlas.cycle()
    atlas.approveDeletes()
    await putBack()
    expect(atlas.user.names('docs')).toHaveLength(40)
  })
})

describe('what the coordinator alone holds back', () => {
  beforeEach(async () => {
    await fill(40)
    atlas.memory.send.removals.setBrake({ share: 1, min: 1000 })
    for (let index = 0; index < 30; index++) atlas.user.remove(`docs/${index}`)
    await atlas.cycle()
  })

  test('is told by directory like any other halt, and stays in sight while a cycle looks elsewhere', async () => {
    await atlas.cycle()
    const { halted } = await atlas.cycle({ directories: [], pull: false })
    expect(halted).toMatchObject({ removed: 30, held: { from: 'here', files: 30, directories: [{ path: 'docs' }] } })
  })

  test('can be put back', async () => {
    await putBack()
    expect(atlas.user.names('docs')).toHaveLength(40)
    expect(birch.user.names('docs')).toHaveLength(40)
  })
})

describe('what was deleted elsewhere and is held back from a node', () => {
  const before: Record<string, string> = {}

  beforeEach(async () => {
    await fill(40)
    Object.assign(before, world.tree())
    const cursor = birch.state.cursor()
    atlas.user.remove('docs')
    await atlas.cycle()
    atlas.approveDeletes()
    await atlas.cycle()
    birch.pushed({ ...world.folder.changes({ cursor, limit: 4096 }), counted: 0 })
  })

  test('is told as such, by directory', async () => {
    const { halted } = await birch.cycle({ pull: false })
    expect(halted).toMatchObject({
      removed: 41,
      held: { from: 'elsewhere', files: 40, directories: [{ path: 'docs', whole: true, files: 40 }] },
    })
  })

  test('comes back for everybody, as the same files with their history', async () => {
    await birch.cycle({ pull: false })
    birch.putBack()
    expect((await birch.cycle({ pull: false })).halted).toBeNull()
    await world.settle()
    expect(world.tree()).toEqual(before)
    expect(await atlas.tree()).toEqual(before)
    expect(await birch.tree()).toEqual(before)
    expect(birch.sent.map(({ kind }) => kind)).not.toContain('create')
    expect((await birch.cycle()).changedAnything).toBe(false)
  })
})
