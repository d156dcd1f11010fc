import { mkdir, rename, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { eventsAfter, lastPosition } from './support/api.ts'
import { converged, expectEverywhere, startFleet } from './support/fleet.ts'
import { shared } from './support/hooks.ts'
import type { SyncNode } from './support/node.ts'

const fleet = shared(startFleet)

test('what both sides did while a node was down is on both sides when it is up again', async () => {
  const { ash, birch, nodes } = fleet()
  await mkdir(ash.path('both'))
  for (const name of ['ash-edits', 'birch-edits', 'ash-deletes', 'birch-deletes', 'birch-renames']) {
    await writeFile(ash.path('both', name), `${name}: before`)
  }
  await converged(nodes)

  await birch.stop()
  await writeFile(ash.path('both/ash-edits'), 'edited by ash')
  await unlink(ash.path('both/ash-deletes'))
  await writeFile(ash.path('both/ash-creates'), 'created by ash')
  await writeFile(birch.path('both/birch-edits'), 'edited by birch')
  await unlink(birch.path('both/birch-deletes'))
  await rename(birch.path('both/birch-renames'), birch.path('both/renamed'))
  await writeFile(birch.path('both/birch-creates'), 'created by birch')
  birch.up()

  await expectEverywhere(fleet(), 'both', {
    'ash-edits': 'edited by ash',
    'ash-creates': 'created by ash',
    'birch-edits': 'edited by birch',
    'birch-creates': 'created by birch',
    renamed: 'birch-renames: before',
  })
})

test('a directory renamed while the node was down is one move, not deletes and creates', async () => {
  const { ash, cedar, coordinator, nodes } = fleet()
  await mkdir(cedar.path('moved/old'), { recursive: true })
  for (let i = 0; i < 50; i++) await writeFile(cedar.path(`moved/old/${i}.txt`), `file ${i}`)
  await converged(nodes)
  const before = await lastPosition(coordinator)
  const inode = (await stat(ash.path('moved/old'))).ino

  await cedar.stop()
  await rename(cedar.path('moved/old'), cedar.path('moved/new'))
  cedar.up()
  await converged(nodes)

  expect((await stat(ash.path('moved/new'))).ino).toBe(inode)
  const changes = (await eventsAfter(coordinator, before)).filter(({ kind }) => kind !== 'join' && kind !== 'leave')
  expect(changes.map(({ kind, path }) => ({ kind, path }))).toEqual([{ kind: 'move', path: 'moved/new' }])
})

test('a node that was down while others edited takes their last state and sends nothing back', async () => {
  const { ash, birch, coordinator, nodes } = fleet()
  await mkdir(ash.path('catch-up'))
  await converged(nodes)
  await birch.stop()
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 20; i++) await writeFile(ash.path(`catch-up/${i}.txt`), `round ${round} of ${i}`)
    await ash.wait()
  }
  const before = await lastPosition(coordinator)
  birch.up()
  await converged(nodes)
  expect((await eventsAfter(coordinator, before)).filter(({ kind }) => kind !== 'join' && kind !== 'leave')).toEqual([])
})

test('edits made while the coordinator is down are kept and sent when it is back', async () => {
  const { ash, birch, cedar, coordinator } = fleet()
  await mkdir(ash.path('headless'))
  await writeFile(ash.path('headless/shared.txt'), 'before')
  await expectEverywhere(fleet(), 'headless', { 'shared.txt': 'before' })
  await coordinator.stop()
  await writeFile(ash.path('headless/ash.txt'), 'from ash')
  await writeFile(birch.path('headless/birch.txt'), 'from birch')
  await unlink(cedar.path('headless/shared.txt'))
  expect((await ash.status()).state).toBe('offline')
  await coordinator.start()
  await expectEverywhere(fleet(), 'headless', { 'ash.txt': 'from ash', 'birch.txt': 'from birch' })
})

test('the same edit made on two sides while apart is joined, without a conflict copy', async () => {
  const { ash, birch } = fleet()
  await mkdir(ash.path('same'))
  await writeFile(ash.path('same/note.txt'), 'before')
  await expectEverywhere(fleet(), 'same', { 'note.txt': 'before' })
  await birch.stop()
  await writeFile(ash.path('same/note.txt'), 'the same words')
  await writeFile(birch.path('same/note.txt'), 'the same words')
  birch.up()
  await expectEverywhere(fleet(), 'same', { 'note.txt': 'the same words' })
})

test('a node killed right after an edit sends it when it is up again', async () => {
  const { cedar } = fleet()
  await mkdir(cedar.path('killed'))
  await expectEverywhere(fleet(), 'killed', {})
  await writeFile(cedar.path('killed/note.txt'), 'written in the last moment')
  await cedar.kill9()
  cedar.up()
  await expectEverywhere(fleet(), 'killed', { 'note.txt': 'written in the last moment' })
})

test('a node that lost its state joins again without deleting, reverting or doubling anything', async () => {
  const { ash, birch, coordinator, nodes } = fleet()
  await mkdir(ash.path('amnesia'))
  await writeFile(ash.path('amnesia/kept.txt'), 'kept')
  await writeFile(ash.path('amnesia/changed.txt'), 'before')
  await converged(nodes)
  await birch.stop()
  await rm(birch.stateDir, { recursive: true })
  await writeFile(ash.path('amnesia/changed.txt'), 'after')
  await writeFile(ash.path('amnesia/new.txt'), 'new')
  await ash.wait()
  // The root says that another state directory looks after it: a person removes the marker, as the message tells.
  const refused = await joinAgain(birch, await coordinator.invite({ folder: 'work' }))
  expect(refused).toContain('marker.json')
  await unlink(birch.path('.causeway/marker.json'))
  await birch.join(await coordinator.invite({ folder: 'work' }), undefined)
  const tree = await converged(nodes)
  const shown = [...tree.keys()].filter((path) => path.startsWith('amnesia/'))
  // What it cannot know any more it keeps as a copy; nobody loses anything.
  expect(shown.filter((path) => !path.includes('(conflict'))).toEqual([
    'amnesia/changed.txt',
    'amnesia/kept.txt',
    'amnesia/new.txt',
  ])
  expect((await ash.view('amnesia'))['changed.txt']).toBe('after')
})

/** Joins and gives what the node said when it ended by itself. */
async function joinAgain(node: SyncNode, link: string): Promise<string> {
  await node.join(link, undefined)
  await node.process.finished
  return node.process.stderr
}
