import { writeFile } from 'node:fs/promises'
import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { rowOf } from './support/files.ts'
import { filmFile, pdfFile, pngFile, waveFile } from './support/media.ts'
import { openLive, sharedStage } from './support/stage.ts'

/** Asked from outside: the page's policy lets no text be run as a script in it. */
const WAIT = { timeout: 20_000 }

const stage = sharedStage()

test('a picture stands as a small one in its row, what is none as its icon, and one that was saved anew as it is now', async () => {
  const { ash } = stage()
  await writeFile(ash.path('red.png'), pngFile([255, 0, 0]))
  await writeFile(ash.path('broken.png'), 'no picture\n')
  const page = await openLive(stage(), '/?folder=work')
  await rowOf(page, 'red.png').locator('canvas').waitFor()
  // It is the one picture of this list.
  const colour = () =>
    page.evaluate("[...(document.querySelector('canvas')?.getContext('2d').getImageData(1, 1, 1, 1).data ?? [])]")
  await expect.poll(colour, WAIT).toEqual([255, 0, 0, 255])
  await rowOf(page, 'broken.png').locator('svg').first().waitFor()
  expect(await page.locator('canvas').count()).toBe(1)
  await writeFile(ash.path('red.png'), pngFile([0, 0, 255]))
  await expect.poll(colour, WAIT).toEqual([0, 0, 255, 255])
})

test('sound tells its length before it is played, and plays from any place in it', async () => {
  const { ash } = stage()
  await writeFile(ash.path('tone.wav'), waveFile())
  const page = await openLive(stage(), '/?folder=work')
  await detailOf(page, 'tone.wav')
  await expect.poll(() => ask(page, 'duration'), WAIT).toBe(1)
  await page.evaluate("document.querySelector('section[aria-labelledby]:has(audio, video) audio').currentTime = 0.5")
  await expect.poll(() => ask(page, 'seeking'), WAIT).toBe(false)
  expect(await ask(page, 'currentTime')).toBe(0.5)
  await ask(page, 'play()')
  await expect.poll(() => ask(page, 'ended'), WAIT).toBe(true)
})

test('a film shows its pictures', async () => {
  const { ash } = stage()
  const page = await openLive(stage(), '/?folder=work')
  await writeFile(ash.path('film.webm'), await filmFile(page))
  await detailOf(page, 'film.webm')
  await expect.poll(() => ask(page, 'videoWidth'), WAIT).toBe(64)
  expect(await ask(page, 'duration')).toBeGreaterThan(0)
  await ask(page, 'play()')
  await expect.poll(() => ask(page, 'ended'), WAIT).toBe(true)
  expect(await ask(page, 'error')).toBeNull()
})

test('a PDF is shown in the page, or the page says that this browser shows none', async () => {
  const { ash } = stage()
  await writeFile(ash.path('letter.pdf'), pdfFile('Low tide at noon'))
  const page = await openLive(stage(), '/?folder=work')
  const detail = await detailOf(page, 'letter.pdf')
  if (!(await page.evaluate('navigator.pdfViewerEnabled'))) {
    await detail.getByText('This browser can’t display PDFs in a page.').waitFor()
    return
  }
  const frame = detail.getByTitle('Pages of letter.pdf')
  await frame.waitFor()
  const address = await frame.getAttribute('src')
  // The browser's own reader opens in the frame, and in it the bytes: the page's policy lets both in.
  await expect.poll(() => page.frames().filter((one) => one.url() === address).length, WAIT).toBe(2)
  expect(page.frames().some((one) => one.url().startsWith('chrome-extension:'))).toBe(true)
})

test('sound that is none says so, with a way to have the file all the same', async () => {
  const { ash } = stage()
  await writeFile(ash.path('noise.wav'), 'this is no sound\n')
  const page = await openLive(stage(), '/?folder=work')
  const detail = await detailOf(page, 'noise.wav')
  await detail.getByText('This browser can’t play this file.').waitFor()
  await detail.getByRole('button', { name: 'Download' }).first().waitFor()
})

async function detailOf(page: Page, name: string): Promise<Locator> {
  await rowOf(page, name).getByRole('button', { name }).click()
  return page.getByRole('region', { name })
}

/** What the player that is shown says of itself, or does. */
function ask(page: Page, what: string): Promise<unknown> {
  return page.evaluate(
    `document.querySelector('section[aria-labelledby]:has(audio, video) :is(audio, video)')?.${what}`,
  )
}
