import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { testLifetime } from '../support/hooks.ts'
import { startNode } from '../support/node.ts'
import { PHONE } from './support/browser.ts'
import { expectAccessible, expectNoSidewaysScroll } from './support/checks.ts'
import { open, openLive, sharedStage } from './support/stage.ts'

const stage = sharedStage()

/** What a browser logs by itself while the coordinator is away. */
const UNREACHABLE = /ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|WebSocket connection to/

test.each([
  ['/', 'Overview · Causeway'],
  ['/?folder=work&view=deleted', 'Deleted · work · Causeway'],
  ['/topology', 'Network Topology · Causeway'],
  ['/clocks?folder=work', 'Vector Clocks · work · Causeway'],
  ['/delta', 'Delta Sync · Causeway'],
  ['/monitor', 'Sync Monitor · Causeway'],
  ['/settings', 'Settings · Causeway'],
])('the window of %s is titled %s', async (path, title) => {
  const page = await openLive(stage(), path)
  await eventually('the title', async () => expect(await page.title()).toBe(title))
})

test.each([{}, { viewport: PHONE }])(
  'an address without a page says so, with status 404, and leads back: %j',
  async (size) => {
    const page = await open(stage(), '/files/nowhere', { expected: /404/, ...size })
    await page.getByText('Page not found').waitFor()
    expect((await page.request.get(page.url(), { headers: { accept: 'text/html' } })).status()).toBe(404)
    await eventually('the title', async () => expect(await page.title()).toBe('Page not found · Causeway'))
    await expectAccessible(page)
    await expectNoSidewaysScroll(page)
    await page.getByRole('link', { name: 'Go to the overview' }).click()
    await page.getByRole('heading', { level: 1, name: 'Nodes' }).waitFor()
  },
)

test('it can be installed as an app, and every icon that is named is there', async () => {
  const page = await openLive(stage(), '/')
  const devtools = await page.context().newCDPSession(page)
  const { data, errors } = await devtools.send('Page.getAppManifest')
  expect(errors).toEqual([])
  const manifest: { readonly icons: readonly { readonly src: string; readonly type: string }[] } = JSON.parse(
    data ?? '',
  )
  const named = [
    ...manifest.icons,
    { src: '/favicon.ico', type: 'image/x-icon' },
    { src: '/apple-touch-icon.png', type: 'image/png' },
  ]
  for (const { src, type } of named) {
    const answer = await page.request.get(new URL(src, page.url()).href)
    expect([src, answer.status(), answer.headers()['content-type']]).toEqual([src, 200, type])
  }
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors')
  // The browser of the tests keeps nothing, as a private window does: that alone may stand in the way.
  expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([])
})

test('with the coordinator away no node is shown as in sync, and what could not be loaded says so and comes later', async () => {
  const { coordinator } = stage()
  const page = await openLive(stage(), '/', { expected: UNREACHABLE })
  const row = page.getByRole('row').filter({ hasText: 'birch' })
  await row.getByText('In sync').waitFor()
  await coordinator.stop()
  await row.getByText('Unknown, was in sync').waitFor()
  expect(await row.getByText('now', { exact: true }).count()).toBe(0)
  await page.getByText('The coordinator cannot be reached. Last known: Both nodes').waitFor()

  await page.getByRole('button', { name: 'Add node' }).click()
  const dialog = page.getByRole('dialog', { name: 'The dialog for a new node could not be loaded' })
  await dialog.getByText('It loads once the coordinator is back').waitFor()
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Close' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await page.getByRole('link', { name: 'Sync Monitor' }).click()
  await page.getByText('This page could not be loaded').waitFor()

  await coordinator.start()
  await page.getByRole('heading', { level: 1, name: 'Sync Monitor' }).waitFor()
  await page.getByRole('link', { name: 'Overview' }).click()
  await row.getByText('● In sync').waitFor()
  await page.getByRole('button', { name: 'Add node' }).click()
  await page.getByRole('dialog', { name: 'Add a node' }).waitFor()
})

