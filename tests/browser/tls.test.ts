import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startCoordinator } from '../support/coordinator.ts'
import { shared } from '../support/hooks.ts'
import { startNode } from '../support/node.ts'
import { scratchDirectory } from '../support/scratch.ts'
import { startBrowser } from './support/browser.ts'
import { open } from './support/stage.ts'

const stage = shared(async (life) => {
  const scratch = await scratchDirectory(life, 'causeway-browser')
  const dataDir = join(scratch, 'coordinator')
  const coordinator = await startCoordinator(life, { dataDir, signIn: true, tls: ['--tls'] })
  const token = (await readFile(join(dataDir, 'admin.token'), 'utf8')).trim()
  const ash = await startNode(life, { coordinator, dir: join(scratch, 'ash'), name: 'ash' })
  return { coordinator, token, ash, browser: await startBrowser(life) }
})

test('over TLS with a self-made certificate the page signs in, is live, and makes links that carry the key', async () => {
  const { token, ash } = stage()
  const page = await open(stage(), '/', { ignoreHTTPSErrors: true, expected: /401/ })
  await page.getByLabel('Admin token').fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.locator('[data-connection=live]').waitFor()
  const cookies = await page.context().cookies()
  expect(cookies).toMatchObject([
    { name: '__Host-causeway-session', secure: true, httpOnly: true, sameSite: 'Strict', path: '/' },
  ])

  // What happens now comes over the socket: nothing is reloaded.
  await page.getByRole('link', { name: 'Vector Clocks' }).click()
  await writeFile(ash.path('seen-live.txt'), 'seen')
  await page.getByText('seen-live.txt').first().waitFor()

  const link = await page.evaluate(`fetch('/api/v1/invites', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}'
  }).then((response) => response.json()).then(({ link }) => link)`)
  expect(link).toMatch(/^causeways:.*&key=[\w-]{43}$/)

  await page.getByRole('button', { name: 'Sign out' }).first().click()
  await page.getByRole('heading', { name: 'Sign in to Causeway' }).waitFor()
  expect(await page.context().cookies()).toEqual([])
})
