import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { PHONE } from './support/browser.ts'
import { expectAccessible, expectNoSidewaysScroll } from './support/checks.ts'
import { rowOf, undo } from './support/files.ts'
import { openLive, sharedStage } from './support/stage.ts'

const MANY = 1_200

const stage = sharedStage(async (directory) => {
  for (const path of ['Archive', 'Journey/Maps', 'Journey/Pictures/Spring']) {
    await mkdir(join(directory, path), { recursive: true })
  }
  await writeFile(join(directory, 'Journey/Pictures/list.txt'), 'a list\n')
  await writeFile(join(directory, 'loose.txt'), 'loose\n')
})

test('the tree is open along the way to where one is, and goes elsewhere with the list', async () => {
  const page = await openLive(stage(), '/?folder=work&path=Journey%2FPictures')
  await item(page, 'Spring').waitFor()
  expect(await lines(page)).toEqual(['work', 'Archive', 'Journey', 'Maps', 'Pictures', 'Spring'])
  expect(await chosen(page)).toEqual(['Pictures'])
  await item(page, 'Archive').click()
  await page.getByText('This directory is empty').waitFor()
  expect(await chosen(page)).toEqual(['Archive'])
  await item(page, 'work').click()
  await rowOf(page, 'Journey').getByRole('button', { name: 'Journey' }).click()
  await rowOf(page, 'Maps').waitFor()
  expect(await chosen(page)).toEqual(['Journey'])
  await expectAccessible(page)
})

test('the keyboard opens, closes and goes', async () => {
  const page = await openLive(stage(), '/?folder=work')
  await item(page, 'Journey').waitFor()
  await page.getByRole('tree').focus()
  for (const key of ['End', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key)
  await item(page, 'Maps').waitFor()
  expect(await item(page, 'Journey').getAttribute('aria-expanded')).toBe('true')
  for (const key of ['ArrowDown', 'ArrowDown', 'Home', 'End', 'Enter']) await page.keyboard.press(key)
  await rowOf(page, 'list.txt').waitFor()
  expect(await chosen(page)).toEqual(['Pictures'])
  // The keys stay with the tree: one goes on from there.
  for (const key of ['ArrowLeft', 'ArrowLeft', 'ArrowLeft']) await page.keyboard.press(key)
  await item(page, 'Pictures').waitFor({ state: 'hidden' })
  await page.keyboard.press('k')
  await page.keyboard.press('Enter')
  await page.getByText('This directory is empty').waitFor()
})

test('a directory that is made, renamed or deleted on a node does so in the tree, also where the list is elsewhere', async () => {
  const { ash } = stage()
  const page = await openLive(stage(), '/?folder=work&path=Archive')
  await item(page, 'Journey').waitFor()
  await mkdir(ash.path('Journey/Letters'))
  await mkdir(ash.path('Zoo'))
  await item(page, 'Zoo').waitFor()
  await item(page, 'Letters').waitFor({ state: 'hidden' })
  await item(page, 'Journey').locator('[data-open]').click()
  await item(page, 'Letters').waitFor()
  await rename(ash.path('Journey/Letters'), ash.path('Journey/Post'))
  await item(page, 'Post').waitFor()
  await item(page, 'Letters').waitFor({ state: 'hidden' })
  await rm(ash.path('Journey/Post'), { recursive: true })
  await rm(ash.path('Zoo'), { recursive: true })
  await item(page, 'Post').waitFor({ state: 'hidden' })
  await item(page, 'Zoo').waitFor({ state: 'hidden' })
  expect(await chosen(page)).toEqual(['Archive'])
})

test('a file that is dragged onto a directory of the tree is moved there, and one click takes it back', async () => {
  const { birch } = stage()
  const page = await openLive(stage(), '/?folder=work')
  await item(page, 'Archive').waitFor()
  await rowOf(page, 'loose.txt').dragTo(item(page, 'Archive'))
  await rowOf(page, 'loose.txt').waitFor({ state: 'hidden' })
  await eventually('birch has it there', async () => {
    expect(Object.keys(await birch.view('Archive'))).toEqual(['loose.txt'])
  })
  await undo(page, /moved to/)
  await rowOf(page, 'loose.txt').waitFor()
})

test('of very many directories some are listed, more on demand; the one that is open is there from the start', async () => {
  const { ash } = stage()
  const last = `d${MANY - 1}`
  for (let at = 0; at < MANY; at++)
    await mkdir(ash.path('Many', `d${String(at).padStart(4, '0')}`), { recursive: true })
  await ash.wait()
  const page = await openLive(stage(), `/?folder=work&path=Many%2F${last}`)
  await item(page, last).waitFor()
  const more = page.getByRole('treeitem', { name: 'The first 1,000. Show more' })
  await more.click()
  await more.waitFor({ state: 'hidden' })
  await page.getByRole('tree').focus()
  await page.keyboard.press('End')
  await item(page, last).waitFor()
  // Unknown (-1) while the rest is being read.
  await expect.poll(() => item(page, last).getAttribute('aria-setsize')).toBe(String(MANY))
  expect(await page.getByRole('treeitem').count()).toBeLessThan(100)
})

test('on a phone the tree is behind a button', async () => {
  const page = await openLive(stage(), '/?folder=work', { viewport: PHONE })
  await rowOf(page, 'Journey').waitFor()
  expect(await page.getByRole('tree').count()).toBe(0)
  await expectNoSidewaysScroll(page)
  await page.getByRole('button', { name: 'Directories' }).click()
  await item(page, 'Journey').waitFor()
  await expectAccessible(page)
  await item(page, 'Journey').click()
  await rowOf(page, 'Maps').waitFor()
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
})

function item(page: Page, name: string): Locator {
  return page.getByRole('tree').getByRole('treeitem', { name, exact: true })
}

function lines(page: Page): Promise<string[]> {
  return page.getByRole('treeitem').allTextContents()
}

function chosen(page: Page): Promise<string[]> {
  return page.getByRole('treeitem', { selected: true }).allTextContents()
}
