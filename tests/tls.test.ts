import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect, type TLSSocket } from 'node:tls'
import { expect, test } from 'vitest'
import { makeCertificate } from '@causeway/testkit'
import { startCoordinator, type Coordinator } from './support/coordinator.ts'
import { eventually } from './support/eventually.ts'
import { converged } from './support/fleet.ts'
import { testLifetime } from './support/hooks.ts'
import type { Lifetime } from './support/lifetime.ts'
import type { ManInTheMiddle } from './support/man-in-the-middle.ts'
import { startNode, type SyncNode } from './support/node.ts'
import { causeway, freePort, runCauseway, startCauseway } from './support/processes.ts'
import { scratchDirectory } from './support/scratch.ts'

const OTHER_KEY = /does not have the key that this node was given/

test('nodes join a coordinator with a self-made certificate by its link alone, and sync', async () => {
  const { life, scratch, coordinator } = await start(['--tls'])
  expect(await coordinator.invite({ folder: 'work' })).toMatch(/^causeways:.*&key=[\w-]{43}$/)
  const ash = await startNode(life, { coordinator, dir: join(scratch, 'ash'), name: 'ash' })
  const birch = await startNode(life, { coordinator, dir: join(scratch, 'birch'), name: 'birch' })
  await writeFile(ash.path('note.txt'), 'over TLS')
  await writeFile(ash.path('large.bin'), Buffer.alloc(3_000_000, 'large'))
  await converged([ash, birch])
  expect(await readFile(birch.path('note.txt'), 'utf8')).toBe('over TLS')
  // The command line too knows the key, as a node and on the coordinator's machine.
  expect(await ash.cli('history', ash.path('note.txt'))).toContain('ash')
  expect(await causeway(['stats', '--data', coordinator.dataDir])).toContain('crossed')
})

test('a man in the middle is refused when a machine joins, hears nothing, and the link stays good', async () => {
  const { life, scratch, coordinator } = await start(['--tls'])
  const port = await freePort()
  const middle = await between(life, { kind: 'tls', port, target: coordinator.port })
  // That it reads what others send it shows that it could.
  expect(await statusOf(port, '/health')).toBe(200)
  expect(middle.heard()).toContain('GET /health')
  const before = middle.heard().length

  const link = await coordinator.invite({ folder: 'work', throughPort: port })
  const dir = join(scratch, 'ash')
  const joined = await runCauseway(['join', link, dir, '--state', `${dir}.state`, '--once'])
  expect(joined.code).not.toBe(0)
  expect(joined.stderr).toMatch(OTHER_KEY)
  expect(middle.heard().slice(before)).toBe('')

  const straight = link.replace(`:${port}/`, `:${coordinator.port}/`)
  await causeway(['join', straight, dir, '--state', `${dir}.state`, '--once'])
})

test.each(['tls', 'plain'] as const)(
  'a node that has joined refuses who takes the place of its coordinator later (%s), tells it nothing, and goes on with the real one',
  async (kind) => {
    const { life, scratch, coordinator } = await start(['--tls'])
    const port = await freePort()
    const honest = await between(life, { kind: 'relay', port, target: coordinator.port })
    const link = await coordinator.invite({ folder: 'work', throughPort: port })
    const ash = await startNode(life, { coordinator, dir: join(scratch, 'ash'), name: 'ash', link })
    await honest.end()

    const middle = await between(life, { kind, port, target: coordinator.port })
    await writeFile(ash.path('secret.txt'), 'for the coordinator')
    const words = kind === 'tls' ? OTHER_KEY : /does not speak TLS, and nothing was sent to it/
    await eventually('the node says what is wrong', async () => expect(await statusText(ash)).toMatch(words))
    // Through a restart of the node too: what it signs in with goes to nobody else.
    await ash.stop()
    ash.up()
    await eventually('the node says so again', async () => expect(await statusText(ash)).toMatch(words))
    expect(middle.heard()).toBe('')
    await middle.end()

    await between(life, { kind: 'relay', port, target: coordinator.port })
    await ash.wait()
    expect(await ash.cli('history', ash.path('secret.txt'))).toContain('ash')
  },
)

