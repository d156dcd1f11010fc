import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { findBrowser } from '../../../scripts/bootstrap/browser.mjs'
import type { Lifetime } from '../../support/lifetime.ts'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--no-first-run',
]

const DESKTOP = { width: 1440, height: 900 }
export const PHONE = { width: 390, height: 844 }

/** Chromium, for as long as `life` lasts. */
export async function startBrowser(life: Lifetime): Promise<Browser> {
  const executablePath = findBrowser()
  if (executablePath === undefined) throw new Error('There is no Chromium. `npm test -- --only browser` installs one.')
  const browser = await chromium.launch({ executablePath, args: FLAGS })
  life.add(() => browser.close())
  return browser
}

export interface Visit {
  readonly page: Page
  /** What went wrong in the page: thrown errors, logged errors, refusals by the content security policy. */
  readonly faults: readonly string[]
}

/** A page in a context of its own: nothing is cached, stored or signed in. */
export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: DESKTOP, locale: 'en-GB', colorScheme: 'light', ...options })
  context.setDefaultTimeout(30_000)
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(`thrown: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`logged: ${message.text()} ${message.location().url}`)
  })
  await page.goto(url)
  return { page, faults }
}
