import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const LEVELS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

/** Fails with what axe-core finds against levels A and AA in what is shown now. */
export async function expectAccessible(page: Page): Promise<void> {
  // Run through the debugger's door: the page's own policy lets no foreign script in.
  await page.evaluate(await readFile(AXE, 'utf8'))
  const violations: readonly Violation[] = await page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(LEVELS)} }).then(({ violations }) => violations)`,
  )
  const told = violations.map(({ id, nodes }) => {
    return `${id}: ${nodes.map(({ html, failureSummary }) => `${html}\n  ${failureSummary}`).join('\n')}`
  })
  expect(told).toEqual([])
}

/** Fails where two landmarks of one kind have the same name: whoever goes from one to the next can't tell them apart. */
export async function expectUniqueLandmarks(page: Page): Promise<void> {
  await page.evaluate(await readFile(AXE, 'utf8'))
  const found: readonly string[] = await page.evaluate(
    `axe.run(document, { runOnly: { type: 'rule', values: ['landmark-unique'] } })
      .then(({ violations }) => violations.flatMap(({ nodes }) => nodes.map(({ html }) => html)))`,
  )
  expect(found).toEqual([])
}

/** Fails if the page scrolls sideways. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const beyond: number = await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  )
  expect(beyond).toBe(0)
}

/** The element that has the focus: its name for people, or its text. */
export function focused(page: Page): Promise<string> {
  return page.evaluate(
    'document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent?.trim() ?? ""',
  )
}
