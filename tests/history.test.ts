import { mkdir, rename, unlink, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { historyOf, post } from './support/api.ts'
import { eventually } from './support/eventually.ts'
import { converged, expectEverywhere, startFleet } from './support/fleet.ts'
import { shared } from './support/hooks.ts'

const fleet = shared(startFleet)

test("a file's history holds every version and goes through its renames", async () => {
  const { ash, birch, coordinator } = fleet()
  await mkdir(ash.path('through'))
  for (const text of ['one', 'two']) await saveEverywhere('through', 'draft.txt', text)
  await rename(birch.path('through/draft.txt'), birch.path('through/final.txt'))
  await expectEverywhere(fleet(), 'through', { 'final.txt': 'two' })
  await saveEverywhere('through', 'final.txt', 'three')

  const { versions } = await historyOf(coordinator, 'work', 'through/final.txt')
  expect(
    versions.map(({ path, registers }) => [path, registers.includes('content') ? 'content' : registers[0]]),
  ).toEqual([
    ['through/final.txt', 'content'],
    ['through/final.txt', 'place'],
    ['through/draft.txt', 'content'],
    ['through/draft.txt', 'content'],
  ])
  const printed = await ash.cli('history', ash.path('through/final.txt'))
  expect(printed).toContain('draft.txt')
})

test('an older version is restored by its id on the command line, and a later restore brings the newer back', async () => {
  const { ash, coordinator } = fleet()
  await mkdir(ash.path('restore'))
  for (const text of ['good', 'bad']) await saveEverywhere('restore', 'note.txt', text)
  const { versions } = await historyOf(coordinator, 'work', 'restore/note.txt')
  const [bad, good] = versions
  await ash.cli('restore', ash.path('restore/note.txt'), '--version', String(good?.seq))
  await expectEverywhere(fleet(), 'restore', { 'note.txt': 'good' })
  await ash.cli('restore', ash.path('restore/note.txt'), '--version', String(bad?.seq))
  await expectEverywhere(fleet(), 'restore', { 'note.txt': 'bad' })
  expect((await historyOf(coordinator, 'work', 'restore/note.txt')).versions).toHaveLength(4)
})

test('a file is restored as it was at a time', async () => {
  const { ash, coordinator } = fleet()
  await mkdir(ash.path('at-time'))
  await saveEverywhere('at-time', 'note.txt', 'early')
  const { versions } = await historyOf(coordinator, 'work', 'at-time/note.txt')
  const early = versions[0]?.at ?? ''
  await saveEverywhere('at-time', 'note.txt', 'late')
  await ash.cli('restore', ash.path('at-time/note.txt'), '--at', early)
  await expectEverywhere(fleet(), 'at-time', { 'note.txt': 'early' })
})

test('a deleted file comes back by a restore on the command line', async () => {
  const { ash, birch } = fleet()
  await mkdir(ash.path('undelete'))
  await saveEverywhere('undelete', 'note.txt', 'precious')
  await unlink(birch.path('undelete/note.txt'))
  await expectEverywhere(fleet(), 'undelete', {})
  await ash.cli('restore', ash.path('undelete/note.txt'))
  await expectEverywhere(fleet(), 'undelete', { 'note.txt': 'precious' })
})

test('a deleted file comes back by a restore over REST', async () => {
  const { ash, coordinator } = fleet()
  await mkdir(ash.path('undelete-rest'))
  await saveEverywhere('undelete-rest', 'note.txt', 'precious')
  await unlink(ash.path('undelete-rest/note.txt'))
  await expectEverywhere(fleet(), 'undelete-rest', {})
  await converged(fleet().nodes)
  const { status } = await post(coordinator, '/api/v1/folders/work/restore', { path: 'undelete-rest/note.txt' })
  expect(status).toBe(200)
  await expectEverywhere(fleet(), 'undelete-rest', { 'note.txt': 'precious' })
})

test('a version is fetched without being restored', async () => {
  const { ash, coordinator } = fleet()
  await mkdir(ash.path('fetch'))
  for (const text of ['older', 'newer']) await saveEverywhere('fetch', 'note.txt', text)
  const { versions } = await historyOf(coordinator, 'work', 'fetch/note.txt')
  const response = await fetch(`${coordinator.url}/api/v1/folders/work/versions/${versions[1]?.seq}/content`)
  expect(await response.text()).toBe('older')
})

async function saveEverywhere(below: string, name: string, text: string): Promise<void> {
  const { ash } = fleet()
  await writeFile(ash.path(below, name), text)
  await eventually(`${text} is everywhere`, async () => {
    for (const node of fleet().nodes) expect((await node.view(below))[name]).toBe(text)
  })
}
