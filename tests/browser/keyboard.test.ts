import { mkdir, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { focused } from './support/checks.ts'
import { openLive, sharedStage } from './support/stage.ts'

const stage = sharedStage(async (directory) => {
  await mkdir(directory, { recursive: true })
  await writeFile(`${directory}/Harvest 2026.csv`, 'month,apples_kg\n')
})

test('the first Tab leads past the rail to the page', async () => {
  const page = await openLive(stage(), '/')
  await page.keyboard.press('Tab')
  expect(await focused(page)).toBe('Skip to the page')
  await page.keyboard.press('Enter')
  expect(await page.evaluate('document.activeElement.id')).toBe('main')
})

test.each([
  ['t', 'Network Topology'],
  ['v', 'Vector Clocks'],
  ['d', 'Delta Sync'],
  ['m', 'Sync Monitor'],
  ['s', 'Settings'],
  ['o', 'Nodes'],
])('g and %s opens %s', async (key, title) => {
  const page = await openLive(stage(), key === 'o' ? '/clocks' : '/')
  await page.keyboard.press('g')
  await page.keyboard.press(key)
  await page.getByRole('heading', { level: 1, name: title }).waitFor()
})

test('Ctrl-K goes to a page, to a node and to a file, by a few letters of each', async () => {
  const page = await openLive(stage(), '/')
  const field = page.getByPlaceholder('Go to a page, a node or a file')
  await page.keyboard.press('Control+k')
  await field.fill('vector')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Vector Clocks' }).waitFor()
  await field.waitFor({ state: 'hidden' })

  await page.keyboard.press('Control+k')
  await field.fill('birc')
  await page.keyboard.press('Enter')
  const detail = page.getByRole('region', { name: 'birch' })
  await detail.waitFor()
  await field.waitFor({ state: 'hidden' })
  await page.keyboard.press('Escape')
  await detail.waitFor({ state: 'hidden' })
  await page.keyboard.press('Control+k')
  await field.fill('harvest')
  await page.locator('[data-selected]', { hasText: 'Harvest 2026.csv' }).waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL(/folder=work.*entry=/)
})

test('? lists the keys, and Escape closes the list', async () => {
  const page = await openLive(stage(), '/')
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keys' }).getByText('Search files').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'hidden' })
})

test('whatever Tab reaches on a page shows that it has the focus', async () => {
  for (const path of ['/', '/clocks', '/settings']) {
    const page = await openLive(stage(), path)
    const reached: string[] = []
    for (let step = 0; step < 25; step++) {
      await page.keyboard.press('Tab')
      const shown: { readonly name: string; readonly isMarked: boolean } | null = await page.evaluate(FOCUS_MARK)
      if (shown === null) break
      reached.push(shown.name)
      expect(shown).toMatchObject({ isMarked: true })
    }
    expect(reached.length).toBeGreaterThan(8)
  }
})

/**
 * Whether the focused element has an outline or a shadow; fields change their border instead, and a list marks the
 * line that its keys act on.
 */
const FOCUS_MARK = `(() => {
  const focused = document.activeElement
  if (focused === null || focused === document.body) return null
  const active = focused.getAttribute('aria-activedescendant')
  const element = (active === null ? null : document.getElementById(active)) ?? focused
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
  const hasOutline = outlineStyle !== 'none' && parseFloat(outlineWidth) > 0
  const isMarked = hasOutline || boxShadow !== 'none' || element.matches('input, textarea, select')
  return { name: element.outerHTML.slice(0, 120), isMarked }
})()`
