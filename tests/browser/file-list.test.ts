import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { action, rowOf, select } from './support/files.ts'
import { openLive, sharedStage } from './support/stage.ts'

const FILES = 120
/** Asked from outside: the page's policy lets no text be run as a script in it. */
const WAIT = { timeout: 20_000 }

const stage = sharedStage(async (directory) => {
  await mkdir(join(directory, 'Many'), { recursive: true })
  for (let at = 0; at < FILES; at++) await writeFile(join(directory, 'Many', nameOf(at)), `${at}\n`)
  await mkdir(join(directory, 'Sorted/Big/deep'), { recursive: true })
  await mkdir(join(directory, 'Sorted/dir'))
  const sizes = { 'Big/deep/x': 5_000, 'dir/y': 100, file1: 1, File2: 10, file10: 100, notes: 1_000 }
  for (const [path, size] of Object.entries(sizes)) await writeFile(join(directory, 'Sorted', path), 'x'.repeat(size))
})

test('the first click in a scrolled list selects what was clicked, the list stays, and Delete and F2 aim at it', async () => {
  const page = await openLive(stage(), '/?folder=work&path=Many')
  await scrollTo(page, 60)
  const before = await scrollTop(page)
  await rowOf(page, nameOf(60)).getByRole('gridcell').nth(2).click()
  await page.getByText('1 selected').waitFor()
  expect(await rowOf(page, nameOf(60)).getAttribute('aria-selected')).toBe('true')
  expect(await scrollTop(page)).toBe(before)
  await page.keyboard.press('F2')
  await page.getByRole('dialog', { name: `Rename “${nameOf(60)}”` }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  await page.keyboard.press('Delete')
  await page.getByRole('dialog', { name: `Delete “${nameOf(60)}”?` }).waitFor()
})

test('the first click on a checkbox or a name in a scrolled list does what it says, too', async () => {
  const page = await openLive(stage(), '/?folder=work&path=Many')
  await scrollTo(page, 60)
  const before = await scrollTop(page)
  await rowOf(page, nameOf(61)).getByRole('checkbox').click()
  await page.getByText('1 selected').waitFor()
  expect(await scrollTop(page)).toBe(before)
  await rowOf(page, nameOf(62))
    .getByRole('button', { name: nameOf(62) })
    .click()
  await page.getByText('62', { exact: true }).waitFor()
})

test('from 1100 px on a file is looked at beside its list, which goes on with clicks, arrows and buttons; below, over it', async () => {
  const page = await openLive(stage(), '/?folder=work&path=Many')
  await rowOf(page, nameOf(0))
    .getByRole('button', { name: nameOf(0) })
    .click()
  await panel(page, nameOf(0)).getByText('0', { exact: true }).waitFor()
  await rowOf(page, nameOf(1)).getByRole('gridcell').nth(2).click()
  await panel(page, nameOf(1)).waitFor()
  await page.keyboard.press('ArrowDown')
  await panel(page, nameOf(2)).getByRole('button', { name: 'Next' }).click()
  await panel(page, nameOf(3)).getByRole('button', { name: 'Previous' }).click()
  await panel(page, nameOf(2)).waitFor()
  const [list, beside] = await Promise.all([page.getByRole('grid').boundingBox(), panel(page, nameOf(2)).boundingBox()])
  expect((list?.x ?? 0) + (list?.width ?? 0)).toBeLessThanOrEqual(beside?.x ?? 0)
  await page.keyboard.press('Escape')
  await panel(page, nameOf(2)).waitFor({ state: 'hidden' })
  await page.setViewportSize({ width: 1000, height: 900 })
  await rowOf(page, nameOf(4))
    .getByRole('button', { name: nameOf(4) })
    .click()
  await page.getByRole('dialog', { name: nameOf(4) }).waitFor()
})

test('columns sort the list, names in natural order, and the address keeps it', async () => {
  const page = await openLive(stage(), '/?folder=work&path=Sorted')
  await rowOf(page, 'file10').waitFor()
  expect(await names(page)).toEqual(['Big', 'dir', 'file1', 'File2', 'file10', 'notes'])
  const size = page.getByRole('columnheader', { name: 'Size' })
  await size.getByRole('button').click()
  await expect.poll(() => names(page), WAIT).toEqual(['Big', 'dir', 'notes', 'file10', 'File2', 'file1'])
  expect(await size.getAttribute('aria-sort')).toBe('descending')
  await page.reload()
  await rowOf(page, 'notes').waitFor()
  expect(await names(page)).toEqual(['Big', 'dir', 'notes', 'file10', 'File2', 'file1'])
  await size.getByRole('button').click()
  await expect.poll(() => names(page), WAIT).toEqual(['dir', 'Big', 'file1', 'File2', 'file10', 'notes'])
})

test('a directory tells the size of what is in it, and follows what changes deep in it', async () => {
  const { ash } = stage()
  const page = await openLive(stage(), '/?folder=work&path=Sorted')
  await rowOf(page, 'Big').getByText('5.00 kB').waitFor()
  await writeFile(ash.path('Sorted/Big/deep/more'), 'x'.repeat(1_000))
  await rowOf(page, 'Big').getByText('6.00 kB').waitFor()
  await rm(ash.path('Sorted/Big/deep/more'))
  await rowOf(page, 'Big').getByText('5.00 kB').waitFor()
})

test('a right click and the button of a row open the same menu, which acts on that row', async () => {
  const page = await openLive(stage(), '/?folder=work&path=Many')
  await rowOf(page, nameOf(3)).click({ button: 'right', position: { x: 400, y: 10 } })
  await page.getByRole('menuitem', { name: 'Rename' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('menu').waitFor({ state: 'hidden' })
  await rowOf(page, nameOf(5)).getByRole('button', { name: 'Actions' }).click()
  await page.getByRole('menuitem', { name: /^Delete/ }).click()
  const question = page.getByRole('dialog', { name: `Delete “${nameOf(5)}”?` })
  await question.getByText(/1 file \(2 B\): gone from every node/).waitFor()
})

test('the path of a file, the paths of several and a link to one go to the clipboard', async () => {
  const permissions = ['clipboard-read', 'clipboard-write']
  const page = await openLive(stage(), '/?folder=work&path=Sorted', { permissions })
  await rowOf(page, 'notes').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Copy path' }).click()
  await page.getByText('Path copied.').waitFor()
  expect(await pasted(page)).toBe('Sorted/notes')
  for (const name of ['file1', 'File2']) await select(page, name)
  await action(page, 'Copy path').click()
  await page.getByText('Paths copied.').waitFor()
  // What the menu was opened on is selected, too.
  expect(await pasted(page)).toBe('Sorted/file1\nSorted/File2\nSorted/notes')
  await rowOf(page, 'dir').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Copy link' }).click()
  await page.getByText('Link copied.').waitFor()
  const other = await openLive(stage(), await pasted(page))
  await rowOf(other, 'y').waitFor()
})

test('without the clipboard of a safe page, as over plain HTTP, a path is copied all the same', async () => {
  const page = await openLive(stage(), '/?folder=work&path=Sorted', { permissions: ['clipboard-read'] })
  await page.evaluate('navigator.clipboard.writeText = () => Promise.reject(new Error("not allowed"))')
  await rowOf(page, 'notes').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Copy path' }).click()
  await page.getByText('Path copied.').waitFor()
  expect(await pasted(page)).toBe('Sorted/notes')
  // And where nothing can be copied at all, it is shown.
  await page.evaluate('document.execCommand = () => false')
  await rowOf(page, 'file10').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Copy path' }).click()
  await page.getByText('Sorted/file10', { exact: true }).waitFor()
})

test('a link shows another person the same: directory, order, panel, tab, selection and search', async () => {
  const page = await openLive(stage(), '/?folder=work&path=Many')
  await page.getByRole('columnheader', { name: 'Name' }).getByRole('button').click()
  await rowOf(page, nameOf(FILES - 1))
    .getByRole('button', { name: nameOf(FILES - 1) })
    .click()
  await panel(page, nameOf(FILES - 1))
    .getByRole('tab', { name: 'Nodes' })
    .click()
  await page.waitForURL(/tab=where/)
  const other = await openLive(stage(), page.url())
  await panel(other, nameOf(FILES - 1))
    .getByText(/nodes have the newest version/)
    .waitFor()
  expect((await names(other))[0]).toBe(nameOf(FILES - 1))
  expect(await rowOf(other, nameOf(FILES - 1)).getAttribute('aria-selected')).toBe('true')

  await page.getByRole('textbox', { name: 'Search files by name' }).fill('file-07')
  await page.waitForURL(/q=file-07/)
  const found = await openLive(stage(), page.url())
  await rowOf(found, nameOf(75)).waitFor()
})

test('all of a directory is selected with one box, and the question before a delete counts all of it', async () => {
  const page = await openLive(stage(), '/?folder=work&path=Sorted')
  await rowOf(page, 'notes').waitFor()
  await page.getByRole('checkbox', { name: 'Select all' }).check()
  await page.getByText('All 6 selected').waitFor()
  await page.getByRole('grid').press('Delete')
  const question = page.getByRole('dialog', { name: 'Delete 6 entries?' })
  await question.getByText(/^2 directories with 2 files \(5\.10 kB\) in them, and 4 files \(1\.11 kB\)/).waitFor()
  await question.getByRole('button', { name: 'Cancel' }).click()
  await rowOf(page, 'notes').getByRole('checkbox').uncheck()
  await page.getByText('5 selected').waitFor()
})

function panel(page: Page, name: string): Locator {
  return page.getByRole('region', { name, exact: true })
}

function pasted(page: Page): Promise<string> {
  return page.evaluate('navigator.clipboard.readText()')
}

function names(page: Page): Promise<string[]> {
  return page.getByRole('grid').getByRole('gridcell').locator('bdi').allTextContents()
}

function nameOf(at: number): string {
  return `file-${String(at).padStart(3, '0')}.txt`
}

async function scrollTo(page: Page, at: number): Promise<void> {
  await rowOf(page, nameOf(0)).waitFor()
  await page.getByRole('grid').evaluate((grid, top) => {
    grid.scrollTop = top
  }, at * 36)
  await rowOf(page, nameOf(at)).waitFor()
}

function scrollTop(page: Page): Promise<number> {
  return page.getByRole('grid').evaluate((grid) => grid.scrollTop)
}
