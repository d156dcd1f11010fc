import { readFile } from 'node:fs/promises'
import { FolderViewSchema, MembershipViewSchema } from '@causeway/protocol'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { get } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { openLive, sharedStage } from './support/stage.ts'

const stage = sharedStage()

test('the theme is chosen, and a reload keeps it', async () => {
  const page = await openLive(stage(), '/settings')
  await page.getByText('Dark', { exact: true }).click()
  await page.locator(':root[data-mantine-color-scheme=dark]').waitFor()
  await page.reload()
  await page.locator(':root[data-mantine-color-scheme=dark]').waitFor()
})

test('a folder is made, renamed, and its policies are saved', async () => {
  const page = await openLive(stage(), '/settings')
  await page.getByLabel('New folder').fill('Photos')
  await page.getByRole('button', { name: 'Create folder' }).click()
  const folder = await opened(page, 'Photos')
  await folder.getByLabel('Name').fill('Pictures')
  await folder.getByLabel('Keep every version for').fill('90')
  await folder.getByRole('switch', { name: 'No limit' }).click({ force: true })
  await folder.getByLabel('May hold at most').fill('20')
  await folder.getByRole('button', { name: 'Save', exact: true }).click()
  await page.locator('summary').filter({ hasText: 'Pictures' }).waitFor()
  const folders = await get(stage().coordinator, '/api/v1/folders', z.array(FolderViewSchema))
  const settings = folders.find(({ name }) => name === 'Pictures')?.settings
  expect(settings).toMatchObject({ keepAllDays: 90, quotaBytes: 20e9 })
})

test('rights and pause of each node are set, and it is told how each stands', async () => {
  const page = await openLive(stage(), '/settings')
  const folder = await opened(page, 'work')
  await folder.getByRole('combobox', { name: 'Rights of birch' }).click()
  await page.getByRole('option', { name: 'Receive only' }).click()
  await eventually('birch may only receive', async () => expect((await member('birch'))?.access).toBe('receive-only'))
  await folder.getByRole('switch', { name: 'Pause birch' }).click({ force: true })
  await eventually('birch is paused', async () => expect((await member('birch'))?.paused).toBe(true))
  await page
    .locator('tr')
    .filter({ hasText: 'birch' })
    .getByText(/paused/i)
    .waitFor()
  await folder.getByRole('switch', { name: 'Pause birch' }).click({ force: true })
  await eventually('birch goes on', async () => expect((await member('birch'))?.paused).toBe(false))
})

test('ignore rules are saved, and are a file like any other on every node', async () => {
  const page = await openLive(stage(), '/settings')
  const folder = await opened(page, 'work')
  await folder.getByLabel('Ignore rules').fill('*.tmp')
  await folder.getByRole('button', { name: 'Save rules' }).click()
  await eventually('ash has the rules', async () => {
    expect(await readFile(stage().ash.path('.causewayignore'), 'utf8')).toBe('*.tmp\n')
  })
})

test('an open invitation is listed and revoked', async () => {
  await stage().coordinator.invite({ folder: 'work' })
  const page = await openLive(stage(), '/settings')
  await page.getByRole('button', { name: 'Revoke the invitation to work' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await page.getByRole('button', { name: 'Revoke the invitation to work' }).waitFor({ state: 'hidden' })
})

async function opened(page: Page, name: string) {
  const folder = page.locator('details').filter({ has: page.locator('summary', { hasText: name }) })
  await folder.waitFor()
  if ((await folder.getAttribute('open')) === null) await folder.locator('summary').click()
  return folder
}

async function member(name: string) {
  const members = await get(stage().coordinator, '/api/v1/folders/work/members', z.array(MembershipViewSchema))
  return members.find(({ node }) => node.startsWith(name))
}
