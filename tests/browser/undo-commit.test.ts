import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { expectAccessible } from './support/checks.ts'
import { rowOf } from './support/files.ts'
import { openLive, sharedStage } from './support/stage.ts'

const stage = sharedStage(async (directory) => {
  await mkdir(join(directory, 'docs'), { recursive: true })
  for (let number = 0; number < 6; number++) await writeFile(join(directory, 'docs', `file-${number}`), 'content')
  for (let number = 0; number < 20; number++) await writeFile(join(directory, `other-${number}`), 'other')
})

test('a whole commit is undone from any of its events, and what that changes is counted first', async () => {
  const { ash, birch, scratch } = stage()
  // Gone at one stroke, so in one commit.
  await rename(ash.path('docs'), join(scratch, 'docs'))
  await eventually('birch has it', async () => expect(Object.keys(await birch.view())).not.toContain('docs/file-0'))
  const page = await openLive(stage(), '/monitor')
  await page
    .getByRole('log', { name: /Events/ })
    .getByRole('button', { name: /^Undo … of change/ })
    .first()
    .click()
  const dialog = page.getByRole('dialog', { name: 'Undo the whole commit?' })
  await dialog.getByText('7 deleted entries come back').waitFor()
  await expectAccessible(page)
  expect(Object.keys(await birch.view())).not.toContain('docs/file-0')
  await dialog.getByRole('button', { name: 'Undo 7 changes' }).click()
  await page.getByText('7 changes of the commit undone.').waitFor()
  await eventually('the files are back', async () => expect(Object.keys(await birch.view('docs'))).toHaveLength(6))
  await page
    .getByRole('log', { name: /Events/ })
    .getByText('Anybody on this machine', { exact: true })
    .first()
    .waitFor()
})

test('a commit is undone from the history of a file, and only what came with that version goes back', async () => {
  const { ash, birch } = stage()
  await writeFile(ash.path('other-2'), 'a second version')
  await eventually('birch has it', async () => expect((await birch.view())['other-2']).toBe('a second version'))
  await writeFile(ash.path('other-3'), 'a later commit')
  await eventually('birch has it', async () => expect((await birch.view())['other-3']).toBe('a later commit'))
  const page = await openLive(stage(), '/?folder=work')
  await rowOf(page, 'other-2').getByRole('button', { name: 'other-2' }).click()
  const detail = page.getByRole('region', { name: 'other-2' })
  await detail.getByRole('tab', { name: 'History' }).click()
  await detail
    .getByRole('button', { name: /^Undo commit of change/ })
    .first()
    .click()
  const dialog = page.getByRole('dialog', { name: 'Undo the whole commit?' })
  await dialog.getByRole('button', { name: 'Undo 1 change' }).click()
  await eventually('the version before is back', async () => expect((await birch.view())['other-2']).toBe('other'))
  expect((await birch.view())['other-3']).toBe('a later commit')
  // It is a new version, and so can be undone in its turn.
  await detail
    .getByRole('checkbox', { name: /^Select version/ })
    .nth(2)
    .waitFor()
  await detail.getByText('Anybody on this machine').first().waitFor()
})

test('it is offered in the detail of an event too', async () => {
  const { ash, birch } = stage()
  await rename(ash.path('other-1'), ash.path('renamed'))
  await eventually('birch has it', async () => expect(Object.keys(await birch.view())).toContain('renamed'))
  const page = await openLive(stage(), '/clocks?folder=work')
  await page
    .getByRole('option', { name: /move.*renamed/ })
    .first()
    .click()
  await page.getByRole('button', { name: 'Undo this whole commit' }).click()
  const dialog = page.getByRole('dialog', { name: 'Undo the whole commit?' })
  await dialog.getByText('1 moved entry goes back to where it was').waitFor()
  await dialog.getByRole('button', { name: 'Undo 1 change' }).click()
  await eventually('it is back', async () => expect(Object.keys(await birch.view())).toContain('other-1'))
  // The new event is by the person, and in the coordinator's lane.
  await page
    .getByRole('option', { name: /move.*Anybody on this machine.*other-1/ })
    .first()
    .click()
  await page.getByRole('heading', { name: 'move by Anybody on this machine' }).waitFor()
})
