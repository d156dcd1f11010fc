import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startCoordinator, type Coordinator } from './support/coordinator.ts'
import { eventually } from './support/eventually.ts'
import { shared } from './support/hooks.ts'
import type { Lifetime } from './support/lifetime.ts'
import { startNode, type SyncNode } from './support/node.ts'
import { freePort, runCauseway } from './support/processes.ts'
import { scratchDirectory } from './support/scratch.ts'

interface Pair {
  readonly scratch: string
  readonly coordinator: Coordinator
  readonly ash: SyncNode
}

const pair = shared(async (life: Lifetime): Promise<Pair> => {
  const scratch = await scratchDirectory(life)
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
  const ash = await startNode(life, { coordinator, dir: join(scratch, 'ash'), name: 'ash' })
  return { scratch, coordinator, ash }
})

/** What the system calls its refusals, and routes: nothing for people. */
const RAW = /\bE[A-Z]{3,}\b|POST \/|\n {4}at /

test('with all at rest every command ends with 0', async () => {
  const { ash, coordinator } = pair()
  await writeFile(ash.path('note.txt'), 'one')
  await ash.wait()
  const data = ['--data', coordinator.dataDir]
  const commands = [
    ['status', '--state', ash.stateDir],
    ['wait', '--state', ash.stateDir],
    ['history', '--state', ash.stateDir, ash.path('note.txt')],
    ['conflicts', '--state', ash.stateDir],
    ['stats', '--state', ash.stateDir],
    ['stats', ...data],
    ['bases', '--state', ash.stateDir],
    ['invite', ...data, '--folder', 'work'],
    ['completion', 'bash'],
  ]
  for (const args of commands) expect([args[0], (await runCauseway(args)).code]).toEqual([args[0], 0])
})

test('a history names nodes and says local times; its JSON keeps ids and UTC', async () => {
  const { ash } = pair()
  await writeFile(ash.path('named.txt'), 'one')
  await ash.wait()
  await writeFile(ash.path('named.txt'), 'two')
  await ash.wait()
  const line = String.raw`\n\d+ +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +ash`
  expect(await ash.cli('history', ash.path('named.txt'))).toMatch(new RegExp(`${line} +saved .*${line} +created `))
  expect(await ash.cli('history', '--json', ash.path('named.txt'))).toMatch(/"node": "ash-[\s\S]+"at": "[^"]+Z"/)
})

test('a restore of what stands already says so', async () => {
  const { ash } = pair()
  await writeFile(ash.path('stands.txt'), 'one')
  await ash.wait()
  expect(await ash.cli('restore', ash.path('stands.txt'))).toContain('stands.txt is not deleted: name one of')
  const version = /\n(\d+) /.exec(await ash.cli('history', ash.path('stands.txt')))?.[1] ?? ''
  const again = await ash.cli('restore', ash.path('stands.txt'), '--version', version)
  expect(again).toContain(`stands.txt is as it was in version ${version}: there is nothing to restore`)
})

test.each([
  ['a file', 'file', /cannot create the directory .*a file with this name exists/],
  ['a directory that another node keeps', 'ash', /was joined with another state directory/],
])('a join of %s is refused in words', async (_name, directory, words) => {
  const { scratch, coordinator } = pair()
  await writeFile(join(scratch, 'file'), '')
  const state = ['--state', join(scratch, 'new.state')]
  const { code, stderr } = await runCauseway([
    'join',
    await coordinator.invite({ folder: 'work' }),
    join(scratch, directory),
    ...state,
  ])
  expect([code, stderr]).toEqual([1, expect.stringMatching(words)])
  expect(stderr).not.toMatch(RAW)
})

test('a second node on the same state is told of the first', async () => {
  const { code, stderr } = await pair().ash.run('up')
  expect([code, stderr]).toEqual([1, expect.stringMatching(/a node runs with .* already \(process \d+\)/)])
})

test('an address without a coordinator, and one of another program, are told in words of their own', async () => {
  const { scratch, coordinator } = pair()
  const link = await coordinator.invite({ folder: 'work', throughPort: await freePort() })
  const joined = await runCauseway(['join', link, join(scratch, 'late'), '--state', join(scratch, 'late.state')])
  expect([joined.code, joined.stderr]).toEqual([1, expect.stringMatching(/is down: nothing listens there/)])
  expect(joined.stderr).not.toMatch(RAW)
})

test('what can be set of serve is completed, all of it', async () => {
  const { stdout: help } = await runCauseway(['serve', '--help'])
  const { stdout: script } = await runCauseway(['completion', 'bash'])
  const completed = script.split('\n').find((line) => /^ +serve\) .*--data/.test(line)) ?? ''
  const flags = [...help.matchAll(/^ {2}(--[\w-]+)/gm)].map(([, flag]) => flag)
  expect(flags.length).toBeGreaterThan(5)
  for (const flag of flags) expect(completed).toContain(flag)
})

test('a directory that is gone is named with what to do, by status and by wait, and syncing goes on once it is back', async () => {
  const { ash } = pair()
  const away = `${ash.dir}-away`
  await rename(ash.dir, away)
  const todo = /there is no such directory[^]*\n +Mount the disk or put the directory back; syncing then continues\./
  await eventually('the folder is halted', async () => {
    const { code, stdout } = await ash.run('status')
    expect([code, stdout]).toEqual([4, expect.stringMatching(todo)])
  })
  const { code, stderr } = await ash.run('wait')
  expect([code, stderr]).toEqual([4, expect.stringMatching(todo)])
  await rename(away, ash.dir)
  await eventually('it goes on', async () => expect((await ash.run('status')).code).toBe(0))
})

test('a halted folder makes status end with 4: it says what is held back, how to go on, and no time left', async () => {
  const { ash } = pair()
  await mkdir(ash.path('many'))
  for (let index = 0; index < 60; index++) await writeFile(ash.path(`many/${index}`), `${index}`)
  await ash.wait()
  await rm(ash.path('many'), { recursive: true })
  await eventually('the folder is halted', async () => {
    const { code, stdout } = await ash.run('status')
    expect([code, stdout]).toEqual([4, expect.stringMatching(/work halted[\s\S]+causeway resume/)])
    expect(stdout).not.toMatch(/ left\)|files and directories/)
  })
  const { code, stderr } = await ash.run('wait')
  expect([code, stderr]).toEqual([
    4,
    expect.stringMatching(/many\/: 60 files[^]+causeway resume work --put-back --state/),
  ])
})

test('without the coordinator, wait gives up with 3 and says for what it waited; a node that does not run is told with 1', async () => {
  const { ash, coordinator } = pair()
  await coordinator.stop()
  await eventually('the node has noticed', async () => expect((await ash.status()).state).not.toBe('idle'))
  const history = await ash.run('history', ash.path('note.txt'))
  expect([history.code, history.stderr]).toEqual([1, expect.stringMatching(/is down: nothing listens there/)])
  expect(history.stderr).not.toMatch(RAW)
  await ash.stop()
  const status = await ash.run('status')
  expect([status.code, status.stdout]).toEqual([
    1,
    expect.stringContaining('ash is not running: start it with "causeway up --state '),
  ])
  ash.up()
  await eventually('it tells what it waits for', async () => {
    const { code, stderr } = await ash.run('wait', '--timeout', '1')
    expect([code, stderr]).toEqual([3, expect.stringMatching(/not in sync after 1 s\n +disconnected from/)])
  })
})
