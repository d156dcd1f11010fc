import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { givenDemo, type Demo } from '../support/demo.ts'
import { eventually } from '../support/eventually.ts'
import { testLifetime } from '../support/hooks.ts'
import { REPOSITORY } from '../support/processes.ts'
import { viewOf } from '../support/tree.ts'
import { startBrowser, visit } from './support/browser.ts'

/** What a newcomer does in the first hour, with what is read on the screen alone. */
test('the first hour: a demo comes up, its tour is walked, a halt is put back, a folder is given and taken', async () => {
  const life = testLifetime()
  const { dir, start } = await givenDemo(life)
  const [browser, demo] = [await startBrowser(life), start(['--nodes', '2'])]
  const isSeeded = () => expect(demo.output).toContain('Done. Overview shows four things to try.')
  await eventually('the demo has come up, with its samples', isSeeded, { timeoutMs: 180_000 })
  const { page, faults } = await visit(browser, demo.links.at(-1) ?? '')
  await page.locator('[data-connection=live]').waitFor()
  // The demo brought a conflict, and says so on top.
  await page
    .locator('header')
    .getByRole('link', { name: /1 conflict waits for you/ })
    .waitFor()

  await walkTour(page, dir)
  await page.locator('header').getByText('Both nodes hold the same').waitFor()
  await haltAndPutBack(page, dir)
  await giveFolder(page, demo)
  expect(demo.output).not.toContain('was ended')
  expect(faults).toEqual([])
}, 600_000)

async function walkTour(page: Page, dir: string): Promise<void> {
  const tour = page.getByRole('region', { name: 'Four things to try' })
  await tour.getByRole('button', { name: 'Start' }).click()
  await tour.getByText('0 of 4 done').waitFor()
  runShown(await commandIn(tour, /^date >> /))
  await tour.getByText('1 of 4 done').waitFor()
  runShown(await commandIn(tour, /^echo 'one more line' >> /))
  await tour.getByText('2 of 4 done').waitFor()
  const gauge = (node: string) => readFile(join(dir, node, 'Tides/Gauge readings.csv'), 'utf8')
  await eventually('the edit is on both disks', async () => {
    expect((await gauge('birch')).endsWith('one more line\n')).toBe(true)
  })
  await tour.getByRole('link', { name: 'Look at the conflict' }).click()
  await page.getByRole('button', { name: 'Keep both' }).click()
  await tour.getByText('3 of 4 done').waitFor()
  await tour.getByRole('link', { name: 'Open the file' }).click()
  await page.getByRole('tab', { name: 'History' }).click()
  await page
    .getByRole('button', { name: /^Restore version/ })
    .first()
    .click()
  await tour.getByText('4 of 4 done').waitFor()
  await page.keyboard.press('Escape')
  await tour.getByRole('button', { name: 'Close', exact: true }).click()
}

/** Everything in a node's directory goes, by a slip. */
async function haltAndPutBack(page: Page, dir: string): Promise<void> {
  const own = join(dir, 'atlas')
  // The brake leaves small removals alone.
  await mkdir(join(own, 'Letters'))
  for (let at = 0; at < 40; at++) await writeFile(join(own, 'Letters', `${at}.txt`), `letter ${at}\n`)
  await eventually('they are on the other disk', async () => {
    expect(await readdir(join(dir, 'birch/Letters'))).toHaveLength(40)
  })
  const before = await viewOf(dir, 'birch')
  for (const name of await readdir(own)) if (name !== '.causeway') await rm(join(own, name), { recursive: true })
  await page
    .locator('header')
    .getByRole('link', { name: /atlas holds back the removal of \d+ entries in demo/ })
    .click()
  await page.getByRole('button', { name: 'Put them back on atlas' }).first().click()
  await eventually('all of it is back', async () => expect(await viewOf(dir, 'atlas')).toEqual(before))
  expect(await viewOf(dir, 'birch')).toEqual(before)
}

async function giveFolder(page: Page, demo: Demo): Promise<void> {
  await page.getByRole('link', { name: 'Settings' }).first().click()
  await page.getByLabel('New folder').fill('Our photos')
  await page.getByRole('button', { name: 'Create folder' }).click()
  const summary = page.locator('summary', { hasText: 'Our photos' })
  await summary.waitFor()
  const folder = page.locator('details').filter({ has: summary })
  if ((await folder.getAttribute('open')) === null) await summary.click()
  await folder.getByRole('combobox', { name: 'Give it to another node' }).click()
  await page.getByRole('option', { name: 'birch' }).click()
  await folder.getByRole('button', { name: 'Give', exact: true }).click()
  await folder.getByRole('group', { name: 'Our photos is offered to birch' }).waitFor()
  // The terminal of the demo says what to run, with the state directory of that very node.
  await demo.printed('Our photos is offered to this node')
  const command = /"causeway (accept .*?) DIR(.*?)" accepts it/.exec(demo.output)
  const directory = join(demo.dir, 'photos of birch')
  runShown(`bin/causeway ${command?.[1]} '${directory}'${command?.[2]}`)
  await folder.getByRole('button', { name: 'Take away Our photos from birch' }).waitFor()
  await writeFile(join(directory, 'harbour.txt'), 'low tide\n')
  await page.goto(new URL('/?folder=our-photos', page.url()).href)
  await page.getByRole('grid').getByRole('button', { name: 'harbour.txt' }).waitFor()
}

async function commandIn(tour: Locator, command: RegExp): Promise<string> {
  return (await tour.locator('pre', { hasText: command }).filter({ visible: true }).first().textContent()) ?? ''
}

/** In a shell, from the directory where Causeway is checked out, as one types it. */
function runShown(command: string): void {
  execFileSync('sh', ['-c', command], { cwd: REPOSITORY, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}
