import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient } from '@causeway/client'
import { FolderViewSchema, NodeViewSchema } from '@causeway/protocol'
import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { get } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { startNodeUnsynced } from '../support/node.ts'
import { openLive, sharedStage } from './support/stage.ts'

const stage = sharedStage()

test('Add node offers the folder on screen, not another', async () => {
  const { ash } = stage()
  await writeFile(ash.path('a.txt'), 'a')
  await ash.wait()
  await make(await openLive(stage(), '/settings'), 'Archive')
  const page = await openLive(stage(), '/?folder=archive')
  await page.getByRole('button', { name: 'Add node' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add a node' })
  expect(await chosenFolders(dialog)).toEqual(['Archive'])
  // Without a choice in the address it is the folder that is shown: the one in which most has happened.
  const plain = await openLive(stage(), '/')
  await plain.getByRole('button', { name: 'Add node' }).click()
  expect(await chosenFolders(plain.getByRole('dialog', { name: 'Add a node' }))).toEqual(['work'])
})

test('one link brings a machine into several folders, each in a directory of its own', async () => {
  const { life, scratch, coordinator } = stage()
  const page = await openLive(stage(), '/?folder=archive')
  await page.getByRole('button', { name: 'Add node' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add a node' })
  await dialog.locator('.mantine-MultiSelect-input').click()
  for (const name of ['work', 'A new folder …']) await page.getByRole('option', { name }).click()
  await dialog.getByLabel('Name of the new folder').fill('Cellar')
  await dialog.getByRole('button', { name: 'Create a join link' }).click()
  await dialog.getByText('archive=DIRECTORY work=DIRECTORY cellar=DIRECTORY').waitFor()
  const command = (await dialog.getByText('CAUSEWAY_JOIN_LINK=').textContent()) ?? ''
  const link = /'(causeway:[^']+)'/.exec(command)?.[1] ?? ''
  const cedar = await startNodeUnsynced(life, { coordinator, dir: join(scratch, 'cedar'), name: 'cedar', link })
  await dialog.getByText('from now on, and is being brought up to date').waitFor()
  await eventually('what the folder holds is below its own directory', async () => {
    expect(await readFile(join(cedar.dir, 'work', 'a.txt'), 'utf8')).toBe('a')
  })
  expect((await readdir(cedar.dir)).toSorted()).toEqual(['archive', 'cellar', 'work'])
  const [node] = (await get(coordinator, '/api/v1/nodes', z.array(NodeViewSchema))).filter(
    ({ name }) => name === 'cedar',
  )
  await createClient({ url: coordinator.url }).removeNode(node?.id ?? '')
})

test('a folder that is declined on its node is seen to be, and can be offered again', async () => {
  const { birch } = stage()
  const page = await openLive(stage(), '/settings')
  await make(page, 'Recipes')
  const folder = await opened(page, 'Recipes')
  await folder.getByRole('combobox', { name: 'Give it to another node' }).click()
  await page.getByRole('option', { name: 'birch' }).click()
  await folder.getByRole('button', { name: 'Give', exact: true }).click()
  const offer = folder.getByRole('group', { name: 'Recipes is offered to birch' })
  await offer.getByText('bin/causeway decline Recipes').waitFor()
  await eventually('the node knows', async () => expect(await birch.cli('status')).toContain('decline Recipes'))
  expect(await birch.cli('decline', 'Recipes')).toContain('Recipes is declined')
  const declined = folder.getByRole('group', { name: 'Recipes was declined by birch' })
  await declined.getByRole('button', { name: 'Offer again' }).click()
  await declined.waitFor({ state: 'hidden' })
  await offer.getByRole('button', { name: 'Withdraw' }).click()
  await offer.waitFor({ state: 'hidden' })
})

test('a folder is given to a node, which names the command that takes it, and is taken away again', async () => {
  const { scratch, birch } = stage()
  const page = await openLive(stage(), '/settings')
  await make(page, 'Photos')
  const folder = await opened(page, 'Photos')
  await folder.getByText('No node has this folder yet').waitFor()
  await folder.getByRole('combobox', { name: 'Give it to another node' }).click()
  await page.getByRole('option', { name: 'birch' }).click()
  await folder.getByRole('button', { name: 'Give', exact: true }).click()
  const offer = folder.getByRole('group', { name: 'Photos is offered to birch' })
  await offer.getByText('bin/causeway accept Photos DIRECTORY').waitFor()
  await eventually('the node knows', async () => expect(await birch.cli('status')).toContain('causeway accept Photos'))

  await birch.cli('accept', 'Photos', join(scratch, 'birch-photos'))
  await offer.waitFor({ state: 'hidden' })
  await folder.getByRole('button', { name: 'Take away Photos from birch' }).click()
  const question = page.getByRole('dialog', { name: 'Take Photos away from birch?' })
  await question.getByText('The files on its disk stay where they are.').waitFor()
  await question.getByRole('button', { name: 'Take away' }).click()
  await page.getByText('Photos is no longer synced on birch').waitFor()
  await folder.getByText('No node has this folder yet').waitFor()
  await eventually('the node says so', async () => {
    expect(await birch.cli('status')).toContain('Photos is no longer synced here')
  })
})

test('an offer can be made and declined where the node is, and dismissed', async () => {
  const page = await openLive(stage(), '/')
  await page.getByRole('button', { name: 'ash', exact: true }).click()
  const detail = page.getByRole('region', { name: 'ash' })
  await detail.getByRole('combobox', { name: 'Give it another folder' }).click()
  await page.getByRole('option', { name: 'Archive' }).click()
  await detail.getByRole('button', { name: 'Give', exact: true }).click()
  const offer = detail.getByRole('group', { name: 'Archive is offered to ash' })
  await offer.getByRole('button', { name: 'Decline' }).click()
  const declined = detail.getByRole('group', { name: 'Archive was declined by ash' })
  await declined.getByRole('button', { name: 'Dismiss' }).click()
  await declined.waitFor({ state: 'hidden' })
  await detail.getByRole('combobox', { name: 'Give it another folder' }).waitFor()
})

test('a node is renamed, everywhere at once', async () => {
  const page = await openLive(stage(), '/')
  await page.getByRole('button', { name: 'birch', exact: true }).click()
  const detail = page.getByRole('region', { name: 'birch' })
  await detail.getByLabel('Name').fill('Kitchen')
  await detail.getByRole('button', { name: 'Rename' }).click()
  await page.getByRole('region', { name: 'Kitchen' }).waitFor()
  await page.getByRole('row').filter({ hasText: 'Kitchen' }).waitFor()
  const nodes = await get(stage().coordinator, '/api/v1/nodes', z.array(NodeViewSchema))
  expect(nodes.map(({ name }) => name).toSorted()).toEqual(['Kitchen', 'ash'])
  await page.getByRole('region', { name: 'Kitchen' }).getByLabel('Name').fill('birch')
  await page.getByRole('button', { name: 'Rename' }).click()
  await page.getByRole('region', { name: 'birch' }).waitFor()
})

test('a removed folder says what it holds and who carries it, is kept, and comes back to its nodes', async () => {
  const { ash } = stage()
  const page = await openLive(stage(), '/settings')
  const folder = await opened(page, 'work')
  await folder.getByRole('button', { name: 'Remove this folder' }).click()
  const question = page.getByRole('dialog', { name: 'Remove work?' })
  await question.getByText('2 nodes carry it').waitFor()
  await question.getByText('stay where they are, and are no longer synced').waitFor()
  await question.getByRole('button', { name: 'Remove' }).click()
  const removed = page.getByRole('group', { name: 'Removed: work' })
  await removed.getByText('2 nodes carried it').waitFor()
  await page.locator('summary').filter({ hasText: 'work' }).waitFor({ state: 'hidden' })
  await eventually('the node says so', async () => {
    expect(await ash.cli('status')).toContain('work is no longer synced here: the folder was removed')
  })

  await removed.getByRole('button', { name: 'Restore work' }).click()
  await page.getByRole('dialog', { name: 'Restore work?' }).getByRole('button', { name: 'Restore' }).click()
  await removed.waitFor({ state: 'hidden' })
  const back = await opened(page, 'work')
  for (const name of ['ash', 'birch']) await back.getByRole('button', { name: `Take away work from ${name}` }).waitFor()
  await ash.wait()
})

test('a folder is deleted for good only after a second question, and its name is free then', async () => {
  const page = await openLive(stage(), '/settings')
  await make(page, 'Scrap')
  const folder = await opened(page, 'Scrap')
  await folder.getByRole('button', { name: 'Remove this folder' }).click()
  await page.getByRole('dialog', { name: 'Remove Scrap?' }).getByRole('button', { name: 'Remove' }).click()
  const removed = page.getByRole('group', { name: 'Removed: Scrap' })
  await removed.getByRole('button', { name: 'Delete for good: Scrap' }).click()
  const question = page.getByRole('dialog', { name: 'Delete Scrap for good?' })
  await question.getByText('cannot be restored').waitFor()
  await question.getByRole('button', { name: 'Delete for good' }).click()
  await removed.waitFor({ state: 'hidden' })
  await make(page, 'Scrap')
  const folders = await get(stage().coordinator, '/api/v1/folders', z.array(FolderViewSchema))
  expect(folders.filter(({ name }) => name === 'Scrap')).toHaveLength(1)
})

async function chosenFolders(dialog: Locator): Promise<readonly string[]> {
  await dialog.getByLabel('Folders').waitFor()
  return dialog.locator('.mantine-MultiSelect-pill').allTextContents()
}

async function make(page: Page, name: string): Promise<void> {
  await page.getByLabel('New folder').fill(name)
  await page.getByRole('button', { name: 'Create folder' }).click()
  await page.locator('summary').filter({ hasText: name }).waitFor()
}

async function opened(page: Page, name: string) {
  const folder = page.locator('details').filter({ has: page.locator('summary', { hasText: name }) })
  await folder.waitFor()
  if ((await folder.getAttribute('open')) === null) await folder.locator('summary').click()
  return folder
}