test('nodes of one name are told apart wherever they stand, in a colour that is the same in every browser', async () => {
  const { coordinator, scratch } = stage()
  const twins = await Promise.all(
    ['one', 'two'].map((dir) => startNode(testLifetime(), { coordinator, dir: join(scratch, dir), name: 'twin' })),
  )
  for (const [at, twin] of twins.entries()) {
    await writeFile(twin.path(`from ${at}.txt`), `by twin ${at}\n`)
    await twin.wait()
  }
  const shown = /^twin \([0-9a-f]{6}\)$/
  const page = await openLive(stage(), '/')
  await eventually('both in the list', async () => {
    expect(new Set((await page.getByRole('button', { name: shown }).allTextContents()).values()).size).toBe(2)
  })
  const colours: Record<string, string>[] = []
  for (const path of ['/clocks', '/monitor', '/clocks']) {
    const other = await openLive(stage(), path)
    await other.locator('main').getByText(shown).filter({ visible: true }).first().waitFor()
    expect(await other.locator('main').getByText('twin', { exact: true }).count()).toBe(0)
    colours.push(await coloursOn(other))
  }
  const [first, ...others] = colours
  expect(new Set(Object.values(first ?? {})).size).toBeGreaterThan(1)
  for (const seen of others) {
    for (const [node, colour] of Object.entries(seen)) expect([node, first?.[node] ?? colour]).toEqual([node, colour])
  }
})

test('what waits is told by a notification, once, while nobody looks, and leads to where it is settled', async () => {
  const { ash, birch, coordinator, browser } = stage()
  const context = await browser.newContext({ permissions: ['notifications'], locale: 'en-GB' })
  testLifetime().add(() => context.close())
  await context.addInitScript(`
    globalThis.told = []
    const Real = Notification
    globalThis.Notification = class extends EventTarget {
      static get permission() { return Real.permission }
      static requestPermission() { globalThis.asked = (globalThis.asked ?? 0) + 1; return Real.requestPermission() }
      constructor(title, options) { super(); told.push({ title, ...options }); globalThis.last = this }
      close() {}
    }
    document.hasFocus = () => false
  `)
  const page = await context.newPage()
  await page.goto(new URL('/settings', coordinator.url).href)
  await page.locator('[data-connection=live]').waitFor()
  expect(await page.evaluate('globalThis.asked')).toBeUndefined()
  // Checked only once the browser has answered.
  await page.getByLabel('Notify me in this browser').click({ force: true })
  await page.getByRole('switch', { name: 'Notify me in this browser', checked: true }).waitFor({ state: 'attached' })
  expect(await page.evaluate('globalThis.asked')).toBe(1)

  await writeFile(ash.path('plan.txt'), 'as it was\n')
  for (const node of [ash, birch]) await node.wait()
  await coordinator.whilePaused(async () => {
    await writeFile(ash.path('plan.txt'), 'said ash\n')
    await writeFile(birch.path('plan.txt'), 'said birch\n')
  })
  for (const node of [ash, birch, ash, birch]) await node.wait()
  await eventually('one notification', async () => {
    expect(await page.evaluate('told.map(({ title, tag }) => [title, tag])')).toEqual([
      ['1 new conflict in work', 'causeway'],
    ])
  })
  await eventually('the title counts it', async () => expect(await page.title()).toBe('(1) Settings · Causeway'))
  await page.evaluate('last.dispatchEvent(new Event("click"))')
  await page.getByRole('list', { name: 'Open conflicts' }).waitFor()
})

/** The colour of the sign before each node's name, by the node's id. */
function coloursOn(page: Page): Promise<Record<string, string>> {
  return page.evaluate(`Object.fromEntries(
    [...document.querySelectorAll('main [aria-hidden=true][style*=color]')].flatMap((sign) => {
      let around = sign.parentElement
      while (around !== null && around.querySelector('bdi[title]') === null) around = around.parentElement
      const id = around?.querySelector('bdi[title]').title
      return id === undefined ? [] : [[id, sign.style.color]]
    }))`)
}
