import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { run } from '../test-support/running.ts'

test('the page is served on both ports, to anybody, under a policy that lets no foreign script run', async () => {
  await using running = await run()
  for (const url of [running.url, running.dashboardUrl]) {
    const response = await fetch(url)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^text\/html/)
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|\*|https?:/)
    expect((await fetch(new URL('/page.js', url))).headers.get('content-type')).toMatch(/^text\/javascript/)
  }
})

test('the page sets what comes from elsewhere as text: it has no way to write HTML, and nothing inline', () => {
  const read = (file: string) => readFileSync(new URL(`../page/${file}`, import.meta.url), 'utf8')
  expect(read('page.js')).not.toMatch(
    /innerHTML|outerHTML|insertAdjacent|document\.write|eval|setAttribute\('(on|href|src|style)/,
  )
  expect(read('index.html')).not.toMatch(/<script(?![^>]*src=)|<style|\son\w+=|style=/)
})
