import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { check, InviteResponseSchema } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { post } from './support/api.ts'
import { startCoordinator, type Coordinator } from './support/coordinator.ts'
import { eventually } from './support/eventually.ts'
import { testLifetime } from './support/hooks.ts'
import { startNode, type SyncNode } from './support/node.ts'
import { scratchDirectory } from './support/scratch.ts'

const HOUR_MS = 3_600_000
const PRELOAD = join(import.meta.dirname, 'support/shifted-clock.mjs')

test('a wall clock that is set back an hour or forward a day, on a node or the coordinator, stops and ends nothing', async () => {
  const life = testLifetime()
  const scratch = await scratchDirectory(life)
  const clocks = { coordinator: join(scratch, 'clock'), ash: join(scratch, 'clock of ash') }
  const set = async (whose: keyof typeof clocks, ms: number): Promise<void> => {
    // Renamed, so that nobody reads half of it.
    await writeFile(`${clocks[whose]}.new`, String(ms))
    await rename(`${clocks[whose]}.new`, clocks[whose])
  }
  const shifted = (file: string) => ({ NODE_OPTIONS: `--import=${PRELOAD}`, SHIFTED_CLOCK_FILE: file })
  await set('coordinator', 0)
  await set('ash', 0)
  const coordinator = await startCoordinator(life, {
    dataDir: join(scratch, 'data'),
    env: shifted(clocks.coordinator),
    signIn: true,
  })
  const start = (name: string, env: NodeJS.ProcessEnv): Promise<SyncNode> =>
    startNode(life, { coordinator, dir: join(scratch, name), name, env })
  const ash = await start('ash', shifted(clocks.ash))
  const birch = await start('birch', {})
  const cookie = await signIn(coordinator)
  const expectInStep = (when: string): Promise<void> => expectBothWays([ash, birch], when)

  await expectInStep('before')
  await set('ash', -HOUR_MS)
  await expectInStep('node back')
  await set('coordinator', -HOUR_MS)
  await expectInStep('both back')
  await set('ash', 24 * HOUR_MS)
  await expectInStep('node forward')
  await set('coordinator', 24 * HOUR_MS)
  await expectInStep('both forward')
  expect(await coordinatorTime(coordinator)).toBeGreaterThan(Date.now() + 23 * HOUR_MS)
  await set('coordinator', 0)
  await set('ash', 0)
  await expectInStep('set right')

  const headers = { cookie }
  expect((await fetch(new URL('/api/v1/nodes', coordinator.url), { headers })).status).toBe(200)
}, 300_000)

/** What each saves, edits and removes reaches the other, and nothing waits for anybody. */
async function expectBothWays(nodes: readonly [SyncNode, SyncNode], when: string): Promise<void> {
  const [ash, birch] = nodes
  const pairs = [
    [ash, birch],
    [birch, ash],
  ] as const
  for (const [one, other] of pairs) {
    const path = `${when}, by ${one.name}`
    await writeFile(one.path(path), 'new')
    await eventually(`${path}: the file is at ${other.name}`, () => expectText(other, path, 'new'))
    await writeFile(other.path(path), 'edited elsewhere')
    await eventually(`${path}: the edit is at ${one.name}`, () => expectText(one, path, 'edited elsewhere'))
    await writeFile(one.path('gone'), when)
    await eventually(`${path}: what is to go is at ${other.name}`, () => expectText(other, 'gone', when))
    await rm(one.path('gone'))
    await eventually(`${path}: it is gone at ${other.name}`, async () => {
      await expect(readFile(other.path('gone'))).rejects.toThrow('ENOENT')
    })
  }
  for (const node of nodes) {
    await node.wait()
    const status = await node.status()
    expect(status).toMatchObject({ state: 'idle', problems: [] })
    expect(status.halted ?? null).toBeNull()
  }
}

async function expectText(node: SyncNode, path: string, text: string): Promise<void> {
  expect(await readFile(node.path(path), 'utf8')).toBe(text)
}

/** A person's session: the cookie to send with each request. */
async function signIn({ dataDir, url }: Coordinator): Promise<string> {
  const token = (await readFile(join(dataDir, 'admin.token'), 'utf8')).trim()
  const response = await fetch(new URL('/api/v1/session', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  })
  expect(response.status).toBe(200)
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')
}

/** What the coordinator takes for the time: an invite is good for so long from then. */
async function coordinatorTime(coordinator: Coordinator): Promise<number> {
  const token = (await readFile(join(coordinator.dataDir, 'admin.token'), 'utf8')).trim()
  const { body } = await post(coordinator, '/api/v1/invites', { minutes: 1 }, { authorization: `Bearer ${token}` })
  return Date.parse(check(InviteResponseSchema, body).expiresAt)
}
