import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Demo, freePorts, givenDemo } from './support/demo.ts'
import { eventually } from './support/eventually.ts'
import { shared, testLifetime } from './support/hooks.ts'
import { freePort, runCauseway } from './support/processes.ts'
import { scratchDirectory } from './support/scratch.ts'

const RUNS = 'Causeway is running'
const EMPTY = ['--nodes', '2', '--no-samples']

/** A demo that runs, for the tests that leave it running. */
const running = shared(async (life) => {
  const { start } = await givenDemo(life)
  const demo = start(EMPTY)
  await demo.printed(RUNS)
  return demo
})

test('a process that dies is started again, and said so; the demo goes on', async () => {
  const demo = running()
  const { dir } = demo
  process.kill(await demo.pidOf('birch'), 'SIGKILL')
  await demo.printed('birch        ▲ was ended by SIGKILL. It is started again')
  await demo.printed('birch        ✓ runs again')
  process.kill(demo.coordinatorPid(), 'SIGKILL')
  await demo.printed('coordinator  ▲ was ended by SIGKILL. It is started again')
  await demo.printed('coordinator  ✓ runs again')
  await writeFile(join(dir, 'atlas/tide.txt'), 'low tide at 14:03\n')
  await eventually('what is saved arrives as before', async () => {
    expect(await readFile(join(dir, 'birch/tide.txt'), 'utf8')).toBe('low tide at 14:03\n')
  })
  expectNoAdviceToRemove(demo)
})

test('a second start says where the demo runs and touches nothing', async () => {
  const demo = running()
  const { dir } = demo
  const pids = await Promise.all(['atlas', 'birch'].map((node) => demo.pidOf(node)))
  const before = await readdir(dir, { recursive: true })

  const links = demo.links
  const second = new Demo(testLifetime(), { dir, ports: await freePorts(), args: EMPTY })
  expect(await second.ended).toBe(0)
  expect(second.output).toContain(`The demo is already running: ${demo.dashboard}`)
  expectNoAdviceToRemove(second)
  expect(await readdir(dir, { recursive: true })).toEqual(before)
  expect(await Promise.all(['atlas', 'birch'].map((node) => demo.pidOf(node)))).toEqual(pids)
  expect((await fetch(demo.dashboard)).status).toBe(200)
  // Each start prints a link of its own, and both are good.
  expect([links.length, second.links.length]).toEqual([1, 1])
  for (const link of [...links, ...second.links]) expect((await signInBy(link)).status).toBe(200)
})

test('nobody is let in without a link, which is good once; a demo that was begun without sign-in goes on with it', async () => {
  const { dir, start } = await givenDemo()
  const open = start([...EMPTY, '--no-auth'])
  await open.printed(RUNS)
  expect(open.links).toEqual([])
  expect((await fetch(`${open.dashboard}/api/v1/nodes`)).status).toBe(200)
  await writeFile(join(dir, 'atlas/before.txt'), 'saved while nobody had to sign in\n')
  await eventually('it is on the other', async () => expect(await readdir(join(dir, 'birch'))).toContain('before.txt'))
  await open.stop()

  const demo = start(EMPTY)
  await demo.printed(RUNS)
  expect((await fetch(`${demo.dashboard}/api/v1/nodes`)).status).toBe(401)
  const [link = ''] = demo.links
  const signedIn = await signInBy(link)
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  const nodes = await fetch(`${demo.dashboard}/api/v1/nodes`, { headers: { cookie } })
  expect(await nodes.json()).toMatchObject([{ name: 'atlas' }, { name: 'birch' }])
  expect((await signInBy(link)).status).toBe(403)

  const printed = await runCauseway(['sign-in-link', '--data', join(dir, 'coordinator')])
  expect((await signInBy(printed.stdout.trim())).status).toBe(200)
  await writeFile(join(dir, 'birch/after.txt'), 'saved since\n')
  await eventually('nodes go on as before', async () => {
    expect(await readdir(join(dir, 'atlas'))).toEqual(expect.arrayContaining(['before.txt', 'after.txt']))
  })
})

