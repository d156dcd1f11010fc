import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { post } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { PHONE } from './support/browser.ts'
import { expectNoSidewaysScroll, expectNoTextTurned } from './support/checks.ts'
import { rowOf, select } from './support/files.ts'
import { openLive, sharedStage } from './support/stage.ts'

const SCRIPT = '<img src=x onerror=globalThis.hacked=1>.txt'
const MIRRORED = 'invoice\u202Efdp.exe'
const HEBREW = 'שלום.txt'
const LONG = `${'a name without an end '.repeat(11)}.txt`
const NAMES = [SCRIPT, MIRRORED, HEBREW, LONG, '{{7*7}}.txt', '%3Cscript%3E.txt', '…/../.. .txt'.replaceAll('/', '-')]

const stage = sharedStage(async (directory) => {
  await mkdir(directory, { recursive: true })
  for (const name of NAMES) await writeFile(join(directory, name), `${name}\n`)
})

test.each(['/', '/clocks', '/monitor', '/delta', '/topology', '/settings'])(
  'names that look like markup, run backwards or never end are text on the page %s',
  async (path) => {
    const { coordinator } = stage()
    const node = { node_id: 'hostile', name: '<b onclick=alert(1)>\u202Enode</b>', address: '<i>here</i>', port: 1 }
    await post(coordinator, '/api/register', node)
    for (const viewport of [{ width: 1440, height: 900 }, PHONE]) {
      const page = await openLive(stage(), path, { viewport })
      await page.locator('main').getByRole('heading', { level: 1 }).waitFor()
      await page.waitForLoadState('networkidle')
      await expectHarmless(page)
      await expectNoTextTurned(page, 'שלום')
      await expectNoSidewaysScroll(page)
    }
  },
)

test('such a name is there to be read, whole, where files are listed', async () => {
  const page = await openLive(stage(), '/monitor')
  await page.getByRole('log').getByTitle(SCRIPT, { exact: true }).first().waitFor()
  expect(await page.getByRole('log').getByTitle(LONG, { exact: true }).count()).toBeGreaterThan(0)
})

test('a name that would read backwards shows what turns it, in the list, in its details and in every question about it', async () => {
  const shown = 'invoice\\u202efdp.exe'
  const page = await openLive(stage(), '/')
  await select(page, shown)
  for (const action of ['Rename', 'Move', 'Delete']) {
    await page.getByRole('button', { name: action, exact: true }).click()
    await page.getByRole('dialog').getByText(shown).first().waitFor()
    await expectNoTextTurned(page, 'שלום')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
  }
  for (const name of [shown, HEBREW]) {
    await rowOf(page, name).getByRole('button', { name, exact: true }).click()
    const detail = page.getByRole('region', { name, exact: true })
    await detail.getByText('Changed').first().waitFor()
    await expectNoTextTurned(page, 'שלום')
    await page.keyboard.press('Escape')
    await detail.waitFor({ state: 'hidden' })
  }
})

test('a name that runs from the right stands in a question as it was written', async () => {
  const page = await openLive(stage(), '/')
  await select(page, HEBREW)
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  const question = page.getByRole('dialog')
  await question.getByText('Delete “').waitFor()
  expect((await question.innerText()).replaceAll(/[\u2068\u2069]/g, '')).toContain(`Delete “${HEBREW}”?`)
})

test('a folder’s name turns no text where it is given, taken away, removed or brought back', async () => {
  const { coordinator, ash } = stage()
  const name = 'שלום \u202Efdp work'
  const shown = 'שלום \\u202efdp work'
  await post(coordinator, '/api/v1/folders', { name })
  for (const path of ['/', '/settings']) {
    const page = await openLive(stage(), path)
    const place = path === '/' ? await detailOf(page) : await settingsOf(page, shown)
    await place.getByRole('combobox', { name: /Give it (to )?another/ }).click()
    await page.getByRole('option', { name: path === '/' ? shown : 'ash' }).click()
    await expectNoTextTurned(page, 'שלום')
    await place.getByRole('button', { name: 'Give', exact: true }).click()
    const offer = place.getByRole('group', { name: /is offered to/ })
    await offer.waitFor()
    await expectNoTextTurned(page, 'שלום')
    if (path === '/settings') break
    await offer.getByRole('button', { name: 'Decline' }).click()
    const declined = place.getByRole('group', { name: /was declined by/ })
    await declined.waitFor()
    await expectNoTextTurned(page, 'שלום')
    await declined.getByRole('button', { name: 'Dismiss' }).click()
    await declined.waitFor({ state: 'hidden' })
  }
  await eventually('the node knows', async () => expect(await ash.cli('status')).toContain('causeway accept'))
  await ash.cli('accept', name, `${ash.path('.')}-given`)
  const page = await openLive(stage(), '/settings')
  const place = await settingsOf(page, shown)
  await ask(page, place.getByRole('button', { name: /^Take away/ }))
  await ask(page, place.getByRole('button', { name: 'Remove this folder' }), 'Remove')
  const removed = page.getByRole('group', { name: /^Removed:/ })
  await removed.waitFor()
  await expectNoTextTurned(page, 'שלום')
  await ask(page, removed.getByRole('button', { name: /^Delete for good/ }))
  await ask(page, removed.getByRole('button', { name: /^Restore/ }), 'Restore')
  await removed.waitFor({ state: 'hidden' })
})

async function detailOf(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'ash', exact: true }).click()
  return page.getByRole('region', { name: 'ash' })
}

async function settingsOf(page: Page, folder: string): Promise<Locator> {
  const details = page.locator('details').filter({ has: page.locator('summary').filter({ hasText: folder }) })
  await details.locator('summary').first().click()
  return details
}

/** Opens a question, looks at it, and answers it: with its button of this name, else with Cancel. */
async function ask(page: Page, button: Locator, answer = 'Cancel'): Promise<void> {
  await button.click()
  const question = page.getByRole('dialog')
  await question.getByRole('button', { name: answer, exact: true }).waitFor()
  await expectNoTextTurned(page, 'שלום')
  expect(await question.innerText()).not.toMatch(/\\u206[89]/)
  await question.getByRole('button', { name: answer, exact: true }).click()
  await question.waitFor({ state: 'hidden' })
}

async function expectHarmless(page: Page): Promise<void> {
  expect(await page.evaluate('globalThis.hacked')).toBeUndefined()
  expect(await page.locator('img[src=x], b[onclick]').count()).toBe(0)
}
