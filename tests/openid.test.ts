import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startCoordinator } from './support/coordinator.ts'
import { shared } from './support/hooks.ts'
import type { Lifetime } from './support/lifetime.ts'
import { freePort } from './support/processes.ts'
import { scratchDirectory } from './support/scratch.ts'

const CALLBACK = '/api/v1/sign-in/openid/callback'

const stage = shared(async (life) => {
  const [providerPort, port] = [await freePort(), await freePort()]
  await startProvider(life, providerPort, `http://127.0.0.1:${port}${CALLBACK}`)
  const dataDir = join(await scratchDirectory(life, 'causeway-openid'), 'coordinator')
  const env = {
    OIDC_ISSUER: `http://127.0.0.1:${providerPort}`,
    OIDC_CLIENT_ID: 'causeway',
    OIDC_CLIENT_SECRET: 'a secret of the tests, long enough',
    OIDC_NAME: 'the test',
  }
  const coordinator = await startCoordinator(life, { dataDir, port, env, signIn: true })
  const token = (await readFile(join(dataDir, 'admin.token'), 'utf8')).trim()
  const rest = async (method: string, path: string, body?: unknown) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const response = await fetch(coordinator.url + path, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const answer: ReturnType<typeof JSON.parse> = await response.json()
    return answer
  }
  await rest('POST', '/api/v1/folders', { name: 'Photos' })
  return { url: coordinator.url, rest }
})

test('the sign-in says that there is a provider', async () => {
  const ways = await fetch(`${stage().url}/api/v1/sign-in`)
  expect(await ways.json()).toEqual({ hasAccounts: false, openId: 'the test' })
})

test('whom nobody invited is kept out, whatever the provider says', async () => {
  expect(await signIn('stranger@example.org')).toEqual({ ended: '/#sign-in-not-invited', session: null })
})

test('who was invited by their address comes in with the rights of the invitation, and again by their subject', async () => {
  const { rest } = stage()
  await rest('POST', '/api/v1/person-invites', {
    roles: [{ folder: 'photos', role: 'viewer' }],
    email: 'Eve@example.org',
  })
  const first = await signIn('eve@example.org')
  expect(first).toMatchObject({ ended: '/', session: { person: { name: 'eve' }, hasAccount: true } })
  expect(first.session).toMatchObject({
    rights: { administers: 'nothing', folders: [{ folder: 'photos', role: 'viewer' }] },
  })
  const [eve] = await rest('GET', '/api/v1/people')
  expect(eve).toMatchObject({ email: 'eve@example.org', hasPassword: false })
  await rest('PATCH', `/api/v1/people/${eve.id}`, { email: 'elsewhere@example.org' })
  expect((await signIn('eve@example.org')).session).toMatchObject({ person: { id: eve.id } })
  await rest('PATCH', `/api/v1/people/${eve.id}`, { disabled: true })
  expect((await signIn('eve@example.org')).ended).toBe('/#sign-in-not-invited')
})

test('an address that the provider has not verified is nobody’s', async () => {
  await stage().rest('POST', '/api/v1/person-invites', { isAdmin: true, email: 'boss@example.org' })
  expect((await signIn('unverified-boss@example.org')).ended).toBe('/#sign-in-not-invited')
})

test('an answer that this browser did not ask for lets nobody in', async () => {
  const { url } = stage()
  const without = await fetch(`${url}${CALLBACK}?code=made-up&state=made-up`, { redirect: 'manual' })
  expect([without.headers.get('location'), without.headers.getSetCookie().join()]).toEqual([
    '/#sign-in-refused',
    expect.not.stringContaining('causeway-session'),
  ])
  const browser = new Browser()
  await browser.get(`${url}/api/v1/sign-in/openid`)
  const forged = await browser.get(`${url}${CALLBACK}?code=made-up&state=another`)
  expect(forged.headers.get('location')).toBe('/#sign-in-refused')
})

interface Ended {
  readonly ended: string
  readonly session: unknown
}

/** Goes the whole way as a browser does. */
async function signIn(address: string): Promise<Ended> {
  const { url } = stage()
  const browser = new Browser()
  let at = `${url}/api/v1/sign-in/openid`
  for (let step = 0; step < 20; step++) {
    const isAsked = new URL(at).pathname.startsWith('/interaction/')
    const prompt = isAsked ? await promptAt(browser, at) : null
    const form = prompt === 'login' ? { prompt, login: address, password: 'any' } : { prompt: 'consent' }
    const response = prompt === null ? await browser.get(at) : await browser.post(at, form)
    const location = response.headers.get('location')
    if (location === null) throw new Error(`${at} led nowhere: ${response.status} ${await response.text()}`)
    if (at.startsWith(url) && new URL(at).pathname === CALLBACK) {
      const session = await browser.get(`${url}/api/v1/session`)
      return { ended: location, session: session.ok ? await session.json() : null }
    }
    at = new URL(location, at).href
  }
  throw new Error('the sign-in led round in circles')
}

async function promptAt(browser: Browser, url: string): Promise<'login' | 'consent'> {
  return (await (await browser.get(url)).text()).includes('name="login"') ? 'login' : 'consent'
}

/** Keeps cookies, by host and port. */
class Browser {
  #cookies = new Map<string, string>()

  get(url: string): Promise<Response> {
    return this.#send(url, {})
  }

  post(url: string, form: Record<string, string>): Promise<Response> {
    return this.#send(url, { method: 'POST', body: new URLSearchParams(form) })
  }

  async #send(url: string, init: RequestInit): Promise<Response> {
    const { host } = new URL(url)
    const own = [...this.#cookies]
      .filter(([name]) => name.startsWith(`${host} `))
      .map(([name, value]) => `${name.split(' ')[1]}=${value}`)
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { cookie: own.join('; ') } })
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';')
      const name = pair.slice(0, pair.indexOf('='))
      const value = pair.slice(pair.indexOf('=') + 1)
      if (value === '') this.#cookies.delete(`${host} ${name}`)
      else this.#cookies.set(`${host} ${name}`, value)
    }
    return response
  }
}

async function startProvider(life: Lifetime, port: number, redirect: string): Promise<void> {
  const script = join(import.meta.dirname, 'support/openid-provider.mjs')
  const child = spawn(process.execPath, [script, String(port), redirect], { stdio: ['ignore', 'pipe', 'ignore'] })
  life.add(async () => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
}
