import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { PHONE } from './support/browser.ts'
import { expectAccessible, expectNoSidewaysScroll, expectNothingCutOff } from './support/checks.ts'
import { rowOf, select } from './support/files.ts'
import { openLive, sharedStage } from './support/stage.ts'

const DEEP = 'A journey along the coast/Second week, in the rain/Harbour towns'
const LINES = Array.from({ length: 120 }, (_, at) => `line ${at + 1} of the log, as it was written on the day itself\n`)

const stage = sharedStage(async (directory) => {
  await mkdir(join(directory, DEEP), { recursive: true })
  await writeFile(join(directory, DEEP, 'A long name for a picture of the harbour at low tide.txt'), 'tide\n')
  await writeFile(join(directory, 'log.txt'), LINES.join(''))
})

beforeAll(async () => {
  const { ash, birch, coordinator } = stage()
  const edited = LINES.with(104, 'line 105 was written again\n').toSpliced(110, 0, 'and one more\n').join('')
  await writeFile(ash.path('log.txt'), edited)
  for (const node of [ash, birch]) await node.wait()
  await coordinator.whilePaused(async () => {
    await writeFile(ash.path(DEEP, 'tide.txt'), 'said ash\n')
    await writeFile(birch.path(DEEP, 'tide.txt'), 'said birch\n')
  })
  for (const node of [ash, birch, ash, birch]) await node.wait()
})

const FILES = '/?folder=work'

test.each<readonly [what: string, path: string, show: (page: Page) => Promise<unknown>]>([
  ['the overview', '/', heading],
  ['the topology', '/topology', heading],
  ['the clocks', '/clocks', heading],
  ['an event', '/clocks?folder=work', (page) => page.getByRole('option').first().click()],
  ['the savings', '/delta', heading],
  ['the monitor', '/monitor', heading],
  ['the settings', '/settings?folder=work', (page) => page.getByLabel('Ignore rules').waitFor()],
  ['a deep directory', `${FILES}&path=${encodeURIComponent(DEEP)}`, (page) => page.getByText('low tide').waitFor()],
  ['the open conflicts', `${FILES}&view=conflicts`, (page) => page.getByText('said birch').first().waitFor()],
  ['a selection', FILES, (page) => select(page, 'log.txt')],
  ['a file', FILES, (page) => openFile(page)],
  ['two versions of a file', FILES, openHistory],
  ['the detail of a node', '/', (page) => page.getByRole('button', { name: 'birch', exact: true }).click()],
  ['a new node', '/', (page) => page.getByRole('button', { name: 'Add node' }).click()],
  ['the upload', FILES, (page) => page.getByRole('button', { name: 'Upload', exact: true }).click()],
  ['the palette', '/', (page) => page.getByRole('button', { name: /^Go to/ }).click()],
])(
  'on a phone %s fits: nothing scrolls sideways, is cut off or lies over something else',
  async (_what, path, show) => {
    const page = await openLive(stage(), path, { viewport: PHONE, reducedMotion: 'reduce' })
    await show(page)
    await page.waitForLoadState('networkidle')
    await expectNoSidewaysScroll(page)
    await expectNothingCutOff(page)
  },
)

test('a line of a comparison and its number are on one line of the screen', async () => {
  const page = await openLive(stage(), FILES, { viewport: PHONE, reducedMotion: 'reduce' })
  await openHistory(page)
  const heights: readonly number[] = await page.evaluate(
    `[...document.querySelectorAll('.cm-lineNumbers .cm-gutterElement')].map((number) => {
      const range = document.createRange()
      range.selectNodeContents(number)
      return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size
    })`,
  )
  expect(heights.length).toBeGreaterThan(5)
  expect(heights.filter((lines) => lines > 1)).toEqual([])
})

test('the time and the path of an event are whole', async () => {
  const page = await openLive(stage(), '/monitor', { viewport: PHONE, reducedMotion: 'reduce' })
  const log = page.getByRole('log')
  await log.getByText('log.txt').first().waitFor()
  const cut = await log
    .locator('time, time ~ :nth-child(4)')
    .evaluateAll((cells) =>
      (cells as { scrollWidth: number; clientWidth: number; textContent: string }[])
        .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
        .map(({ textContent }) => textContent),
    )
  expect(cut.filter((text) => text.length < 30)).toEqual([])
})

test('where the columns do not fit, the list is sorted by a choice, and the address keeps it', async () => {
  const { ash, birch } = stage()
  await mkdir(ash.path('sorted'))
  const sizes = { file1: 1, File2: 10, file10: 100, notes: 1_000 }
  for (const [name, size] of Object.entries(sizes)) await writeFile(ash.path('sorted', name), 'x'.repeat(size))
  for (const node of [ash, birch]) await node.wait()
  const page = await openLive(stage(), `${FILES}&path=sorted`, { viewport: PHONE, reducedMotion: 'reduce' })
  await rowOf(page, 'notes').waitFor()
  const names = () => page.getByRole('grid').getByRole('gridcell').locator('bdi').allTextContents()
  expect(await names()).toEqual(['file1', 'File2', 'file10', 'notes'])
  const choice = page.getByRole('combobox', { name: 'Sort by' })
  await choice.selectOption('Largest first')
  await expect.poll(names).toEqual(['notes', 'file10', 'File2', 'file1'])
  await page.reload()
  await rowOf(page, 'notes').waitFor()
  expect(await names()).toEqual(['notes', 'file10', 'File2', 'file1'])
  expect(await choice.inputValue()).toBe('-size')
  await choice.selectOption('Name, Z to A')
  await expect.poll(names).toEqual(['notes', 'file10', 'File2', 'file1'])
  await choice.selectOption('Oldest first')
  await expect.poll(names).toEqual(['file1', 'File2', 'file10', 'notes'])
  await expectAccessible(page)
  await page.setViewportSize({ width: 1440, height: 900 })
  await choice.waitFor({ state: 'hidden' })
})

function heading(page: Page): Promise<void> {
  return page.locator('main').getByRole('heading', { level: 1 }).waitFor()
}

async function openFile(page: Page): Promise<void> {
  await rowOf(page, 'log.txt').getByRole('button', { name: 'log.txt' }).click()
  await page.getByRole('dialog', { name: 'log.txt' }).getByText('line 1 of the log').first().waitFor()
}

async function openHistory(page: Page): Promise<void> {
  await openFile(page)
  const detail = page.getByRole('dialog', { name: 'log.txt' })
  await detail.getByRole('tab', { name: 'History' }).click()
  for (const box of await detail.getByRole('checkbox').all()) await box.check()
  await detail.getByText('written again').filter({ visible: true }).first().waitFor()
}
