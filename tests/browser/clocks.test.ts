import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { saveWhole } from '../support/save-whole.ts'
import { PHONE } from './support/browser.ts'
import { expectUniqueLandmarks } from './support/checks.ts'
import { openLive, sharedStage } from './support/stage.ts'

const FILES = 120

const stage = sharedStage(async (directory) => {
  await mkdir(directory, { recursive: true })
  await writeFile(`${directory}/note.txt`, 'as it was\n')
})

beforeAll(async () => {
  const { ash, birch, coordinator } = stage()
  for (const node of [ash, birch]) await node.wait()
  await coordinator.whilePaused(async () => {
    await saveWhole(ash, 'note.txt', 'said ash\n')
    await saveWhole(birch, 'note.txt', 'said birch\n')
  })
  for (const node of [ash, birch, ash, birch]) await node.wait()
  // All at once: on a busy machine they would otherwise come in several bursts.
  const aside = `${ash.dir}.burst`
  await mkdir(aside)
  for (let at = 0; at < FILES; at++) await writeFile(join(aside, `${at}.txt`), `file ${at}\n`)
  await rename(aside, ash.path('burst'))
  for (const node of [ash, birch]) await node.wait()
})

test('“See why” of a conflict shows both edits, the copy’s under its own name, and what both began from', async () => {
  const page = await openLive(stage(), '/?folder=work&view=conflicts')
  await page.getByRole('link', { name: 'See why in Vector Clocks' }).click()
  await page.getByRole('heading', { name: 'Vector Clocks' }).waitFor()
  await expectExplained(page)
  await page.getByText('Only the events of these two files are shown.').waitFor()
  // A burst of other files is far away from it.
  expect(await page.getByRole('option').filter({ hasText: '.txt and others' }).count()).toBe(0)
  await page.getByRole('button', { name: 'Show all events of the folder' }).click()
  await page.getByRole('option', { name: /\d+ new/ }).waitFor()
})

test('“Next conflict” leads there from anywhere, by button and by key', async () => {
  const page = await openLive(stage(), '/clocks?folder=work')
  await page.getByRole('button', { name: 'Next conflict' }).click()
  await expectExplained(page)
  await page.getByRole('option', { name: /^join/ }).first().click()
  await page.getByText('What both started from:').waitFor({ state: 'hidden' })
  await page.keyboard.press('n')
  await expectExplained(page)
})

test('a burst of files is one mark, which opens by key and by click and folds again', async () => {
  const page = await openLive(stage(), '/clocks?folder=work')
  const burst = page.getByRole('option', { name: /\d+ new/ })
  await burst.waitFor()
  expect(Number(/(\d+) new/.exec((await burst.textContent()) ?? '')?.[1])).toBeGreaterThan(FILES / 2)
  await page.getByRole('img', { name: /marks on/ }).focus()
  await page.keyboard.press('End')
  await page.getByText(/new on ash, folded: Enter shows each/).waitFor({ state: 'attached' })
  await page.keyboard.press('Enter')
  await burst.waitFor({ state: 'hidden' })
  await page.getByText(/^create burst.* on ash, event/).waitFor({ state: 'attached' })
  await page.getByRole('button', { name: 'Fold bursts' }).click()
  await burst.click()
  await burst.waitFor({ state: 'hidden' })
})

test('Zoom in draws the events further apart, and Zoom out closer again', async () => {
  const page = await openLive(stage(), '/clocks?folder=work', { viewport: PHONE })
  await page.getByRole('option').first().waitFor()
  const beyond = async (): Promise<number> => Number(await page.getByRole('slider').getAttribute('max'))
  const before = await beyond()
  for (let times = 0; times < 4; times++) await page.getByRole('button', { name: 'Zoom in' }).click()
  await expect.poll(beyond).toBeGreaterThan(before)
  for (let times = 0; times < 4; times++) await page.getByRole('button', { name: 'Zoom out' }).click()
  await expect.poll(beyond).toBe(before)
})

test('every landmark of the page has a name of its own', async () => {
  const page = await openLive(stage(), '/clocks?folder=work')
  await page.getByRole('heading', { name: 'Who has seen what' }).waitFor()
  await expectUniqueLandmarks(page)
})

/** Both edits and their ancestor are selected, told of, and rows of the list. */
async function expectExplained(page: Page): Promise<void> {
  await page.getByText('They are concurrent: neither knew about the other.').waitFor()
  await page.getByText('What both started from:').waitFor()
  const selected = page.getByRole('option', { selected: true })
  await expect.poll(() => selected.count()).toBe(3)
  const rows = (await selected.allTextContents()).join('\n')
  expect(rows).toMatch(/note \(conflict, (ash|birch)/)
  expect(rows.match(/note\.txt/g)).toHaveLength(2)
}