test('certificate files that are replaced are shown to new connections, and a node stays connected', async () => {
  const life = testLifetime()
  const scratch = await scratchDirectory(life)
  const [first, second] = await Promise.all([makeCertificate(), makeCertificate()])
  const files = {
    cert: join(scratch, 'cert.pem'),
    key: join(scratch, 'key.pem'),
    trusted: join(scratch, 'trusted.pem'),
  }
  await writeFile(files.cert, first.cert)
  await writeFile(files.key, first.key)
  await writeFile(files.trusted, `${first.cert}\n${second.cert}\n`)
  const tls = ['--tls-cert', files.cert, '--tls-key', files.key]
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator'), tls })
  // Whoever checks certificates as usual is given no key, and needs an authority that this machine trusts.
  const link = await coordinator.invite({ folder: 'work' })
  expect(link).not.toContain('&key=')
  const distrusting = join(scratch, 'cedar')
  const refused = await runCauseway(['join', link, distrusting, '--state', `${distrusting}.state`, '--once'])
  expect(refused.stderr).toContain('is not trusted here')
  const env = { NODE_EXTRA_CA_CERTS: files.trusted }
  const ash = await startNode(life, { coordinator, dir: join(scratch, 'ash'), name: 'ash', link, env })

  expect(await shownBy(coordinator.port)).toBe(first.cert.replaceAll('\r', '').trim())
  const open = await connected(coordinator.port)
  await writeFile(files.cert, second.cert)
  await writeFile(files.key, second.key)
  await eventually('the new certificate is shown', async () => {
    expect(await shownBy(coordinator.port)).toBe(second.cert.replaceAll('\r', '').trim())
  })
  const answer = await healthOver(open)
  expect(answer).toMatch(/^HTTP\/1\.1 200 /)
  expect(answer).toContain('strict-transport-security: max-age=')
  await writeFile(ash.path('after.txt'), 'after')
  await ash.wait()
  // Commands on the coordinator's machine know the new key too.
  await eventually('the new key is published', async () => expect(await coordinator.invite()).toContain('causeways:'))

  await coordinator.stop()
  await writeFile(files.key, first.key)
  await expect(coordinator.start()).rejects.toThrow(/does not belong to the certificate/)
})

test('the pinned key is replaced without visiting the nodes; one that missed it comes back with a new link', async () => {
  const { life, scratch, coordinator } = await start(['--tls'])
  const [ash, birch] = [
    await startNode(life, { coordinator, dir: join(scratch, 'ash'), name: 'ash' }),
    await startNode(life, { coordinator, dir: join(scratch, 'birch'), name: 'birch' }),
  ]
  await birch.stop()
  const rotate = (...more: string[]) => runCauseway(['rotate-key', '--data', coordinator.dataDir, ...more])
  await rotate()
  await eventually('ash has learned of the key', async () => {
    const { stdout } = await rotate()
    expect(stdout).toContain('Missing: birch.')
  })
  expect(await rotate('--finish')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('not learned of the new key: birch'),
  })
  birch.up()
  await eventually('every node has learned of it', async () =>
    expect((await rotate()).stdout).toContain('Every node has'),
  )
  const old = await shownBy(coordinator.port)
  expect(await rotate('--finish')).toMatchObject({ code: 0 })
  expect(await shownBy(coordinator.port)).not.toBe(old)
  await ash.stop()
  ash.up()
  await writeFile(ash.path('after.txt'), 'with the new key')
  await converged([ash, birch])
  await eventually('the former key is forgotten', async () => expect(await pinsOf(ash)).toHaveLength(1))

  // One is away for the whole of the next replacement.
  await birch.stop()
  await rotate()
  await eventually('ash has learned', async () => expect((await rotate()).stdout).toContain('Missing: birch.'))
  await rotate('--finish', '--leave-behind')
  birch.up()
  await eventually('birch says why', async () => expect(await statusText(birch)).toMatch(OTHER_KEY))
  await birch.stop()
  await birch.join(await coordinator.invite({ folder: 'work' }), undefined)
  await writeFile(ash.path('again.txt'), 'again')
  await converged([ash, birch])
})

