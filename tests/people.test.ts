import { execFile } from 'node:child_process'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startCoordinator, type Coordinator } from './support/coordinator.ts'
import { testLifetime } from './support/hooks.ts'
import { environment, REPOSITORY, type Ran } from './support/processes.ts'
import { scratchDirectory } from './support/scratch.ts'

const PASSWORD = 'correct horse battery staple'

test('from the first start on, all that the page does can be scripted by a person who signs in on the command line', async () => {
  const life = testLifetime()
  const scratch = await scratchDirectory(life, 'causeway-people')
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator'), signIn: true })
  const { url } = coordinator
  const env = { CAUSEWAY_LOGIN: join(scratch, 'settings', 'login.json') }
  const run = (args: readonly string[], stdin = '') => withInput(args, stdin, env)

  const link = await firstAdminLink(coordinator)
  const accepted = await post(`${url}/api/v1/person-invites/accept`, {
    secret: link.split('#')[1],
    name: 'Ada',
    password: PASSWORD,
  })
  expect(accepted.status).toBe(200)

  const wrong = await run(['login', url, '--name', 'Ada'], 'not the password\n')
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('the name or the password is wrong')])
  const login = await run(['login', url], `Ada\n${PASSWORD}\n`)
  expect([login.code, login.stdout]).toEqual([0, expect.stringContaining('as Ada')])
  expect(((await stat(env.CAUSEWAY_LOGIN)).mode & 0o777).toString(8)).toBe('600')
  expect(await readFile(env.CAUSEWAY_LOGIN, 'utf8')).not.toContain(PASSWORD)

  const created = await run(['api', 'POST', '/api/v1/folders', '--body', '{"name":"Photos"}'])
  expect(JSON.parse(created.stdout)).toMatchObject({ id: 'photos' })
  const machine = await run(['invite', '--folder', 'Photos'])
  expect([machine.code, machine.stdout]).toEqual([0, expect.stringMatching(/^causeway:\/\/\S+\n$/)])
  const mistyped = await run(['invite', '--folder', 'Fotos'])
  expect(mistyped.stderr).toContain("or create it: causeway invite --folder 'Fotos' --create")
  const invite = await run([
    'api',
    'post',
    '/api/v1/person-invites',
    '--body',
    '{"roles":[{"folder":"photos","role":"viewer"}]}',
  ])
  const { secret } = JSON.parse(invite.stdout)
  expect((await post(`${url}/api/v1/person-invites/accept`, { secret, name: 'Eve', password: PASSWORD })).status).toBe(
    200,
  )
  const people = JSON.parse((await run(['api', 'GET', '/api/v1/people'])).stdout)
  expect(people).toMatchObject([
    { name: 'Ada', isAdmin: true },
    { name: 'Eve', roles: [{ folder: 'photos', role: 'viewer' }] },
  ])

  await coordinator.stop()
  await coordinator.start()
  expect(coordinator.process.tail(1000)).not.toContain('/welcome#')
  expect((await run(['api', 'GET', '/api/v1/people'])).code).toBe(0)

  const kept = await readFile(env.CAUSEWAY_LOGIN, 'utf8')
  expect((await run(['logout'])).code).toBe(0)
  expect((await run(['api', 'GET', '/api/v1/people'])).stderr).toContain('causeway login URL')
  await writeFile(env.CAUSEWAY_LOGIN, kept)
  expect((await run(['api', 'GET', '/api/v1/people'])).stderr).toContain('not-signed-in')

  const token = await readFile(join(coordinator.dataDir, 'admin.token'), 'utf8')
  expect((await run(['login', url, '--token'], token)).stdout).toContain('Owner of the machine')
  expect((await run(['api', 'GET', '/api/v1/audit'])).stdout).toContain('token-removed')
})

test('a coordinator with a self-made certificate is signed in to by its key alone, and administered from afar', async () => {
  const life = testLifetime()
  const scratch = await scratchDirectory(life, 'causeway-people')
  const dataDir = join(scratch, 'coordinator')
  const coordinator = await startCoordinator(life, { dataDir, signIn: true, tls: ['--tls'] })
  const env = { CAUSEWAY_LOGIN: join(scratch, 'settings', 'login.json') }
  const token = await readFile(join(dataDir, 'admin.token'), 'utf8')
  const login = (...more: string[]) => withInput(['login', coordinator.url, '--token', ...more], token, env)
  const run = (...args: string[]) => withInput(args, '', env)
  expect((await run('invite', '--folder', 'work')).stderr).toContain('causeway login URL')

  const key = /&key=([\w-]{43})/.exec(await coordinator.invite({ folder: 'work' }))?.[1] ?? ''
  expect((await login()).stderr).toMatch(/certificate/)
  expect((await login('--key', `${key.startsWith('A') ? 'B' : 'A'}${key.slice(1)}`)).stderr).toMatch(
    /does not have the key/,
  )
  expect((await login('--key', 'no key')).stderr).toContain('is no TLS key')
  expect(await login('--key', key)).toMatchObject({ code: 0 })

  expect((await run('invite', '--folder', 'work')).stdout).toMatch(/^causeways:.*&key=[\w-]{43}\n$/)
  expect((await run('api', 'GET', '/api/v1/folders')).stdout).toContain('work')
  expect((await run('rotate-key')).stdout).toContain('Put it into use: causeway rotate-key --finish')
  expect((await run('rotate-key', '--cancel')).stdout).toContain(`The key in use is ${key}. None is being introduced.`)
  expect((await run('logout')).code).toBe(0)
})

async function firstAdminLink(coordinator: Coordinator): Promise<string> {
  const [link = ''] = (await coordinator.process.printed(/http\S+\/welcome#\S{43}/)) ?? []
  return link
}

function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
}

function withInput(args: readonly string[], stdin: string, extra: NodeJS.ProcessEnv): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      join(REPOSITORY, 'bin/causeway'),
      args,
      { env: environment(extra), timeout: 60_000 },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
    child.stdin?.end(stdin)
  })
}
