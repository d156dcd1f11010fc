import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { Random } from '../support/random.ts'
import { rowOf } from './support/files.ts'
import { openLive, sharedStage } from './support/stage.ts'

/** For a page that is loaded a second time on a busy machine. */
const WAIT = { timeout: 20_000 }

const stage = sharedStage(async (directory) => {
  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, 'diary.txt'), 'as it was\n')
  await writeFile(join(directory, 'survey.bin'), new Random(4).bytes(400_000))
})

beforeAll(async () => {
  const { ash, birch, coordinator } = stage()
  await writeFile(ash.path('diary.txt'), 'as it became\n')
  for (const node of [ash, birch]) await node.wait()
  await coordinator.whilePaused(async () => {
    for (const name of ['first.txt', 'second.txt']) {
      await writeFile(ash.path(name), 'said ash\n')
      await writeFile(birch.path(name), 'said birch\n')
    }
  })
  for (const node of [ash, birch, ash, birch]) await node.wait()
})

type Case = readonly [what: string, path: string, choose: (page: Page) => Promise<unknown>, shown: Shown]
type Shown = (page: Page) => Promise<unknown>

const CASES: readonly Case[] = [
  ['a node in the topology', '/topology', pickNode, (page) => page.getByRole('region', { name: 'birch' }).waitFor()],
  ['a node and a time in Vector Clocks', '/clocks', filterClocks, (page) => expectFields(page, ['birch', 'Last day'])],
  ['a file in Vector Clocks', '/clocks', (page) => page.getByLabel('File').fill('diary'), expectOnlyDiary],
  ['events that are compared', '/clocks', compareEvents, expectCompared],
  ['time, direction and order in Delta Sync', '/delta', filterDelta, expectDelta],
  ['a chunk map', '/delta', openChunkMap, (page) => page.getByRole('region', { name: 'Chunk map' }).waitFor()],
  ['period and colours in Sync Monitor', '/monitor', pickSpan, expectSpan],
  ['words and kinds of events in Sync Monitor', '/monitor', sieve, expectSieved],
  ['versions that are compared', '/?folder=work', compareVersions, expectVersions],
  ['the conflict that is looked at', '/?view=conflicts', pickConflict, expectConflict],
  ['a kind of action in the audit log', '/audit', pickAction, (page) => expectFields(page, ['Signed in'])],
]

test.each(CASES)(
  'the address keeps %s: over a reload, and for whoever is sent it',
  async (_what, path, choose, shown) => {
    const page = await openLive(stage(), path)
    await choose(page)
    await shown(page)
    await page.reload()
    await shown(page)
    const { pathname, search } = new URL(page.url())
    await shown(await openLive(stage(), pathname + search))
  },
)

async function pickNode(page: Page): Promise<void> {
  await page
    .getByRole('button', { name: /^birch/ })
    .first()
    .click()
}

async function filterClocks(page: Page): Promise<void> {
  await pick(page, 'Node', 'birch')
  await pick(page, 'Time', 'Last day')
}

async function expectOnlyDiary(page: Page): Promise<void> {
  await expect
    .poll(async () => new Set(await page.getByRole('option').locator('bdi').allTextContents()), WAIT)
    .toContain('diary.txt')
  await page.getByRole('option').filter({ hasText: 'survey.bin' }).waitFor({ state: 'hidden' })
  expect(await page.getByLabel('File').inputValue()).toBe('diary')
}

async function compareEvents(page: Page): Promise<void> {
  const edits = page.getByRole('option').filter({ hasText: 'diary.txt' })
  await edits.first().click()
  await edits.last().click({ modifiers: ['Shift'] })
}

async function expectCompared(page: Page): Promise<void> {
  await expect.poll(() => page.getByRole('option', { selected: true }).count(), WAIT).toBe(2)
}

async function filterDelta(page: Page): Promise<void> {
  await pick(page, 'Time', 'Last day')
  await page.getByText('↑ Up', { exact: true }).click()
  await page.getByText('Most saved', { exact: true }).click()
}

async function expectDelta(page: Page): Promise<void> {
  await page.getByText(/^In the last day/).waitFor()
  await page.getByRole('radio', { name: '↑ Up', checked: true }).waitFor({ state: 'attached' })
  await page.getByRole('radio', { name: 'Most saved', checked: true }).waitFor({ state: 'attached' })
}

async function openChunkMap(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Chunk map of survey.bin' }).first().click()
}

async function pickSpan(page: Page): Promise<void> {
  await page.getByText('Last day', { exact: true }).click()
  await page.getByText('By folder', { exact: true }).click()
}

async function expectSpan(page: Page): Promise<void> {
  for (const name of ['Last day', 'By folder']) {
    await page.getByRole('radio', { name, checked: true }).waitFor({ state: 'attached' })
  }
}

async function sieve(page: Page): Promise<void> {
  await page.getByLabel('Search in events').fill('diary')
  await page.getByRole('combobox', { name: 'Kinds of events' }).click()
  await page.getByRole('option', { name: 'edit', exact: true }).click()
}

async function expectSieved(page: Page): Promise<void> {
  const log = page.getByRole('log')
  await log.getByText('diary.txt').first().waitFor()
  await expect.poll(() => log.locator('time').count(), WAIT).toBe(1)
}

async function compareVersions(page: Page): Promise<void> {
  await rowOf(page, 'diary.txt').getByRole('button', { name: 'diary.txt' }).click()
  await page.getByRole('tab', { name: 'History' }).click()
  for (const box of await page.getByRole('checkbox', { name: /^Select version/ }).all()) await box.check()
}

async function expectVersions(page: Page): Promise<void> {
  await expect.poll(() => page.getByRole('checkbox', { name: /^Select version/, checked: true }).count(), WAIT).toBe(2)
}

async function pickConflict(page: Page): Promise<void> {
  await page.getByRole('list', { name: 'Open conflicts' }).getByRole('button', { name: 'second.txt' }).click()
}

async function expectConflict(page: Page): Promise<void> {
  await page.getByText(/^Two nodes changed.*second\.txt/).waitFor()
}

async function pickAction(page: Page): Promise<void> {
  await pick(page, 'Action', 'Signed in')
}

async function pick(page: Page, field: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: field }).click()
  await page.getByRole('option', { name: option, exact: true }).click()
}

async function expectFields(page: Page, values: readonly string[]): Promise<void> {
  for (const value of values) {
    await expect
      .poll(
        () =>
          page
            .getByRole('combobox')
            .evaluateAll((fields) => fields.map((field) => (field as { value?: string }).value)),
        WAIT,
      )
      .toContain(value)
  }
}
