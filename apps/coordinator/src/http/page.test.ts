import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { run } from '../test-support/running.ts'

let pageDirectory: string

beforeEach(() => {
  pageDirectory = mkdtempSync(join(tmpdir(), 'causeway-page-'))
})

afterEach(() => rmSync(pageDirectory, { recursive: true }))

function build(): void {
  mkdirSync(join(pageDirectory, 'assets'))
  writeFileSync(join(pageDirectory, 'index.html'), '<!doctype html><title>Causeway</title>')
  writeFileSync(join(pageDirectory, 'assets/index-abc.js'), 'console.log(1)'.repeat(100))
}

test('every page of the dashboard is served on both ports, to anybody, under a policy that lets no foreign script run', async () => {
  build()
  await using running = await run({ pageDirectory })
  for (const url of [running.url, running.dashboardUrl]) {
    for (const path of ['/', '/topology', '/clocks', '/delta', '/monitor', '/settings', '/join']) {
      const response = await fetch(new URL(path, url))
      expect([path, response.status]).toEqual([path, 200])
      expect(await response.text()).toContain('<title>Causeway')
      const policy = response.headers.get('content-security-policy') ?? ''
      expect(policy).toContain("default-src 'none'; script-src 'self';")
      expect(policy).not.toMatch(/unsafe-|\*|https?:/)
    }
  }
})

test('a style that is written into the page is let in by a nonce alone, which each answer has another of', async () => {
  build()
  writeFileSync(
    join(pageDirectory, 'index.html'),
    '<meta property="csp-nonce" nonce="STYLE_NONCE"><title>Causeway</title>',
  )
  await using running = await run({ pageDirectory })
  const nonces: string[] = []
  for (const [path, status] of [
    ['/', 200],
    ['/clocks', 200],
    ['/nowhere', 404],
  ] as const) {
    const response = await fetch(running.url + path, { headers: { ...BY_HAND, 'accept-encoding': 'br' } })
    const policy = response.headers.get('content-security-policy') ?? ''
    const [, nonce = ''] = /; style-src 'self' 'nonce-([\w-]{43})';/.exec(policy) ?? []
    expect([path, response.status, await response.text()]).toEqual([
      path,
      status,
      `<meta property="csp-nonce" nonce="${nonce}"><title>Causeway</title>`,
    ])
    nonces.push(nonce)
  }
  expect(new Set(nonces).size).toBe(3)
  const script = await fetch(`${running.url}/assets/index-abc.js`)
  expect(script.headers.get('content-security-policy')).toContain("; style-src 'self';")
})

test('what has a hash in its name is kept for ever and comes compressed; the page itself is asked for anew', async () => {
  build()
  await using running = await run({ pageDirectory })
  const script = await fetch(`${running.url}/assets/index-abc.js`, { headers: { 'accept-encoding': 'br' } })
  expect(script.headers.get('cache-control')).toContain('immutable')
  expect(script.headers.get('content-encoding')).toBe('br')
  expect(script.headers.get('content-type')).toMatch(/^text\/javascript/)
  expect(await script.text()).toContain('console.log(1)')
  expect((await fetch(running.url)).headers.get('cache-control')).toBe('no-cache')
})

test('a coordinator whose dashboard was never built says how to build it', async () => {
  await using running = await run({ pageDirectory })
  expect(await (await fetch(running.url)).text()).toContain('npm run setup')
})

const BY_HAND = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

test('a browser sent to an address without anything gets the page, which says so, with status 404 and to anybody', async () => {
  build()
  await using running = await run({ pageDirectory })
  for (const path of ['/nowhere', '/files/and/more?x=1', '/apiary']) {
    const response = await fetch(running.url + path, { headers: BY_HAND })
    expect([path, response.status]).toEqual([path, 404])
    expect(response.headers.get('content-type')).toMatch(/^text\/html/)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(response.headers.get('cache-control')).toBe('no-cache')
    expect(await response.text()).toContain('<title>Causeway')
  }
})

test.each([
  ['asks below /api', '/api/v1/nowhere', 'GET', BY_HAND],
  ['asks for a script that is gone', '/assets/gone-abc.js', 'GET', { accept: '*/*' }],
  ['posts', '/nowhere', 'POST', BY_HAND],
  ['asks for no page', '/nowhere', 'GET', { accept: 'application/json' }],
])('whatever %s gets an error that programs can read', async (_name, path, method, headers) => {
  build()
  await using running = await run({ pageDirectory, openToPeople: true })
  const response = await fetch(running.url + path, { method, headers })
  expect(response.status).toBe(404)
  expect(await response.json()).toMatchObject({ error: { code: 'not-found' } })
})
