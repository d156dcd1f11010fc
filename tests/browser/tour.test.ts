import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { PHONE } from './support/browser.ts'
import { expectAccessible, expectNoSidewaysScroll } from './support/checks.ts'
import { openLive, sharedStage } from './support/stage.ts'

const LEVELS = 'Levels.csv'

const stage = sharedStage(async (directory) => {
  const lines = Array.from({ length: 60_000 }, (_, at) => `2026-11-${(at % 30) + 1},${Math.sin(at).toFixed(6)}\n`)
  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, LEVELS), lines.join(''))
  await writeFile(join(directory, 'poem.txt'), 'as it was\n')
})

test('each step ticks when it has really happened, and leads to where it shows', async () => {
  const { ash, birch, coordinator } = stage()
  const page = await openLive(stage(), '/?folder=work')
  const tour = tourOf(page)
  await tour.getByText('Each step is ticked off').waitFor()
  await tour.getByRole('button', { name: 'Start' }).click()
  await tour.getByText('0 of 4 done').waitFor()

  await tour.getByText(`date >> '${ash.path('Saved on the tour.txt')}'`).waitFor()
  await appendFile(ash.path('Saved on the tour.txt'), 'low tide at 14:03\n')
  await tour.getByText('1 of 4 done').waitFor()

  await tour.getByText(`echo 'one more line' >> '${ash.path(LEVELS)}'`).waitFor()
  await appendFile(ash.path(LEVELS), 'one more line\n')
  await tour.getByText('2 of 4 done').waitFor()
  await openStep(tour, 'Edit a large one')
  await tour.getByText(/crossed the wire for it, messages included/).waitFor()
  await expectAccessible(page)

  await tour.getByText('There is none now.').waitFor()
  for (const node of [ash, birch, ash, birch]) await node.wait()
  await coordinator.whilePaused(async () => {
    await writeFile(ash.path('poem.txt'), 'said ash\n')
    await writeFile(birch.path('poem.txt'), 'said birch\n')
  })
  await tour.getByRole('link', { name: 'Look at the conflict' }).click()
  await page.getByRole('button', { name: 'Keep both' }).click()
  await tour.getByText('3 of 4 done').waitFor()

  await tour.getByRole('link', { name: 'Open the file' }).click()
  await page.getByRole('tab', { name: 'History' }).click()
  await page.getByRole('button', { name: /^Restore version/ }).click()
  await tour.getByText('4 of 4 done').waitFor()

  await page.keyboard.press('Escape')
  await tour.getByRole('button', { name: 'Close', exact: true }).click()
  await tour.waitFor({ state: 'detached' })
  await page.reload()
  await page.getByRole('button', { name: 'birch' }).waitFor()
  expect(await tour.count()).toBe(0)
})

test('what happened before it began does not count; what happens while the page is closed does', async () => {
  const { ash } = stage()
  const page = await openLive(stage(), '/?folder=work')
  await tourOf(page).getByRole('button', { name: 'Start' }).click()
  await tourOf(page).getByText('0 of 4 done').waitFor()
  await page.goto('about:blank')
  await writeFile(ash.path('meanwhile.txt'), 'nobody looked\n')
  await ash.wait()
  await page.goto(new URL('/?folder=work', stage().coordinator.url).href)
  await tourOf(page).getByText('1 of 4 done').waitFor()
  await openStep(tourOf(page), 'Save a file')
  await tourOf(page).getByText('meanwhile.txt').waitFor()
})

test('it can be dismissed, and stays away', async () => {
  const page = await openLive(stage(), '/')
  await tourOf(page).getByRole('button', { name: 'No, thanks' }).click()
  await tourOf(page).waitFor({ state: 'detached' })
  await page.reload()
  await page.getByRole('button', { name: 'birch' }).waitFor()
  expect(await tourOf(page).count()).toBe(0)
})

test('it fits on a phone', async () => {
  const page = await openLive(stage(), '/?folder=work', { viewport: PHONE })
  await tourOf(page).getByRole('button', { name: 'Start' }).click()
  await tourOf(page).getByText('0 of 4 done').waitFor()
  await expectNoSidewaysScroll(page)
})

function tourOf(page: Page): Locator {
  return page.getByRole('region', { name: 'Four things to try' })
}

async function openStep(tour: Locator, title: string): Promise<void> {
  const step = tour.locator('details').filter({ hasText: title })
  if ((await step.getAttribute('open')) === null) await step.locator('summary').click()
}
