import { mkdir, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { PHONE } from './support/browser.ts'
import { expectAccessible, expectNoSidewaysScroll } from './support/checks.ts'
import { openLive, sharedStage } from './support/stage.ts'

const MANY = 40

const stage = sharedStage(async (directory) => {
  await mkdir(join(directory, 'docs'), { recursive: true })
  for (let number = 0; number < MANY; number++) await writeFile(join(directory, 'docs', `file-${number}`), 'content')
})

test('a halt is the first thing on the page, by directory, and putting it back deletes nothing anywhere', async () => {
  const { ash, birch } = stage()
  const page = await openLive(stage(), '/monitor')
  await remove(0, 25)
  const told = page.locator('header').getByRole('link', { name: /ash holds back the removal of \d+ entries in work/ })
  await told.waitFor()
  // More of it goes while it is held back: the count follows.
  await remove(25, 30)
  await told.click()
  const halt = haltOn(page)
  await halt.getByText('30 files (210 B) are gone from ash. The others keep them until you decide.').waitFor()
  await halt.getByRole('cell', { name: 'docs', exact: true }).waitFor()
  await halt.getByRole('button', { name: 'Put them back on ash' }).click()
  await page.getByText('ash is putting back 30 files (210 B).').waitFor()
  await halt.waitFor({ state: 'hidden' })
  await eventually('the files are back', async () => expect(Object.keys(await ash.view('docs'))).toHaveLength(MANY))
  expect(Object.keys(await birch.view('docs'))).toHaveLength(MANY)
  await page
    .locator('header')
    .getByText(/Both nodes hold the same 40 files/)
    .waitFor()
})

test('a halt is in the node’s panel and in Settings too, and is let go only when a person has confirmed what goes', async () => {
  const { birch } = stage()
  await remove(0, 30)
  const page = await openLive(stage(), '/')
  await haltOn(page).waitFor()
  await expectAccessible(page)
  await page.setViewportSize(PHONE)
  await page.emulateMedia({ colorScheme: 'dark' })
  await expectNoSidewaysScroll(page)
  await expectAccessible(page)
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.getByRole('button', { name: 'ash', exact: true }).click()
  await haltOn(page.getByRole('region', { name: 'ash', exact: true }))
    .getByRole('button', { name: 'Put them back on ash' })
    .waitFor()
  await page.goto(new URL('/settings', page.url()).href)
  await haltOn(page).getByRole('button', { name: 'Let it go' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('30 files (210 B) are deleted on 1 other node too: birch.').waitFor()
  await expectAccessible(page)
  expect(Object.keys(await birch.view('docs'))).toHaveLength(MANY)
  await dialog.getByRole('button', { name: 'Let it go' }).click()
  await eventually('the removal goes through', async () =>
    expect(Object.keys(await birch.view('docs'))).toHaveLength(MANY - 30),
  )
  await haltOn(page).waitFor({ state: 'hidden' })
})

async function remove(from: number, to: number): Promise<void> {
  for (let number = from; number < to; number++) await unlink(stage().ash.path(`docs/file-${number}`))
}

function haltOn(place: Page | Locator): Locator {
  return place.getByRole('status').filter({ hasText: 'ash holds back a removal in work' })
}
