import { mkdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { ROOT } from '../demo/options.ts'

const DESKTOP = { width: 1440, height: 900 }
const PHONE = { width: 390, height: 844 }
const SCHEMES = ['light', 'dark'] as const
/** Rates run out, and what moves comes to rest. */
const SETTLED_MS = 2_500

interface Picture {
  readonly name: string
  readonly path: string
  /** Brings what the page is about into view. */
  readonly arrange?: (page: Page) => Promise<void>
}

const PICTURES: readonly Picture[] = [
  { name: 'overview', path: '/?folder=papers' },
  { name: 'topology', path: '/topology' },
  { name: 'clocks', path: '/clocks?folder=papers', arrange: chooseConflict },
  { name: 'delta', path: '/delta?folder=papers' },
  { name: 'monitor', path: '/monitor' },
  { name: 'settings', path: '/settings', arrange: openFolder },
]

/** Takes each picture on light and on dark, and one on a phone; yields the path of each. */
export async function* takePictures(browser: Browser, url: string, directory: string): AsyncGenerator<string> {
  await mkdir(directory, { recursive: true })
  for (const colorScheme of SCHEMES) {
    const context = await browser.newContext({
      viewport: DESKTOP,
      colorScheme,
      locale: 'en-GB',
      reducedMotion: 'reduce',
    })
    const page = await context.newPage()
    for (const picture of PICTURES)
      yield await take(page, url, picture, join(directory, `${picture.name}-${colorScheme}.png`))
    await context.close()
  }
  const context = await browser.newContext({ viewport: PHONE, colorScheme: 'light', locale: 'en-GB', hasTouch: true })
  yield await take(
    await context.newPage(),
    url,
    { name: 'phone', path: '/?folder=papers' },
    join(directory, 'overview-phone.png'),
  )
  await context.close()
}

async function take(page: Page, url: string, { path, arrange }: Picture, to: string): Promise<string> {
  await page.goto(new URL(path, url).href)
  await page.locator('[data-connection=live]').waitFor()
  await page.waitForLoadState('networkidle')
  await arrange?.(page)
  await page.waitForTimeout(SETTLED_MS)
  // On a busy machine a part of the page comes later than that.
  await page.locator('[aria-label^=Loading]').first().waitFor({ state: 'detached' })
  await page.screenshot({ path: to })
  return relative(ROOT, to)
}

async function chooseConflict(page: Page): Promise<void> {
  await page.locator('main').getByText('conflict', { exact: true }).first().click()
}

async function openFolder(page: Page): Promise<void> {
  await page.locator('summary').filter({ hasText: 'Papers' }).click()
}
