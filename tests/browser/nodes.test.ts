import { join } from 'node:path'
import { NodeViewSchema } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { get } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { testLifetime } from '../support/hooks.ts'
import { SyncNode } from '../support/node.ts'
import { openLive, sharedStage } from './support/stage.ts'

const stage = sharedStage()

test('each node has a line with its state, what it carries, and how far behind it is', async () => {
  const page = await openLive(stage(), '/')
  const row = page.getByRole('row').filter({ hasText: 'birch' })
  for (const shown of ['● In sync', 'work', 'nothing', 'now']) await row.getByText(shown, { exact: true }).waitFor()
})

test('Add node gives a link, its command and a QR code, and tells when the machine has arrived', async () => {
  const { scratch } = stage()
  const page = await openLive(stage(), '/')
  await page.getByRole('button', { name: 'Add node' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add a node' })
  await dialog.getByRole('button', { name: 'Create a join link' }).click()
  const command = await dialog.locator('pre', { hasText: 'bin/causeway join' }).textContent()
  const link = /'(causeway:[^']+)'/.exec(command ?? '')?.[1] ?? ''
  await dialog.getByRole('img', { name: 'The join link as a QR code' }).waitFor()
  await dialog.getByText('Waiting for the machine').waitFor()

  const directory = join(scratch, 'cedar')
  const cedar = new SyncNode(testLifetime(), {
    name: 'cedar',
    dir: directory,
    stateDir: `${directory}.state`,
    env: {},
  })
  await cedar.join(link, undefined)
  await dialog.getByText('cedar has joined').waitFor()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('row').filter({ hasText: 'cedar' }).getByText('In sync').waitFor()
})

test('a node can be registered by hand, with the fields of the original form', async () => {
  const page = await openLive(stage(), '/')
  await page.getByRole('button', { name: 'Add node' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add a node' })
  await dialog.getByRole('tab', { name: 'Register by hand' }).click()
  await dialog.getByLabel('Name').fill('Front desk')
  await dialog.getByLabel('Address').fill('192.168.1.20')
  await dialog.getByLabel('Port').fill('8011')
  await dialog.getByLabel('Watch directories').fill('/srv/a, /srv/b')
  await dialog.getByLabel('relay').check()
  await dialog.getByRole('button', { name: 'Register' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await page.getByRole('row').filter({ hasText: 'Front desk' }).getByText('Registered only').waitFor()
  const node = await get(stage().coordinator, '/api/v1/nodes/front-desk', NodeViewSchema)
  expect(node).toMatchObject({
    address: '192.168.1.20',
    port: 8011,
    watchDirectories: ['/srv/a', '/srv/b'],
    capabilities: ['sync', 'watch', 'relay'],
  })
})

test('the detail of a node changes its rights and pauses it', async () => {
  const page = await openLive(stage(), '/')
  await page.getByRole('button', { name: 'birch' }).click()
  const detail = page.getByRole('region', { name: 'birch' })
  await detail.getByRole('combobox', { name: 'Rights' }).click()
  await page.getByRole('option', { name: 'Receive only' }).click()
  await eventually('birch may only receive', async () => expect((await birch())?.access).toBe('receive-only'))
  await detail.getByRole('switch', { name: 'Paused' }).click({ force: true })
  await eventually('birch is paused', async () => expect((await birch())?.paused).toBe(true))
  await detail.getByRole('switch', { name: 'Paused' }).click({ force: true })
  await eventually('birch goes on', async () => expect((await birch())?.paused).toBe(false))
})

test('a node is removed after a question, and its line goes', async () => {
  const page = await openLive(stage(), '/')
  await page.getByRole('button', { name: 'Front desk' }).click()
  await page.getByRole('button', { name: 'Remove this node' }).click()
  const question = page.getByRole('dialog', { name: 'Remove Front desk?' })
  await question.getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('row').filter({ hasText: 'Front desk' }).waitFor({ state: 'hidden' })
})

async function birch() {
  const nodes = await get(stage().coordinator, '/api/v1/nodes', z.array(NodeViewSchema))
  return nodes.find(({ name }) => name === 'birch')?.folders[0]
}

test('what a node may send a day is set beside its name, with what it sent', async () => {
  const page = await openLive(stage(), '/')
  await page.getByRole('row').filter({ hasText: 'birch' }).getByText('birch').first().click()
  await page.getByText('counted from when a limit is set').waitFor()
  await page.getByRole('switch', { name: 'No daily limit' }).click({ force: true })
  await page.getByLabel('May send at most').fill('20')
  await page.getByRole('button', { name: 'Save limit' }).click()
  await page.getByText('sent 0 B in the last 24 hours, over all folders').waitFor()
  const nodes = await get(stage().coordinator, '/api/v1/nodes', z.array(NodeViewSchema))
  expect(nodes.find(({ name }) => name === 'birch')).toMatchObject({ dailyBytes: 20e9, sentBytes: 0 })
})
