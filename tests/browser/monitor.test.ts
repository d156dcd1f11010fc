import { execFile } from 'node:child_process'
import { mkdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { MetricsSchema } from '@causeway/protocol'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { get } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { openLive, sharedStage } from './support/stage.ts'

const stage = sharedStage(async (directory) => {
  await mkdir(directory, { recursive: true })
  for (const name of ['alpha.txt', 'beta.txt', 'gamma.txt']) await writeFile(join(directory, name), `${name}\n`)
})

test('the stream of events is held still by Pause, counts what is missed, and goes on', async () => {
  const page = await openLive(stage(), '/monitor')
  const log = page.getByRole('log')
  await log.getByText('gamma.txt').waitFor()
  await page.getByRole('button', { name: 'Pause' }).click()
  await writeFile(stage().ash.path('delta.txt'), 'new\n')
  await page.getByRole('button', { name: 'Resume (1 new)' }).waitFor()
  expect(await log.getByText('delta.txt').count()).toBe(0)
  await page.getByRole('button', { name: /^Resume/ }).click()
  await log.getByText('delta.txt').waitFor()
})

test('events are sieved by words and kinds', async () => {
  const page = await openLive(stage(), '/monitor')
  const log = page.getByRole('log')
  await log.getByText('alpha.txt').waitFor()
  await page.getByLabel('Search in events').fill('beta')
  await log.getByText('alpha.txt').waitFor({ state: 'hidden' })
  await log.getByText('beta.txt').waitFor()
  await page.getByLabel('Search in events').fill('')
  await page.getByRole('combobox', { name: 'Kinds of events' }).click()
  await page.getByRole('option', { name: 'join' }).click()
  await log.getByText('alpha.txt').waitFor({ state: 'hidden' })
})

test('what is shown is saved as CSV and as JSON', async () => {
  const page = await openLive(stage(), '/monitor')
  await page.getByRole('log').getByText('alpha.txt').waitFor()
  const csv = await saved(page, 'Save the events as CSV')
  expect(csv.split('\n')[0]).toMatch(/position.*kind.*path/)
  expect(csv).toContain('alpha.txt')
  const json: unknown = JSON.parse(await saved(page, 'Save the events as JSON'))
  expect(json).toEqual(expect.arrayContaining([expect.objectContaining({ path: 'beta.txt', kind: 'create' })]))
})

test('latency is told from what was measured: the save, the commit, the fan-out, each node’s disk', async () => {
  const { ash, coordinator } = stage()
  await writeFile(ash.path('timed.txt'), 'timed\n')
  await eventually('the save is measured', async () => {
    expect((await get(coordinator, '/api/metrics', MetricsSchema)).latency.save.count).toBeGreaterThan(0)
  })
  const page = await openLive(stage(), '/monitor')
  for (const name of ['Save to commit', 'Commit', 'Fan-out']) await page.getByText(name, { exact: true }).waitFor()
  const saves = page.getByRole('figure').filter({ hasText: 'Save to commit' })
  await saves.getByText(/^Median .+, slowest 1 in 100 /).waitFor()
  await saves
    .getByText(/ up to .+: \d+ \(.* of \d+ times?\)$/)
    .first()
    .waitFor()
  const savesByNode = page.getByRole('table', {
    name: 'How long saves took on each node until the coordinator had them',
  })
  await savesByNode.getByRole('cell', { name: 'ash', exact: true }).waitFor()
  await page.getByText(/commits? since the coordinator started/).waitFor()
  await page.getByRole('table').filter({ hasText: 'birch' }).first().waitFor()
})

test('throughput is drawn over time, by node and by folder, and one cursor reads all of it by key', async () => {
  const { ash } = stage()
  await writeFile(ash.path('moved.bin'), Buffer.alloc(300_000, 'x'))
  const page = await openLive(stage(), '/monitor')
  const charts = page.getByRole('slider', { name: 'Throughput over time' })
  const figures = page.getByRole('region', { name: 'Throughput' }).getByRole('figure')
  await figures
    .filter({ hasText: 'Changes' })
    .getByText(/ash \d/)
    .waitFor()
  await figures
    .filter({ hasText: 'To the nodes' })
    .getByText(/birch .*B/)
    .waitFor()
  await page.getByText(/^In the last hour: \d+ changes, .*B up, .*B down\.$/).waitFor()
  await charts.focus()
  await page.keyboard.press('Home')
  await page.getByText(/not measured, the coordinator did not run\.$/).waitFor()
  await page.keyboard.press('End')
  await page.getByText(/ so far\.$/).waitFor()
  await page.getByText('By folder', { exact: true }).click()
  await figures
    .filter({ hasText: 'Changes' })
    .getByText(/work \d/)
    .waitFor()
  await page.getByText('Last day', { exact: true }).click()
  await charts.focus()
  await page.keyboard.press('Escape')
  await page.getByText(/^In the last day: /).waitFor()
})

test('what is measured is told on demand, by keyboard too, and stands in nobody’s way before', async () => {
  const page = await openLive(stage(), '/monitor')
  const saves = page.getByRole('figure').filter({ hasText: 'Save to commit' })
  const meaning = saves.getByText(/From when a node first notices a saved file/)
  await saves.getByText('What is measured').waitFor()
  expect(await meaning.isVisible()).toBe(false)
  await saves.locator('summary').focus()
  await page.keyboard.press('Enter')
  await meaning.waitFor()
})

test('a problem is named with its path and what to do, and goes when it is mended', async () => {
  const { ash } = stage()
  const page = await openLive(stage(), '/monitor')
  await page.getByText('No node has reported a problem.').waitFor()
  // A pipe is nothing that can be synced.
  await promisify(execFile)('mkfifo', [ash.path('pipe')])
  await page.locator('main').getByText('pipe', { exact: true }).first().waitFor()
  await page.locator('header').getByRole('link', { name: 'ash has 1 problem.' }).waitFor()
  await unlink(ash.path('pipe'))
  await page.getByText('No node has reported a problem.').waitFor()
})

async function saved(page: Page, button: string): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button }).click()])
  return readFile(await file.path(), 'utf8')
}
