import { mkdir, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, describe, test } from 'vitest'
import { Random } from '../support/random.ts'
import { expectAccessible } from './support/checks.ts'
import { action, rowOf, select } from './support/files.ts'
import { openLive, sharedStage } from './support/stage.ts'

const stage = sharedStage(async (directory) => {
  await mkdir(join(directory, 'Journey'), { recursive: true })
  await writeFile(join(directory, 'Journey/Itinerary.txt'), 'Day 1: over the causeway at low tide\n')
  await writeFile(join(directory, 'poem.txt'), 'as it was\n')
  await writeFile(join(directory, 'gone.txt'), 'not for long\n')
  await writeFile(join(directory, 'survey.bin'), new Random(2).bytes(400_000))
})

beforeAll(async () => {
  const { ash, birch, coordinator } = stage()
  await writeFile(ash.path('poem.txt'), 'as it became\n')
  await unlink(ash.path('gone.txt'))
  for (const node of [ash, birch]) await node.wait()
  await coordinator.whilePaused(async () => {
    await writeFile(ash.path('Journey/Itinerary.txt'), 'Day 1: said ash\n')
    await writeFile(birch.path('Journey/Itinerary.txt'), 'Day 1: said birch\n')
  })
  for (const node of [ash, birch, ash, birch]) await node.wait()
})

type Shown = readonly [name: string, path: string, show: (page: Page) => Promise<unknown>]

const FILES = '/?folder=work'

const PAGES: readonly Shown[] = [
  ['the overview', '/', (page) => rowOf(page, 'poem.txt').waitFor()],
  ['the topology', '/topology', heading],
  ['the clocks', '/clocks', heading],
  ['the savings', '/delta', heading],
  ['the monitor', '/monitor', heading],
  ['the settings', '/settings?folder=work', (page) => page.getByLabel('Ignore rules').waitFor()],
  ['the open conflicts', `${FILES}&view=conflicts`, (page) => page.getByText('said birch').first().waitFor()],
  ['the deleted files', `${FILES}&view=deleted`, (page) => page.getByText('gone.txt').first().waitFor()],
  ['a selection of files', FILES, (page) => select(page, 'Journey')],
  ['an event in the diagram', '/clocks?folder=work', (page) => page.getByRole('option').first().click()],
  ['a chunk map', '/delta', openChunkMap],
]

const DIALOGS: readonly Shown[] = [
  ['a new join link', '/', openJoinLink],
  ['the form to register a node', '/', openRegister],
  ['the detail of a node', '/', openNode],
  ['the question before a node is removed', '/', openRemoval],
  ['the history of a file, with two versions compared', FILES, openHistory],
  ['the upload', FILES, (page) => page.getByRole('button', { name: 'Upload', exact: true }).click()],
  ['the new name of a file', FILES, (page) => openAction(page, 'Rename')],
  ['the place to move a file to', FILES, (page) => openAction(page, 'Move')],
  ['the question before a file is deleted', FILES, (page) => openAction(page, 'Delete')],
  ['the palette', '/', openPalette],
  ['the list of keys', '/', (page) => page.keyboard.press('?')],
]

describe('axe-core finds nothing against levels A and AA, on light and on dark,', () => {
  test.each(PAGES)('on the page that shows %s', async (_name, path, show) => {
    const page = await openLive(stage(), path, { reducedMotion: 'reduce' })
    await show(page)
    await expectBothAccessible(page)
  })

  test.each(DIALOGS)('in the dialog that shows %s', async (_name, path, show) => {
    const page = await openLive(stage(), path, { reducedMotion: 'reduce' })
    await show(page)
    await page
      .getByRole('dialog')
      .or(page.getByRole('region', { name: /^(birch|poem\.txt)$/ }))
      .last()
      .waitFor()
    await expectBothAccessible(page)
  })
})

async function expectBothAccessible(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle')
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.locator(`:root[data-mantine-color-scheme=${colorScheme}]`).waitFor()
    await expectAccessible(page)
  }
}

function heading(page: Page): Promise<void> {
  return page.locator('main').getByRole('heading', { level: 1 }).waitFor()
}

async function openChunkMap(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Chunk map of survey.bin' }).first().click()
  await page.getByRole('region', { name: 'Chunk map' }).waitFor()
}

async function openJoinLink(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Add node' }).click()
  await page.getByRole('button', { name: 'Create a join link' }).click()
  await page.getByText('Waiting for the machine').waitFor()
}

async function openRegister(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Add node' }).click()
  await page.getByRole('tab', { name: 'Register by hand' }).click()
  await page.getByLabel('Watch directories').waitFor()
}

async function openNode(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'birch', exact: true }).click()
  await page.getByRole('region', { name: 'birch' }).waitFor()
}

async function openRemoval(page: Page): Promise<void> {
  await openNode(page)
  await page.getByRole('button', { name: 'Remove this node' }).click()
  await page.getByRole('dialog', { name: 'Remove birch?' }).waitFor()
}

async function openHistory(page: Page): Promise<void> {
  await rowOf(page, 'poem.txt').getByRole('button', { name: 'poem.txt' }).click()
  const detail = page.getByRole('region', { name: 'poem.txt' })
  await detail.getByRole('tab', { name: 'History' }).click()
  for (const box of await detail.getByRole('checkbox').all()) await box.check()
  await detail.getByText('as it became').filter({ visible: true }).first().waitFor()
}

async function openAction(page: Page, name: string): Promise<void> {
  await select(page, 'poem.txt')
  await action(page, name).click()
}

async function openPalette(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'birch', exact: true }).waitFor()
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder('Go to a page, a node or a file').fill('clocks')
  await page.locator('[data-selected]').waitFor()
}
