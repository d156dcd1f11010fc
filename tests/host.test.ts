import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { parseJoinLink } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { startCoordinator } from './support/coordinator.ts'
import { eventually } from './support/eventually.ts'
import { testLifetime } from './support/hooks.ts'
import type { Lifetime } from './support/lifetime.ts'
import { startNode, withUmask } from './support/node.ts'
import { freePort, runCauseway, startCauseway } from './support/processes.ts'
import { scratchDirectory } from './support/scratch.ts'

const OTHERS = 0o077

test('whatever the umask, nothing that coordinator and node keep for themselves is open to others', async () => {
  const life = testLifetime()
  const scratch = await scratchDirectory(life)
  const dataDir = join(scratch, 'data')
  const coordinator = await startCoordinator(life, { dataDir, through: withUmask(0) })
  // A state directory that somebody made beforehand, as open as the umask has it.
  const stateDir = join(scratch, 'state')
  await mkdir(stateDir)
  await chmod(stateDir, 0o777)
  const [ada, bob] = await Promise.all([
    startNode(life, { coordinator, name: 'ada', dir: join(scratch, 'ada'), stateDir, umask: 0 }),
    startNode(life, { coordinator, name: 'bob', dir: join(scratch, 'bob'), umask: 0 }),
  ])
  // Contents of every kind: one that goes with its commit, one in chunks, an edit of it, a delete.
  const large = randomBytes(3 * 1024 * 1024)
  await Promise.all([writeFile(ada.path('small'), 'small'), writeFile(ada.path('large'), large)])
  await ada.wait()
  await bob.wait()
  large.fill(1, 1_000_000, 1_000_100)
  await writeFile(bob.path('large'), large)
  await writeFile(bob.path('small'), 'edited')
  await bob.wait()
  await ada.wait()

  const own = [dataDir, ada.stateDir, bob.stateDir, ada.path('.causeway'), bob.path('.causeway')]
  const found = (await Promise.all(own.map(everything))).flat()
  expect(found.map(({ path }) => path.slice(scratch.length)).join('\n')).toMatch(
    /admin\.token[\s\S]*coordinator\.sqlite[\s\S]*node\.key[\s\S]*work\.sqlite[\s\S]*control\.sock/,
  )
  const open = found.filter(({ mode }) => (mode & OTHERS) !== 0)
  expect(open.map(({ path, mode }) => `${path.slice(scratch.length)} ${(mode & 0o7777).toString(8)}`)).toEqual([])
}, 120_000)

test('no secret is in what processes print, in the list of processes, or in an answer', async () => {
  const life = testLifetime()
  const scratch = await scratchDirectory(life)
  const env = { LOG_LEVEL: 'trace' }
  const dataDir = join(scratch, 'data')
  const coordinator = await startCoordinator(life, { dataDir, env, signIn: true })
  const wire = await startListeningProxy(life, coordinator.port)
  const adminToken = (await readFile(join(dataDir, 'admin.token'), 'utf8')).trim()
  const link = await coordinator.invite({ folder: 'work', throughPort: wire.port })

  const dir = join(scratch, 'ada')
  const stateDir = join(scratch, 'ada.state')
  await mkdir(dir)
  const port = String(await freePort())
  const args = ['join', dir, '--name', 'ada', '--state', stateDir, '--port', port]
  const node = startCauseway(life, 'ada', args, { env: { ...env, CAUSEWAY_JOIN_LINK: link } })
  await writeFile(join(dir, 'file'), 'bytes')
  await eventually('the node is in sync', async () => {
    expect((await runCauseway(['wait', '--state', stateDir, '--timeout', '20'])).code).toBe(0)
  })
  const session = await json(coordinator.url, '/api/v1/session', { token: adminToken })
  const cookie = /causeway-session=([^;]+)/.exec(session.cookie)?.[1] ?? ''

  // What goes wrong is what gets logged: requests that fail with a secret in every place there is for one.
  const wrong = `wrong-${randomBytes(16).toString('hex')}`
  const answers = await Promise.all([
    json(coordinator.url, `/api/v1/nowhere?token=${adminToken}`, {}),
    json(coordinator.url, `/api/v1/folders?secret=${wrong}`, { name: '' }, adminToken),
    json(coordinator.url, '/api/v1/session', { token: wrong }),
    json(coordinator.url, '/api/v1/session', { token: { token: wrong } }),
    json(coordinator.url, '/link/v1/session', { node: 'ada', nonce: wrong, signature: wrong }),
    json(coordinator.url, '/api/v1/enrol', { secret: parseJoinLink(link).secret, name: 'eve' }),
  ])
  const again = await runCauseway(['join', dir, '--state', join(scratch, 'eve.state')], {
    env: { ...env, CAUSEWAY_JOIN_LINK: link },
  })
  expect(again.code).not.toBe(0)

  const tokens = [...wire.passed().matchAll(/authorization: Bearer (\S+)/gi)].map(([, token = '']) => token)
  const key = await readFile(join(stateDir, 'node.key'), 'utf8')
  const keyLine = key.split('\n').find((line) => line.length > 20 && !line.startsWith('-')) ?? key.trim()
  const secrets: Record<string, string> = {
    'the admin token': adminToken,
    'the secret of the join link': parseJoinLink(link).secret,
    "the node's session": tokens.at(-1) ?? '',
    "the person's session": cookie,
    "the node's key": keyLine,
    'a wrong secret': wrong,
  }
  for (const secret of Object.values(secrets)) expect(secret.length).toBeGreaterThan(15)

  const places: Record<string, string> = {
    'the list of processes': await commandLines(),
    'what the coordinator printed': coordinator.process.stdout + coordinator.process.stderr,
    'what the node printed': node.stdout + node.stderr,
    'what joining again printed': again.stdout + again.stderr,
    'the answers': answers.map(({ text }) => text).join('\n'),
  }
  expect(places['what the coordinator printed']).toMatch(/"msg":"answered a request"/)
  const leaks = Object.entries(places).flatMap(([place, text]) => {
    return Object.entries(secrets).flatMap(([name, secret]) =>
      text.includes(secret) ? [`${name} is in ${place}`] : [],
    )
  })
  expect(leaks).toEqual([])
}, 120_000)

interface Found {
  readonly path: string
  readonly mode: number
}

async function everything(directory: string): Promise<Found[]> {
  const names = await readdir(directory, { recursive: true })
  const paths = [directory, ...names.map((name) => join(directory, name))]
  const found = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        ({ mode }) => ({ path, mode }),
        () => null,
      ),
    ),
  )
  return found.filter((one) => one !== null)
}

async function json(url: string, path: string, body: unknown, token?: string) {
  const answer = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  })
  return { text: await answer.text(), cookie: answer.headers.get('set-cookie') ?? '' }
}

/** Of every process of this machine, as `ps` shows them. */
async function commandLines(): Promise<string> {
  const ids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  return (await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')))).join('\n')
}

/** Leads connections to the coordinator, and keeps what clients send. */
async function startListeningProxy(life: Lifetime, target: number) {
  const pieces: Buffer[] = []
  const open = new Set<Socket>()
  const server = createServer((front) => {
    const back = connect(target, '127.0.0.1')
    for (const socket of [front, back]) {
      open.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => (front.destroy(), back.destroy()))
    }
    front.on('data', (bytes: Buffer) => void pieces.push(bytes))
    front.pipe(back).pipe(front)
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  life.add(async () => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return { port, passed: () => Buffer.concat(pieces).toString('latin1') }
}
