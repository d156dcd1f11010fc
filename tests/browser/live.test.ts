import { rename, writeFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { eventsAfter } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { openLive, sharedStage } from './support/stage.ts'

const stage = sharedStage()

/** What a browser logs by itself while the coordinator is away. */
const UNREACHABLE = /ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|WebSocket connection to/

test('a file that is saved on a node appears without a reload', async () => {
  const page = await openLive(stage(), '/monitor')
  await leaveMark(page)
  await writeFile(stage().ash.path('tide.txt'), 'low tide at 14:03\n')
  await page.getByRole('log').getByText('tide.txt').first().waitFor()
  await expectNotReloaded(page)
})

test('two browsers see the same change', async () => {
  const pages = await Promise.all(['/monitor', '/clocks'].map((path) => openLive(stage(), path)))
  await writeFile(stage().birch.path('shared.txt'), 'seen by both\n')
  for (const page of pages)
    await page.locator('main').getByText('shared.txt').filter({ visible: true }).first().waitFor()
})

test('when the coordinator is away the page says so, and afterwards it catches up without a gap or a reload', async () => {
  const { coordinator, ash, birch } = stage()
  const page = await openLive(stage(), '/monitor', { expected: UNREACHABLE })
  await leaveMark(page)
  await writeFile(ash.path('before.txt'), 'before\n')
  await page.getByRole('log').getByText('before.txt').first().waitFor()

  await coordinator.stop()
  await page.getByRole('status').getByText('Offline').waitFor()
  await writeFile(ash.path('meanwhile.txt'), 'while nobody listened\n')
  await rename(birch.path('before.txt'), birch.path('renamed meanwhile.txt'))
  await coordinator.start()

  await page.getByRole('status').getByText('Live').waitFor()
  await page.getByRole('log').getByText('renamed meanwhile.txt').first().waitFor()
  await page.getByRole('log').getByText('meanwhile.txt', { exact: true }).first().waitFor()
  await writeFile(ash.path('after.txt'), 'after\n')
  await page.getByRole('log').getByText('after.txt').first().waitFor()
  await expectNotReloaded(page)

  // The whole list, newest first, is that of the coordinator: each event once, in its order.
  await page.setViewportSize({ width: 1440, height: 3000 })
  const events = (await eventsAfter(coordinator, 0)).toReversed()
  await eventually('the events are those of the coordinator', async () => {
    const rows = await page.getByRole('log').locator('time').count()
    const paths = await page.getByRole('log').locator('time ~ span:nth-of-type(3) bdi').allTextContents()
    expect(paths).toEqual(events.slice(0, rows).flatMap(({ path }) => (path === null ? [] : [path])))
    expect(rows).toBeGreaterThan(5)
  })
})

test('the sentence follows: a node that goes offline is named, and what it lacks is counted', async () => {
  const { ash, birch } = stage()
  const page = await openLive(stage(), '/')
  await birch.stop()
  await page.locator('header').getByText('birch is offline').waitFor()
  await writeFile(ash.path('for later.txt'), 'later\n')
  await page.locator('header').getByText('birch is offline, 1 change behind in work.').waitFor()
  birch.up()
  await page.locator('header').getByText('Both nodes hold the same').waitFor()
})

function leaveMark(page: Page): Promise<void> {
  return page.evaluate('void (globalThis.keptSinceTheStart = true)')
}

async function expectNotReloaded(page: Page): Promise<void> {
  expect(await page.evaluate('globalThis.keptSinceTheStart')).toBe(true)
}