test('what it started ends with a demo that is killed, and the next start comes up', async () => {
  const { dir, start } = await givenDemo()
  const demo = start(EMPTY)
  await demo.printed(RUNS)
  const pids = [await demo.pidOf('atlas'), await demo.pidOf('birch'), demo.coordinatorPid()]
  await demo.kill9()
  const next = start([...EMPTY, '--once-ready'])
  expect(await next.ended).toBe(0)
  expect(next.output).toContain('Causeway is running, and everything is in sync.')
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  expect(await readdir(join(dir, 'state'))).not.toContain('running.json')
})

test('a taken port is named with the variable to set, and the demo comes up on the other port', async () => {
  const { dir, ports, start } = await givenDemo()
  expect(await start([...EMPTY, '--once-ready']).ended).toBe(0)
  const other = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve) => other.listen(ports.coordinator, '127.0.0.1', resolve))
  const refused = start(EMPTY)
  expect(await refused.ended).toBe(1)
  expect(refused.output).toMatch(new RegExp(`Port ${ports.coordinator} .* is taken by another program`))
  expect(refused.output).toContain(`COORDINATOR_PORT=${ports.coordinator + 1} npm start`)
  expectNoAdviceToRemove(refused)

  const moved = start(EMPTY, { ...ports, coordinator: await freePort() })
  await moved.printed(RUNS)
  await writeFile(join(dir, 'birch/after.txt'), 'moved\n')
  await eventually('the nodes follow', async () => {
    expect(await readFile(join(dir, 'atlas/after.txt'), 'utf8')).toBe('moved\n')
  })
  await new Promise((resolve) => other.close(resolve))
})

test('a halt is named with both ways on, the demo stays up, and so does the next start', async () => {
  const { dir, start } = await givenDemo()
  const demo = start(EMPTY)
  await demo.printed(RUNS)
  await mkdir(join(dir, 'atlas/papers'))
  for (let at = 0; at < 30; at++) await writeFile(join(dir, `atlas/papers/${at}`), `content ${at}`)
  await eventually('all are on both', async () => expect(await readdir(join(dir, 'birch/papers'))).toHaveLength(30))
  await rm(join(dir, 'atlas/papers'), { recursive: true })
  await demo.printed('▲ atlas is halted in demo: 31 entries of 31 vanished')
  await demo.stop()

  const next = start(EMPTY)
  // With its panel, or after it where that came first: it does not wait long on a busy machine.
  await next.printed('▲ atlas is halted in demo')
  await next.printed(`${next.dashboard}/#halts`)
  await next.printed(`bin/causeway resume demo --state ${join(dir, 'state/atlas')}`)
  expectNoAdviceToRemove(next)
  expect((await fetch(next.dashboard)).status).toBe(200)
  expect(await readdir(join(dir, 'birch/papers'))).toHaveLength(30)

  expect((await runCauseway(['resume', 'demo', '--state', join(dir, 'state/atlas')])).code).toBe(0)
  await next.printed('✓ Resolved: the halt of atlas in demo')
})

test('where nothing can be written it says so in plain words', async () => {
  const life = testLifetime()
  const scratch = await scratchDirectory(life, 'causeway-demo')
  await writeFile(join(scratch, 'file'), 'no directory\n')
  const dir = join(scratch, 'file', 'demo')
  const demo = new Demo(life, { dir, ports: await freePorts(), args: EMPTY })
  expect(await demo.ended).toBe(1)
  expect(demo.output).toContain(`The disk or directory at ${dir} can’t hold a directory of that name.`)
  expect(demo.output).toContain('npm start -- --dir DIR')
  expectNoAdviceToRemove(demo)
})

/** As the page does that the link leads to. */
function signInBy(link: string): Promise<Response> {
  const { origin, hash } = new URL(link)
  return fetch(`${origin}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ link: hash.slice(1) }),
  })
}

function expectNoAdviceToRemove(demo: Demo): void {
  expect(demo.output).not.toMatch(/begin anew|\brm\b|\b(remove|delete) (?!\d+ of)/i)
}
