import { cp, mkdir, rm, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventually } from './support/eventually.ts'
import { converged, expectEverywhere, startFleet } from './support/fleet.ts'
import { testLifetime } from './support/hooks.ts'
import type { SyncNode } from './support/node.ts'

/** The command that waits finds the node only once it is up. */
async function upAgain(node: SyncNode): Promise<void> {
  node.up()
  await eventually(`${node.name} is up again`, () => node.wait(), { timeoutMs: 90_000, everyMs: 200 })
}

const EDITS = 4

test('a node whose state was put back to an older copy loses no edit and counts no event twice', async () => {
  const life = testLifetime()
  const fleet = await startFleet(life)
  const { ash, birch, nodes, scratch } = fleet
  await writeFile(ash.path('note'), 'first')
  await mkdir(ash.path('dir'))
  await writeFile(ash.path('dir/stays'), 'stays')
  await converged(nodes)
  await ash.stop()
  await cp(ash.stateDir, join(scratch, 'older-state'), { recursive: true, preserveTimestamps: true })
  await upAgain(ash)
  for (let index = 0; index < EDITS; index++) {
    await writeFile(ash.path('note'), `edit ${index}`)
    await writeFile(ash.path(`made ${index}`), `${index}`)
    await ash.wait()
  }
  await converged(nodes)
  await unlink(birch.path('made 0'))
  await converged(nodes)

  await ash.stop()
  await rm(ash.stateDir, { recursive: true })
  await cp(join(scratch, 'older-state'), ash.stateDir, { recursive: true, preserveTimestamps: true })
  // As many new events as the copy has forgotten, so that their counters would meet.
  for (let index = 0; index < EDITS; index++) await writeFile(ash.path('dir', `new ${index}`), `new ${index}`)
  await writeFile(ash.path('note'), 'after the copy')
  await upAgain(ash)
  await converged(nodes)
  const made = Object.fromEntries(Array.from({ length: EDITS }, (_, index) => [`new ${index}`, `new ${index}`]))
  await expectEverywhere(fleet, 'dir', { stays: 'stays', ...made })
  expect(await birch.view()).toMatchObject({ note: 'after the copy', 'made 1': '1' })
  expect(Object.keys(await birch.view()).filter((path) => path.includes('conflict'))).toEqual([])
  expect(Object.keys(await birch.view())).not.toContain('made 0')
})

test('a node that lost what it knew of a folder goes on with what is on its disk', async () => {
  const life = testLifetime()
  const fleet = await startFleet(life)
  const { ash, birch, nodes } = fleet
  for (let index = 0; index < EDITS; index++) {
    await writeFile(ash.path('note'), `edit ${index}`)
    await writeFile(ash.path(`made ${index}`), `${index}`)
    await ash.wait()
  }
  await converged(nodes)
  await ash.stop()
  await rm(join(ash.stateDir, 'folders'), { recursive: true })
  await writeFile(ash.path('mine'), 'made while nothing ran')
  await upAgain(ash)
  await converged(nodes)
  for (let index = 0; index < EDITS; index++) await writeFile(ash.path('note'), `later ${index}`)
  await writeFile(birch.path('made 1'), 'by birch')
  await converged(nodes)
  expect(await birch.view()).toMatchObject({ mine: 'made while nothing ran', note: `later ${EDITS - 1}` })
  expect(await ash.view()).toMatchObject({ 'made 1': 'by birch', 'made 2': '2' })
  expect(Object.keys(await birch.view()).filter((path) => path.includes('conflict'))).toEqual([])
})
