import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { startCoordinator } from '../support/coordinator.ts'
import { shared } from '../support/hooks.ts'
import { scratchDirectory } from '../support/scratch.ts'
import { causeway } from '../support/processes.ts'
import { startBrowser, visit } from './support/browser.ts'
import { expectAccessible } from './support/checks.ts'
import { open } from './support/stage.ts'

/** A coordinator as it is for real use: nobody gets in without its token. */
const stage = shared(async (life) => {
  const dataDir = join(await scratchDirectory(life, 'causeway-browser'), 'coordinator')
  const coordinator = await startCoordinator(life, { dataDir, signIn: true })
  const token = (await readFile(join(dataDir, 'admin.token'), 'utf8')).trim()
  return { coordinator, token, browser: await startBrowser(life) }
})

/** The browser logs the refusals by itself, and what it asked for while the coordinator was away. */
const REFUSED = /401|ERR_CONNECTION|ERR_EMPTY|WebSocket connection to/

test('a wrong token is refused in words; the right one opens the page, and a reload needs it no more', async () => {
  const page = await open(stage(), '/', { expected: REFUSED })
  await page.getByRole('heading', { name: 'Sign in to Causeway' }).waitFor()
  await expectAccessible(page)

  await page.getByLabel('Admin token').fill('not the token')
  await page.getByRole('button', { name: 'Sign in' }).click()
  const refusal = page.getByRole('alert')
  await refusal.waitFor()
  expect(await refusal.textContent()).toMatch(/token/i)
  await expectAccessible(page)

  await page.getByLabel('Admin token').fill(stage().token)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Nodes' }).waitFor()
  await page.getByText('No nodes yet').waitFor()
  await page.reload()
  await page.getByText('No nodes yet').waitFor()
})

test('who has not signed in is told how to get a link, which opens the page without a password, once', async () => {
  const { coordinator, browser } = stage()
  const page = await open(stage(), '/', { expected: /40[13]|ERR_/ })
  await page.getByText('causeway sign-in-link --data DIR').waitFor()
  await page.getByText('npm start').waitFor()

  const link = (await causeway(['sign-in-link', '--data', coordinator.dataDir])).trim()
  await page.goto(link)
  await page.getByRole('heading', { level: 1, name: 'Nodes' }).waitFor()
  expect(new URL(page.url()).hash).toBe('')
  // Where it has signed this very browser in, it leads on; elsewhere it says that it is used up.
  await page.goto(link)
  await page.getByRole('heading', { level: 1, name: 'Nodes' }).waitFor()
  const other = await visit(browser, link)
  await other.page.getByRole('heading', { name: 'This link does not work' }).waitFor()
  await other.page.getByText('causeway sign-in-link --data DIR').waitFor()
  await expectAccessible(other.page)
  await other.page.getByRole('link', { name: 'Go to the sign-in' }).click()
  await other.page.getByRole('heading', { name: 'Sign in to Causeway' }).waitFor()
})

test('what the page holds is of no use to a script: the session is in a cookie that scripts cannot read', async () => {
  const page = await open(stage(), '/', { expected: REFUSED })
  await page.getByLabel('Admin token').fill(stage().token)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { level: 1, name: 'Nodes' }).waitFor()
  expect(await page.evaluate('document.cookie + JSON.stringify(localStorage)')).not.toContain(stage().token)
  const [cookie] = await page.context().cookies()
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' })
})

test('signing out ends the session in every tab, and leaves nothing on the page or behind the back button', async () => {
  const { coordinator, token } = stage()
  const page = await open(stage(), '/settings', { expected: REFUSED })
  await page.getByLabel('Admin token').fill(token)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor()
  await page.getByRole('link', { name: 'Sync Monitor' }).click()
  await page.getByRole('heading', { level: 1, name: 'Sync Monitor' }).waitFor()
  const tab = await page.context().newPage()
  await tab.goto(new URL('/monitor', coordinator.url).href)
  await tab.locator('[data-connection=live]').waitFor()
  const [cookie] = await page.context().cookies()

  await page.getByRole('navigation', { name: 'Pages' }).getByRole('button', { name: 'Sign out' }).click()
  for (const left of [page, tab]) {
    await left.getByRole('heading', { name: 'Sign in to Causeway' }).waitFor()
    await eventually('the title', async () => expect(await left.title()).toBe('Sign in · Causeway'))
    expect(new URL(left.url()).pathname).toBe('/')
  }
  const headers = { cookie: `${cookie?.name}=${cookie?.value}` }
  expect((await fetch(`${coordinator.url}/api/v1/nodes`, { headers })).status).toBe(401)
  await page.goBack()
  await page.getByRole('heading', { name: 'Sign in to Causeway' }).waitFor()
  expect(await page.getByRole('heading', { name: 'Settings' }).count()).toBe(0)
})

test('one can sign out by the palette too', async () => {
  const page = await open(stage(), '/', { expected: REFUSED })
  await page.getByLabel('Admin token').fill(stage().token)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Nodes' }).waitFor()
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder('Go to a page, a node or a file').fill('sign out')
  await page.locator('[data-selected]', { hasText: 'Sign out' }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Sign in to Causeway' }).waitFor()
})

test('a restart of the coordinator signs nobody out; a session that was ended elsewhere asks for a sign-in again', async () => {
  const { coordinator, token } = stage()
  const page = await open(stage(), '/', { expected: REFUSED })
  await page.getByLabel('Admin token').fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.locator('[data-connection=live]').waitFor()
  await coordinator.stop()
  await coordinator.start()
  await page.reload()
  await page.locator('[data-connection=live]').waitFor()
  const headers = { authorization: `Bearer ${token}` }
  await fetch(`${coordinator.url}/api/v1/account/sessions`, { method: 'DELETE', headers })
  await page.getByRole('heading', { name: 'Sign in to Causeway' }).waitFor()
})
