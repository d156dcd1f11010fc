import { once } from 'node:events'
import { mkdtemp, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { createPrinting } from './printing.ts'
import { runCommandLine } from './program.ts'
import type { Terminal } from './terminal.ts'

let scratch: string

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'causeway-cli-'))
})

afterEach(() => rm(scratch, { recursive: true }))

const COMMANDS = [
  'invite',
  'join',
  'up',
  'accept',
  'decline',
  'status',
  'wait',
  'history',
  'restore',
  'conflicts',
  'resume',
  'bases',
  'stats',
  'login',
  'logout',
  'api',
  'quota',
  'completion',
]
const LINK = `causeway://127.0.0.1:9/join#${'s'.repeat(43)}&folder=work`

test('the help lists every command and the exit codes', async () => {
  const { code, out } = await run('--help')
  expect(code).toBe(0)
  for (const command of ['serve', ...COMMANDS]) expect(out).toContain(command)
  expect(out).toContain('Exit codes')
})

test.each(COMMANDS)('%s has a help of its own', async (command) => {
  const { code, out } = await run(command, '--help')
  expect(code).toBe(0)
  expect(out).toContain(`Usage: causeway ${command}`)
})

test.each([
  ['no command at all', []],
  ['an unknown command', ['sync']],
  ['an unknown option', ['status', '--bogus']],
  ['a missing argument', ['join', LINK]],
  ['an access that does not exist', ['invite', '--data', '/x', '--access', 'all']],
  ['a port that is no port', ['join', LINK, '/x', '--port', '70000']],
  ['a size that is no size', ['up', '--base-cache', 'plenty']],
  ['a time-out that is no number', ['wait', '--timeout', 'soon']],
  ['a version that is no number', ['restore', 'x', '--version', 'old']],
  ['a time that is no time', ['restore', 'x', '--at', 'yesterday-ish']],
  ['a shell that has no completion', ['completion', 'csh']],
  ['a version and a time', ['restore', 'x', '--version', '3', '--at', '2026-01-01']],
])('%s is wrong usage', async (_name, args) => {
  const { code, err } = await run(...args)
  expect(code).toBe(2)
  expect(err).not.toBe('')
})

test('a limit is of a folder or of a node, and never of both or of nobody', async () => {
  expect((await run('quota')).err).toContain('whose limit?')
  expect((await run('quota', 'work', '5G', '--node', 'ash')).err).toContain('causeway quota --node ash 5G')
})

test('a wrong join link is told before anything is made', async () => {
  const { code, err } = await run(
    'join',
    'https://example.org/',
    join(scratch, 'dir'),
    '--state',
    join(scratch, 'state'),
  )
  expect(code).toBe(1)
  expect(err).toContain('not a join link')
  expect(await readdir(scratch)).toEqual([])
})

test('a variable, or a file, that holds no join link is named', async () => {
  const args = ['join', join(scratch, 'dir'), '--state', join(scratch, 'state')]
  const named = await runIn({ env: { CAUSEWAY_JOIN_LINK: 'https://example.org' } }, args)
  expect(named.err).toContain('CAUSEWAY_JOIN_LINK: this is not a join link')
  await writeFile(join(scratch, 'link'), 'nothing')
  expect((await run(...args, '--link-file', 'link')).err).toContain('--link-file link: this is not a join link')
})

test('a join without a coordinator says so, and leaves the directory as it was', async () => {
  await mkdir(join(scratch, 'dir'))
  await writeFile(join(scratch, 'dir', 'mine.txt'), 'mine')
  const { code, err } = await run('join', LINK, join(scratch, 'dir'), '--state', join(scratch, 'state'))
  expect(code).toBe(1)
  expect(err).toContain('the coordinator at 127.0.0.1:9 is down: nothing listens there')
  expect(await readdir(join(scratch, 'dir'))).toEqual(['mine.txt'])
})

