import { mkdir, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { converged, expectEverywhere, startFleet } from './support/fleet.ts'
import { testLifetime } from './support/hooks.ts'
import { startNode } from './support/node.ts'

test('a coordinator restored from an older backup is offered what it lacks: nothing reverts, nothing conflicts', async () => {
  const life = testLifetime()
  const fleet = await startFleet(life)
  const { ash, birch, cedar, coordinator, nodes, scratch } = fleet
  await mkdir(ash.path('dir'))
  for (const name of ['edited', 'deleted', 'renamed', 'untouched', 'later-again'])
    await writeFile(ash.path('dir', name), `${name}: old`)
  await converged(nodes)
  await coordinator.stop()
  await coordinator.backUp(join(scratch, 'backup'))
  await coordinator.start()

  await writeFile(ash.path('dir/edited'), 'edited since')
  await unlink(birch.path('dir/deleted'))
  await rename(cedar.path('dir/renamed'), cedar.path('dir/moved'))
  await writeFile(birch.path('dir/created'), 'created since')
  await writeFile(birch.path('dir/later-again'), 'second')
  await mkdir(cedar.path('new-dir'))
  await writeFile(cedar.path('new-dir/inside'), Buffer.alloc(3_000_000, 'chunky '))
  await converged(nodes)
  const tree = await cedar.tree()

  await coordinator.stop()
  await coordinator.restoreFrom(join(scratch, 'backup'))
  await coordinator.start()
  await converged(nodes)
  expect(await cedar.tree()).toEqual(tree)
  await expectEverywhere(fleet, 'dir', {
    edited: 'edited since',
    moved: 'renamed: old',
    untouched: 'untouched: old',
    created: 'created since',
    'later-again': 'second',
  })

  // The coordinator holds it all again: somebody new gets the same.
  const dogwood = await startNode(life, { coordinator, dir: join(scratch, 'dogwood'), name: 'dogwood' })
  await converged([...nodes, dogwood])
  expect(await dogwood.tree()).toEqual(tree)

  // And life goes on.
  await writeFile(dogwood.path('dir/edited'), 'after the restore')
  await expectEverywhere({ nodes: [...nodes, dogwood] }, 'new-dir', await cedar.view('new-dir'))
  await converged([...nodes, dogwood])
  expect((await ash.view('dir'))['edited']).toBe('after the restore')
})
