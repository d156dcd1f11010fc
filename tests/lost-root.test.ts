import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { eventually } from './support/eventually.ts'
import { converged, startFleet, type Fleet } from './support/fleet.ts'
import { testLifetime } from './support/hooks.ts'
import type { SyncNode } from './support/node.ts'
import { MARKER } from './support/tree.ts'

const FILES = 30

test('an emptied root deletes nothing elsewhere until a person lifts the halt', async () => {
  const fleet = await startFilled()
  const { ash, birch, cedar, nodes } = fleet
  for (const name of await readdir(ash.dir)) {
    if (name !== MARKER) await rm(ash.path(name), { recursive: true })
  }
  await expectHalted(ash)
  await expectUntouched([birch, cedar])

  await ash.cli('resume', 'work')
  const tree = await converged(nodes)
  expect([...tree.keys()]).toEqual([])
})

test('an emptied root is filled again at a word', async () => {
  const { ash, nodes } = await startFilled()
  for (const name of await readdir(ash.dir)) {
    if (name !== MARKER) await rm(ash.path(name), { recursive: true })
  }
  await expectHalted(ash)
  await ash.cli('resume', 'work', '--put-back')
  const tree = await converged(nodes)
  expect(tree.size).toBe(FILES + 1)
})

test('a root emptied of its marker as well deletes nothing elsewhere', async () => {
  const { ash, birch, cedar } = await startFilled()
  for (const name of await readdir(ash.dir)) await rm(ash.path(name), { recursive: true })
  await expectStopped(ash)
  await expectUntouched([birch, cedar])
})

test('a removed root deletes nothing elsewhere', async () => {
  const { ash, birch, cedar } = await startFilled()
  await rm(ash.dir, { recursive: true })
  await expectStopped(ash)
  await expectUntouched([birch, cedar])
})

test('a root that was removed while the node was down deletes nothing elsewhere', async () => {
  const { ash, birch, cedar } = await startFilled()
  await ash.stop()
  await rm(ash.dir, { recursive: true })
  await mkdir(ash.dir)
  ash.up()
  await expectStopped(ash)
  await expectUntouched([birch, cedar])
})

test('a disk that is away and comes back goes on by itself, edits of both sides included', async () => {
  const { ash, birch, cedar, nodes } = await startFilled()
  await rename(ash.dir, `${ash.dir}-unmounted`)
  await mkdir(ash.dir)
  await expectStopped(ash)
  await writeFile(birch.path('meanwhile.txt'), 'meanwhile')
  await expectUntouched([birch, cedar])

  await rm(ash.dir, { recursive: true })
  await rename(`${ash.dir}-unmounted`, ash.dir)
  await writeFile(ash.path('back.txt'), 'back')
  await eventually('the node goes on', async () => expect((await ash.status()).state).toBe('idle'))
  const tree = await converged(nodes)
  expect([...tree.keys()].filter((path) => !path.includes('file-')).sort()).toEqual([
    'back.txt',
    'dir',
    'meanwhile.txt',
  ])
  expect(tree.size).toBe(FILES + 3)
})

test('a root swapped for another directory neither deletes nor sends what is in that one', async () => {
  const { ash, birch, cedar } = await startFilled()
  await rename(ash.dir, `${ash.dir}-real`)
  await mkdir(ash.dir)
  await writeFile(ash.path('private.txt'), 'of another disk')
  await expectStopped(ash)
  await expectUntouched([birch, cedar])
  // And nothing was written into the foreign directory.
  expect(await readdir(ash.dir)).toEqual(['private.txt'])
})

test("a root swapped for another folder's root is refused", async () => {
  const { ash, birch, cedar, scratch } = await startFilled()
  await rename(ash.dir, `${ash.dir}-real`)
  await mkdir(join(ash.dir, MARKER), { recursive: true })
  for (const name of await readdir(birch.path(MARKER))) {
    await writeFile(ash.path(MARKER, name), `a marker that is not this root's (${scratch})`).catch(() => undefined)
  }
  await expectStopped(ash)
  await expectUntouched([birch, cedar])
})

async function startFilled(): Promise<Fleet> {
  const fleet = await startFleet(testLifetime())
  await mkdir(fleet.ash.path('dir'))
  for (let i = 0; i < FILES; i++) await writeFile(fleet.ash.path(i % 2 === 0 ? 'dir' : '', `file-${i}`), `content ${i}`)
  await converged(fleet.nodes)
  return fleet
}

function expectHalted(node: SyncNode): Promise<void> {
  return eventually(`${node.name} is halted`, async () => expect((await node.status()).state).toBe('halted'))
}

/** It does not sync, and says why. */
function expectStopped(node: SyncNode): Promise<void> {
  return eventually(`${node.name} is halted and says that its root is the cause`, async () => {
    const { state, problems } = await node.status()
    expect(state).toBe('halted')
    expect(problems.map(({ code }) => code)).toContainEqual(expect.stringMatching(/^root-(missing|foreign)$/))
  })
}

/** Looked at over a while: a delete that comes late is one as well. */
async function expectUntouched(nodes: readonly SyncNode[]): Promise<void> {
  for (let round = 0; round < 10; round++) {
    for (const node of nodes) {
      const files = Object.keys(await node.view()).filter((path) => path.includes('file-'))
      expect(files).toHaveLength(FILES)
    }
    await sleep(100)
  }
}
