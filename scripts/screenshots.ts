/**
 * `npm run screenshots`: runs a fleet, lets things happen to it, and takes a picture of each page of the dashboard, on
 * light and on dark, into docs/images. Everything in the pictures comes from that fleet.
 */
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { Lifetime } from '../tests/support/lifetime.ts'
import { scratchDirectory } from '../tests/support/scratch.ts'
import { ensureBrowser } from './bootstrap/browser.mjs'
import { ROOT } from './demo/options.ts'
import { startBusyFleet } from './screenshots/fleet.ts'
import { takePictures } from './screenshots/pictures.ts'

const life = new Lifetime()
try {
  const executablePath = ensureBrowser()
  console.log('Starting a fleet and letting things happen to it …')
  const coordinator = await startBusyFleet(life, await scratchDirectory(life, 'causeway-screenshots'))
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-quic'] })
  life.add(() => browser.close())
  for await (const picture of takePictures(browser, coordinator.url, join(ROOT, 'docs/images'))) console.log(picture)
} finally {
  await life.end()
}