test('a restart of the coordinator shows the same certificate, and nodes that were made before TLS join again with a link', async () => {
  const life = testLifetime()
  const scratch = await scratchDirectory(life)
  const dataDir = join(scratch, 'coordinator')
  const plain = await startCoordinator(life, { dataDir })
  const ash = await startNode(life, { coordinator: plain, dir: join(scratch, 'ash'), name: 'ash' })
  await writeFile(ash.path('before.txt'), 'before')
  await ash.wait()
  await plain.stop()

  const coordinator = await startCoordinator(life, { dataDir, port: plain.port, tls: ['--tls'] })
  const shown = await shownBy(coordinator.port)
  expect(coordinator.process.stdout).toContain('SHA-256 fingerprint')
  await eventually('the node says what to do', async () =>
    expect(await statusText(ash)).toContain('needs a new join link'),
  )
  await ash.stop()
  await ash.join(await coordinator.invite({ folder: 'work' }), undefined)
  await ash.wait()
  expect(await ash.view()).toEqual({ 'before.txt': 'before' })
  await coordinator.stop()
  await coordinator.start()
  expect(await shownBy(coordinator.port)).toBe(shown)
  await ash.wait()
})

test('off loopback TLS is what there is unless plain HTTP is asked for in so many words', async () => {
  const life = testLifetime()
  const scratch = await scratchDirectory(life)
  const serve = async (name: string, ...more: string[]) => {
    const ports = ['--port', String(await freePort()), '--dashboard-port', String(await freePort())]
    const args = ['serve', '--data', join(scratch, name), '--host', '0.0.0.0', ...ports, ...more]
    const started = startCauseway(life, name, args)
    const [, url = ''] = await started.printed(/ready (\S+)/)
    return { started, url: new URL(url) }
  }
  const secure = await serve('secure')
  expect(secure.url.protocol).toBe('https:')
  const { port } = secure.url
  const answer = await healthOver(await connected(Number(port)))
  expect(answer).toMatch(/^HTTP\/1\.1 200 /)
  // Whoever goes on past the warning could not go back.
  expect(answer).not.toContain('strict-transport-security')
  expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(400)
  const led = await fetch(`http://127.0.0.1:${port}/monitor`, { headers: { accept: 'text/html' }, redirect: 'manual' })
  expect(led.headers.get('location')).toBe(`https://127.0.0.1:${port}/monitor`)

  const open = await serve('open', '--insecure-http')
  expect(open.url.protocol).toBe('http:')
  await open.started.printed(/connections are not encrypted/)
})

async function start(tls: readonly string[]) {
  const life = testLifetime()
  const scratch = await scratchDirectory(life)
  const coordinator: Coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator'), tls })
  return { life, scratch, coordinator }
}

async function between(life: Lifetime, options: ManInTheMiddle) {
  const certificate = await makeCertificate()
  const script = join(import.meta.dirname, 'support/man-in-the-middle.ts')
  const given = JSON.stringify({ ...options, ...certificate })
  const child = spawn(process.execPath, [script, given], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => child.once('close', resolve))
  const end = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  life.add(end)
  let output = ''
  await new Promise<void>((resolve, reject) => {
    child.once('close', () => reject(new Error('the man in the middle ended')))
    child.stdout.on('data', (bytes) => {
      output += String(bytes)
      if (output.startsWith('ready\n')) resolve()
    })
  })
  return { end, heard: () => output.slice('ready\n'.length) }
}

async function statusText(node: SyncNode): Promise<string> {
  const { stdout, stderr } = await node.run('status')
  return stdout + stderr
}

async function pinsOf(node: SyncNode): Promise<unknown> {
  return JSON.parse(await readFile(join(node.stateDir, 'node.json'), 'utf8')).coordinator.pins
}

/** The status of a GET by somebody who looks at no certificate. */
function statusOf(port: number, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', path, rejectUnauthorized: false, agent: false }
    request(options, (response) => resolve(response.resume().statusCode))
      .once('error', reject)
      .end()
  })
}

/** The certificate that a port shows to a new connection, in PEM. */
async function shownBy(port: number): Promise<string | undefined> {
  const socket = await connected(port)
  const shown = socket.getPeerX509Certificate()?.toString().trim()
  socket.destroy()
  return shown
}

function healthOver(socket: TLSSocket): Promise<string> {
  socket.write('GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
  return text(socket)
}

async function connected(port: number): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  return socket
}
