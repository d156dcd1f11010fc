import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PHONE } from './support/browser.ts'
import { expectNoSidewaysScroll } from './support/checks.ts'
import { openLive, sharedStage } from './support/stage.ts'

const stage = sharedStage(async (directory) => {
  await mkdir(join(directory, 'Journey'), { recursive: true })
  await writeFile(join(directory, 'Journey/Itinerary.txt'), 'Day 1: over the causeway at low tide\n')
  await writeFile(join(directory, 'Welcome.md'), '# Welcome\n')
})

/** Each page, and something on it that only the running system can have told. */
const PAGES = [
  ['/', 'Nodes', 'birch'],
  ['/topology', 'Network Topology', 'birch'],
  ['/clocks', 'Vector Clocks', 'Journey/Itinerary.txt'],
  ['/delta', 'Delta Sync', 'work'],
  ['/monitor', 'Sync Monitor', 'Journey/Itinerary.txt'],
  ['/settings', 'Settings', 'work'],
] as const

test.each(PAGES)('the page %s opens under its title and shows what there is', async (path, title, shown) => {
  const page = await openLive(stage(), path)
  await page.getByRole('heading', { level: 1, name: title }).waitFor()
  await page.locator('main').getByText(shown).filter({ visible: true }).first().waitFor()
})

test.each(PAGES)('the page %s does not scroll sideways at 390 px', async (path, title) => {
  const page = await openLive(stage(), path, { viewport: PHONE })
  await page.getByRole('heading', { level: 1, name: title }).waitFor()
  await expectNoSidewaysScroll(page)
})

test('the one sentence tells what all nodes hold', async () => {
  const page = await openLive(stage(), '/')
  await page.getByText(/^Both nodes hold the same 2 files \(\d+ B\)\.$/).waitFor()
  await page.getByText(/^As of \d\d:\d\d:\d\d$/).waitFor()
})

test('the first page needs less than 300 kB of compressed script', async () => {
  const { browser, coordinator } = stage()
  const context = await browser.newContext()
  const page = await context.newPage()
  const devtools = await context.newCDPSession(page)
  const scripts = new Map<string, number>()
  const isScript = new Set<string>()
  await devtools.send('Network.enable')
  devtools.on('Network.responseReceived', ({ requestId, type }) => type === 'Script' && isScript.add(requestId))
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (isScript.has(requestId)) scripts.set(requestId, encodedDataLength)
  })
  await page.goto(coordinator.url)
  await page.getByRole('button', { name: 'birch' }).waitFor()
  await page.waitForLoadState('networkidle')
  const painted: number = await page.evaluate('performance.getEntriesByName("first-contentful-paint")[0]?.startTime')
  const total = [...scripts.values()].reduce((sum, size) => sum + size, 0)
  console.log(`first paint after ${Math.round(painted)} ms, ${scripts.size} scripts of ${total} bytes together`)
  await context.close()
  expect(scripts.size).toBeGreaterThan(0)
  expect(total).toBeLessThan(300_000)
})

test('a mistyped address says so and leads back', async () => {
  const page = await openLive(stage(), '/')
  await page.evaluate('history.pushState({}, "", "/nowhere"); dispatchEvent(new PopStateEvent("popstate"))')
  await page.getByText('Page not found').waitFor()
  await page.getByRole('link', { name: 'Go to the overview' }).click()
  await page.getByRole('heading', { level: 1, name: 'Nodes' }).waitFor()
})

test('back, forward and reload keep the page and what was chosen on it', async () => {
  const page = await openLive(stage(), '/')
  await page.getByRole('button', { name: 'birch' }).click()
  const detail = page.getByRole('region', { name: 'birch' })
  await detail.getByText('Registered').waitFor()
  await page.reload()
  await detail.waitFor()
  await page.keyboard.press('Escape')
  await detail.waitFor({ state: 'hidden' })
  await page.getByRole('link', { name: 'Vector Clocks' }).click()
  await page.getByRole('heading', { level: 1, name: 'Vector Clocks' }).waitFor()
  await page.goBack()
  await page.getByRole('heading', { level: 1, name: 'Nodes' }).waitFor()
  await page.goForward()
  await page.getByRole('heading', { level: 1, name: 'Vector Clocks' }).waitFor()
})
