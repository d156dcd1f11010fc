import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { startCoordinator } from '../support/coordinator.ts'
import { eventually } from '../support/eventually.ts'
import { shared } from '../support/hooks.ts'
import { startNode } from '../support/node.ts'
import { scratchDirectory } from '../support/scratch.ts'
import { startBrowser } from './support/browser.ts'
import {
  expectAccessible,
  expectNoSidewaysScroll,
  expectNothingCutOff,
  expectUniqueLandmarks,
} from './support/checks.ts'
import { open } from './support/stage.ts'

const PASSWORD = 'correct horse battery staple'
/** The browser logs the refusals by itself, and what it asked for while its socket was closed for it. */
const REFUSED = /401|403|ERR_CONNECTION|ERR_EMPTY|WebSocket connection to/

/** A coordinator as it is for real use, with two folders and a node in each. */
const stage = shared(async (life) => {
  const scratch = await scratchDirectory(life, 'causeway-people')
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator'), signIn: true })
  const browser = await startBrowser(life)
  const ash = await startNode(life, { coordinator, dir: join(scratch, 'ash'), name: 'ash', folder: 'photos' })
  await startNode(life, { coordinator, dir: join(scratch, 'birch'), name: 'birch', folder: 'ledgers' })
  await writeFile(ash.path('harbour.txt'), 'at dawn')
  await ash.wait()
  const [link = ''] = await coordinator.process.printed(/http\S+\/welcome#\S{43}/)
  return { coordinator, browser, firstLink: new URL(link) }
})

test('the first admin comes by the link of the first start, invites somebody, and they see their folder alone', async () => {
  const { firstLink } = stage()
  const admin = await open(stage(), `${firstLink.pathname}${firstLink.hash}`, { expected: REFUSED })
  await admin.getByRole('heading', { name: 'Welcome to Causeway' }).waitFor()
  expect(admin.url()).not.toContain(firstLink.hash)
  await expectAccessible(admin)
  await accept(admin, 'Ada')
  await admin.getByRole('heading', { level: 1, name: 'Nodes' }).waitFor()
  await admin.getByRole('button', { name: 'Add node' }).waitFor()

  await admin.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'People' }).click()
  await admin.getByRole('heading', { level: 1, name: 'People' }).waitFor()
  await expectAccessible(admin)
  await expectUniqueLandmarks(admin)
  await admin.getByRole('button', { name: 'Invite someone' }).click()
  await admin.getByRole('dialog').getByLabel('In photos').click()
  await admin.getByRole('option', { name: 'Can view' }).click()
  await expectAccessible(admin)
  await admin.getByRole('button', { name: 'Create link' }).click()
  const link = new URL((await admin.getByRole('dialog').locator('pre').textContent()) ?? '')
  await admin.getByRole('button', { name: 'Done' }).click()

  const viewer = await open(stage(), `${link.pathname}${link.hash}`, { expected: REFUSED })
  await viewer.getByText('view photos').waitFor()
  await accept(viewer, 'Vic')
  await viewer.getByRole('button', { name: 'ash' }).waitFor()
  await viewer.getByText('harbour.txt').first().waitFor()
  const text = (await viewer.locator('body').textContent()) ?? ''
  expect(text).not.toMatch(/ledgers|birch/)
  for (const name of ['Add node', 'Upload', 'New directory']) {
    expect(await viewer.getByRole('button', { name }).count()).toBe(0)
  }
  const pages = viewer.getByRole('navigation', { name: 'Pages' })
  for (const name of ['People', 'Audit log', 'Sync Monitor', 'Delta Sync']) {
    expect(await pages.getByRole('link', { name }).count()).toBe(0)
  }
  await viewer.getByText('harbour.txt').first().click({ button: 'right' })
  await viewer.getByRole('menuitem', { name: 'Download' }).waitFor()
  for (const name of ['Delete', 'Rename', 'Move']) expect(await viewer.getByRole('menuitem', { name }).count()).toBe(0)
  await viewer.keyboard.press('Escape')

  // What an admin changes reaches the page that is open.
  await admin.reload()
  await admin.getByRole('button', { name: 'Change Vic' }).click()
  await admin.getByRole('dialog').getByLabel('In photos').click()
  await admin.getByRole('option', { name: 'Can change' }).click()
  await admin.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await viewer.getByRole('button', { name: 'Upload' }).waitFor()
  await pages.getByRole('link', { name: 'Settings' }).click()
  await viewer.getByRole('heading', { level: 1, name: 'Settings' }).waitFor()
  expect(await viewer.getByRole('button', { name: 'Create folder' }).count()).toBe(0)
  await expectAccessible(viewer)
  await viewer.goto(new URL('/audit', stage().coordinator.url).href)
  await viewer.getByText('This page is for admins').waitFor()

  await admin.getByRole('button', { name: 'Change Vic' }).click()
  await admin.getByRole('dialog').getByRole('button', { name: 'Disable' }).click()
  await viewer.getByRole('heading', { name: 'Sign in to Causeway' }).waitFor()
  await admin.getByRole('row', { name: /Vic/ }).getByText('(disabled)').waitFor()

  await admin.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Audit log' }).click()
  await admin.getByRole('row', { name: /Changed the rights of Vic.*disabled: yes/ }).waitFor()
  await admin.getByRole('row', { name: /Vic.*Accepted an invitation/ }).waitFor()
  await expectAccessible(admin)
})