test.each<readonly [what: string, answer: (socket: Socket) => void, words: string]>([
  ['another program', (socket) => void socket.end('SSH-2.0-OpenSSH\r\n'), 'is not Causeway, or expects TLS'],
  [
    'another site',
    (socket) => void socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n'),
    'is not Causeway (status 404)',
  ],
  ['something that hangs up', (socket) => void socket.destroy(), 'closed the connection before its answer was whole'],
])('a join to %s says so in words of its own', async (_what, answer, words) => {
  const server = createServer((socket) => socket.once('data', () => answer(socket)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const link = LINK.replace('127.0.0.1:9', `127.0.0.1:${port}`)
  const { code, err } = await run('join', link, join(scratch, 'dir'), '--state', join(scratch, 'state'))
  expect(code).toBe(1)
  expect(err).toContain(words)
  expect(err).not.toMatch(/E[A-Z]{4,}|UND_ERR|HPE_|POST/)
})

test('a link for another folder than the named one is not used', async () => {
  const { code, err } = await run(
    'join',
    LINK,
    join(scratch, 'dir'),
    '--folder',
    'music',
    '--state',
    join(scratch, 'state'),
  )
  expect(code).toBe(1)
  expect(err).toContain('for the folder work, not for music')
})

test('a directory that was joined with another state is not joined twice', async () => {
  await mkdir(join(scratch, 'dir', '.causeway'), { recursive: true })
  await writeFile(join(scratch, 'dir', '.causeway', 'marker.json'), '{}')
  const { code, err } = await run('join', LINK, join(scratch, 'dir'), '--state', join(scratch, 'state'))
  expect(code).toBe(1)
  expect(err).toContain('joined with another state directory')
})

test('a state directory inside the folder is refused', async () => {
  const { code, err } = await run('join', LINK, join(scratch, 'dir'), '--state', join(scratch, 'dir', 'state'))
  expect(code).toBe(1)
  expect(err).toContain('lies inside')
})

test.each(['up', 'status', 'conflicts', 'bases'])(
  '%s without an enrolled node says what to do, and makes nothing',
  async (command) => {
    const { code, err } = await run(command, '--state', join(scratch, 'state'))
    expect(code).toBe(1)
    expect(err).toContain('join one first')
    expect(await readdir(scratch)).toEqual([])
  },
)

test.each([
  ['bash', 'complete -F _causeway causeway'],
  ['zsh', '#compdef causeway'],
  ['fish', 'complete -c causeway -f'],
])('the completion for %s knows every command', async (shell, mark) => {
  const { code, out } = await run('completion', shell)
  expect(code).toBe(0)
  for (const word of [mark, 'serve', ...COMMANDS]) expect(out).toContain(word)
})

test('waiting for a node that does not run ends when its time is over', async () => {
  expect((await run('wait', '--state', scratch, '--timeout', '0.1')).code).toBe(3)
})

test('the api needs a login first, and sends nothing to another host', async () => {
  const env = { CAUSEWAY_LOGIN: join(scratch, 'login.json') }
  const without = await runIn({ env }, ['api', 'GET', '/api/v1/people'])
  expect([without.code, without.err]).toEqual([1, expect.stringContaining('causeway login URL')])
  for (const path of ['//evil.example/x', 'https://evil.example/x', 'api']) {
    const { code, err } = await runIn({ env }, ['api', 'GET', path])
    expect([code, err]).toEqual([1, expect.stringContaining('does not begin with a slash')])
  }
  expect((await runIn({ env }, ['logout'])).out).toContain('not signed in')
})

test('a login without a terminal takes its password from stdin alone, and says so', async () => {
  const env = { CAUSEWAY_LOGIN: join(scratch, 'login.json') }
  const { code, err } = await runIn({ env, stdin: '' }, ['login', 'http://127.0.0.1:9', '--name', 'Ada'])
  expect([code, err]).toEqual([1, expect.stringContaining('the password as a line on stdin')])
  expect((await runIn({ env }, ['login', 'ftp://x'])).err).toContain('not the address of a coordinator')
})

test('an invite without a running coordinator says how to start one', async () => {
  const { code, err } = await run('invite', '--data', scratch)
  expect(code).toBe(1)
  expect(err).toContain('causeway serve')
})

test.each([
  ['the environment', { env: { CAUSEWAY_JOIN_LINK: LINK } }, []],
  ['a file', {}, ['--link-file', 'link']],
  ['stdin', { stdin: LINK }, ['--link-file', '-']],
])('a join link may come by %s, where nobody who lists processes sees it', async (_name, surroundings, options) => {
  await writeFile(join(scratch, 'link'), `${LINK}\n`)
  const args = ['join', ...options, join(scratch, 'dir'), '--folder', 'music', '--state', join(scratch, 'state')]
  const { code, err } = await runIn(surroundings, args)
  expect(code).toBe(1)
  expect(err).toContain('for the folder work, not for music')
})

function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return runIn({}, args)
}

async function runIn(
  { env = {}, stdin = '' }: { readonly env?: NodeJS.ProcessEnv; readonly stdin?: string },
  args: readonly string[],
): Promise<{ code: number; out: string; err: string }> {
  let out = ''
  let err = ''
  const terminal: Terminal = {
    wallNow: () => 0,
    cwd: scratch,
    env,
    stdin: Readable.from([stdin]),
    isInteractive: false,
    columns: 80,
    ...createPrinting({ out: (text) => void (out += text), err: (text) => void (err += text) }),
    interrupted: new AbortController().signal,
  }
  const code = await runCommandLine(args, terminal)
  return { code, out, err }
}
