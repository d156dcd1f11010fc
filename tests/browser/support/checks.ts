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

/**
 * Fails with what axe-core finds against levels A and AA in what is shown now, once nothing fades or moves in any more:
 * half faded in, every text is pale.
 */
export async function expectAccessible(page: Page): Promise<void> {
  await settled(page)
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

/** Waits for what is animated to arrive; what goes round without an end is not waited for. */
function settled(page: Page): Promise<void> {
  return page.evaluate(SETTLED)
}

const SETTLED = String.raw`(async () => {
  const ends = (animation) => Number.isFinite(animation.effect?.getComputedTiming().endTime ?? 0)
  for (;;) {
    // What is drawn next may begin another.
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))
    const running = document.getAnimations().filter((one) => one.playState === 'running' && ends(one))
    if (running.length === 0) return
    await Promise.allSettled(running.map(({ finished }) => finished))
  }
})()`

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

/**
 * Fails if anything that is shown, read out or in a tooltip could turn text around: a raw control character, or a name
 * that runs from the right (`marker` is a part of it) among other words and not set apart from them.
 */
export async function expectNoTextTurned(page: Page, marker: string): Promise<void> {
  const found: readonly string[] = await page.evaluate(`(${textTurned})(${JSON.stringify(marker)})`)
  expect(found).toEqual([])
}

/** Run within the page. */
const textTurned = String.raw`(marker) => {
  const steering = /[\u202a-\u202e\u2066\u2067\u200e\u200f\u061c\u0000-\u0008\u000b-\u001f\u007f-\u009f]/
  const apart = new RegExp('\u2068[^\u2069]*' + marker + '[^\u2069]*\u2069', 'g')
  const isMixed = (text) => text.replaceAll(apart, '').includes(marker)
  const wrong = []
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    if (steering.test(node.data)) wrong.push('steers: ' + JSON.stringify(node.data))
    const isOwn = node.parentElement.closest('bdi, pre, textarea, .cm-editor') !== null
    if (!isOwn && isMixed(node.data)) wrong.push('not set apart: ' + node.parentElement.outerHTML)
  }
  for (const element of document.querySelectorAll('[title], [aria-label], [alt]')) {
    for (const name of ['title', 'aria-label', 'alt']) {
      const text = element.getAttribute(name) ?? ''
      if (steering.test(text) || isMixed(text)) wrong.push(name + ': ' + JSON.stringify(text))
    }
  }
  if (steering.test(document.title)) wrong.push('the title: ' + JSON.stringify(document.title))
  return wrong
}`

/**
 * Fails if a control or a heading that is shown reaches over the edge of the screen, or lies under another one. What
 * scrolls within a box of its own may go on behind the box's edge.
 */
export async function expectNothingCutOff(page: Page): Promise<void> {
  const found: readonly string[] = await page.evaluate(CUT_OFF)
  expect(found).toEqual([])
}

const CUT_OFF = String.raw`(() => {
  const width = document.documentElement.clientWidth
  const top = document.querySelector('[role=dialog]:last-of-type') ?? document.body
  const scrolls = (element) => {
    for (let at = element.parentElement; at !== null && at !== document.body; at = at.parentElement) {
      if (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(at).overflowX)) return true
    }
    return false
  }
  const shown = [...top.querySelectorAll('button, a, h1, h2, h3, input, [role=tab]')].filter((element) => {
    const { width, height } = element.getBoundingClientRect()
    if (element.matches('.skip')) return false
    return width > 1 && height > 1 && element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
  })
  const wrong = []
  const name = (element) => element.getAttribute('aria-label') ?? (element.textContent || element.tagName)
  for (const element of shown) {
    const box = element.getBoundingClientRect()
    if (!scrolls(element) && (box.left < -1 || box.right > width + 1)) wrong.push('over the edge: ' + name(element))
  }
  const heads = shown.filter((element) => /^H[123]$/.test(element.tagName))
  for (const head of heads) {
    for (const other of shown) {
      if (other === head || head.contains(other) || other.contains(head) || getComputedStyle(other).position === 'fixed') continue
      // What has scrolled out of its box is not seen.
      if (other.closest('nav, header') !== null || scrolls(other) || scrolls(head)) continue
      const [a, b] = [head.getBoundingClientRect(), other.getBoundingClientRect()]
      const over = Math.min(a.right, b.right) - Math.max(a.left, b.left)
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
      if (over > 2 && down > 2) wrong.push(name(head) + ' lies over ' + name(other))
    }
  }
  return wrong
})()`

/** The element that has the focus: its name for people, or its text. */
export function focused(page: Page): Promise<string> {
  return page.evaluate(
    'document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent?.trim() ?? ""',
  )
}
