import { spawnSync } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const REPOSITORY = join(import.meta.dirname, '..')
const ECHO = `import { readFileSync } from 'node:fs'
console.log(JSON.stringify({ app: APP, args: process.argv.slice(2), input: readFileSync(0, 'utf8'), node: process.execPath }))
process.exit(7)
`

let scratch: string
let root: string

/** A repository with the real launcher and apps that say how they were called. */
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'causeway-launcher-'))
  root = join(scratch, "it's a place")
  await copyIn('bin/causeway')
  await put('package.json', '{"type":"module"}')
  await put('apps/agent/src/cli/main.ts', ECHO.replace('APP', "'agent'"))
  await put('apps/coordinator/src/main.ts', ECHO.replace('APP', "'coordinator'"))
  await mkdir(join(root, 'node_modules/@causeway'), { recursive: true })
})

afterEach(() => rm(scratch, { recursive: true, force: true }))

test.each([
  [['serve', '--data', 'a b'], 'coordinator'],
  [['join', 'link', ''], 'agent'],
  [['--help'], 'agent'],
  [[], 'agent'],
])('%j is for the %s, with arguments, input and exit code passed on', (args, app) => {
  const { status, report } = launch(join(root, 'bin/causeway'), args)
  expect(report).toMatchObject({ app, args, input: 'from outside' })
  expect(status).toBe(7)
})

test('it is found through a chain of links, relative and absolute, from another directory', async () => {
  await mkdir(join(scratch, 'links'))
  await symlink(join(root, 'bin/causeway'), join(scratch, 'links/absolute'))
  await symlink('absolute', join(scratch, 'links/relative'))
  await symlink('../links/relative', join(scratch, 'links/longer'))
  expect(launch(join(scratch, 'links/longer'), ['x']).report).toMatchObject({ app: 'agent', args: ['x'] })
})

test('the Node among the dependencies comes before the one on the PATH', async () => {
  await put('node_modules/node/bin/node', `#!/bin/sh\necho '{"node":"installed"}'\n`)
  await chmod(join(root, 'node_modules/node/bin/node'), 0o755)
  expect(launch(join(root, 'bin/causeway'), []).report).toMatchObject({ node: 'installed' })
})

test('without a Node that is new enough it says what to do', async () => {
  await mkdir(join(scratch, 'old'))
  await writeFile(join(scratch, 'old/node'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  const { status, stderr } = launch(join(root, 'bin/causeway'), [], `${join(scratch, 'old')}:/usr/bin:/bin`)
  expect(stderr).toContain('no Node 24.12 or newer')
  expect(stderr).toContain('run setup')
  expect(status).toBe(69)
})

test('without dependencies it says what to do', async () => {
  await rm(join(root, 'node_modules'), { recursive: true })
  const { status, stderr } = launch(join(root, 'bin/causeway'), [])
  expect(stderr).toContain('is not set up yet')
  expect(status).toBe(69)
})

function launch(program: string, args: readonly string[], path = `${dirname(process.execPath)}:/usr/bin:/bin`) {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: '/',
    env: { PATH: path },
    input: 'from outside',
    encoding: 'utf8',
  })
  const report: unknown = stdout === '' ? undefined : JSON.parse(stdout)
  return { status, stderr, report }
}

async function copyIn(path: string): Promise<void> {
  await cp(join(REPOSITORY, path), join(root, path), { recursive: true })
}

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), text)
}