test('somebody with an account signs in by name, changes their password, and makes and removes a token', async () => {
  const page = await signedIn()
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'My account' }).click()
  await page.getByRole('heading', { level: 1, name: 'My account' }).waitFor()
  await page.getByRole('row', { name: /Chrome.*this browser/ }).waitFor()
  await expectAccessible(page)
  await page.getByLabel('New token').fill('nightly backup')
  await page.keyboard.press('Enter')
  const token = (await page.getByRole('status').locator('pre').textContent()) ?? ''
  const { url } = stage().coordinator
  const asked = () => fetch(`${url}/api/v1/people`, { headers: { authorization: `Bearer ${token}` } })
  expect((await asked()).status).toBe(200)
  await page.getByRole('button', { name: 'Remove the token nightly backup' }).click()
  await page.getByRole('table', { name: 'Tokens' }).waitFor({ state: 'detached' })
  expect((await asked()).status).toBe(401)

  await page.getByRole('textbox', { name: 'Current password' }).fill('not the password')
  await page.getByRole('textbox', { name: 'New password' }).fill('another long password')
  await page.getByRole('button', { name: 'Change password' }).click()
  await page.getByText('the current password is wrong').waitFor()
  await page.getByRole('textbox', { name: 'Current password' }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Change password' }).click()
  await page.getByText('Your password was changed').waitFor()
  await page.getByRole('textbox', { name: 'Current password' }).fill('another long password')
  await page.getByRole('textbox', { name: 'New password' }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Change password' }).click()
  await eventually('the form is empty again', async () => {
    expect(await page.getByRole('textbox', { name: 'Current password' }).inputValue()).toBe('')
  })
})

test('a wrong password is refused in words, and the admin token stays a way in', async () => {
  const page = await open(stage(), '/', { expected: REFUSED })
  await page.getByLabel('Name').fill('Ada')
  await page.getByRole('textbox', { name: 'Password' }).fill('not the password')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').getByText('the name or the password is wrong').waitFor()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Sign in with the admin token' }).click()
  await page.getByRole('textbox', { name: 'Admin token' }).waitFor()
})

test.each(['light', 'dark'] as const)('on a phone, in %s, everything of it is there', async (colorScheme) => {
  const page = await signedIn({ viewport: { width: 390, height: 844 }, colorScheme })
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Settings' }).click()
  for (const name of ['People', 'Audit log', 'My account']) {
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Settings' }).click()
    await page.getByRole('link', { name, exact: true }).click()
    await page.getByRole('heading', { level: 1, name }).waitFor()
    await expectAccessible(page)
    await expectNoSidewaysScroll(page)
    await expectNothingCutOff(page)
  }
})

test('a lost device is cut off, and the page says what it held', async () => {
  const page = await signedIn()
  await page.getByRole('button', { name: 'birch' }).click()
  await page.getByRole('button', { name: 'Lost device' }).click()
  await page.getByRole('button', { name: 'Report it lost' }).click()
  const held = page.getByRole('table', { name: 'What it held' })
  await held.getByText('ledgers').waitFor()
  await expectAccessible(page)
  await page
    .getByRole('dialog', { name: /is cut off/ })
    .getByRole('button', { name: 'Close' })
    .click()
  await page.getByRole('button', { name: 'birch' }).waitFor({ state: 'detached' })
})

async function accept(page: Page, name: string): Promise<void> {
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password', { exact: false }).first().fill(PASSWORD)
  await page.getByLabel('Repeat the password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Create the account' }).click()
}

async function signedIn(options: Parameters<typeof open>[2] = {}): Promise<Page> {
  const page = await open(stage(), '/', { ...options, expected: REFUSED })
  await page.getByLabel('Name').fill('Ada')
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.locator('[data-connection=live]').waitFor()
  return page
}
