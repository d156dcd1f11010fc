import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startCoordinator } from './support/coordinator.ts'
import { eventually } from './support/eventually.ts'
import { converged } from './support/fleet.ts'
import { testLifetime } from './support/hooks.ts'
import { startNode, type SyncNode } from './support/node.ts'
import { scratchDirectory } from './support/scratch.ts'

async function startPair() {
  const life = testLifetime()
  const scratch = await scratchDirectory(life)
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
  const ash = await startNode(life, { coordinator, dir: join(scratch, 'ash'), name: 'ash' })
  const birch = await startNode(life, { coordinator, dir: join(scratch, 'birch'), name: 'birch' })
  return { coordinator, ash, birch, nodes: [ash, birch] }
}

async function write(node: SyncNode, path: string, text = path): Promise<void> {
  await mkdir(join(node.path(path), '..'), { recursive: true })
  await writeFile(node.path(path), text)
}

test('a deleted directory that holds something ignored says so, does not block its name, and goes with what kept it', async () => {
  const { ash, birch, nodes } = await startPair()
  await write(ash, '.causewayignore', 'target/\n')
  await write(ash, 'project/s')
  await converged(nodes)
  await write(ash, 'project/target/c')
  await rm(birch.path('project'), { recursive: true })
  await eventually('the directory is kept, with the reason', async () => {
    const { problems } = await ash.status()
    expect(problems).toMatchObject([{ path: 'project', code: 'kept' }])
    expect(problems[0]?.message).toContain('project/target is ignored and still there')
  })
  const waited = await ash.run('wait', '--timeout', '30')
  expect(waited.code).toBe(4)
  expect(waited.stderr).toContain('project/target is ignored')

  await write(birch, 'project/new')
  await eventually('the new directory arrives', async () => {
    expect(await ash.view()).toMatchObject({ 'project/new': 'project/new', 'project/target/c': 'project/target/c' })
  })
  await ash.wait()
  expect((await ash.status()).problems).toEqual([])

  await rm(birch.path('project'), { recursive: true })
  await eventually('the directory is kept again', async () => {
    expect((await ash.status()).problems).toMatchObject([{ path: 'project', code: 'kept' }])
  })
  await rm(ash.path('project/target'), { recursive: true })
  await eventually('it goes with what kept it', async () => {
    expect(Object.keys(await ash.view())).toEqual(['.causewayignore'])
    expect((await ash.status()).problems).toEqual([])
  })
  await ash.wait()
})

test('an ignore pattern that is taken away deletes nothing elsewhere', async () => {
  const { ash, birch, nodes } = await startPair()
  await write(ash, 'other/one')
  await write(ash, 'other/deep/two')
  await converged(nodes)
  await write(ash, '.causewayignore', '/other/\n')
  await converged(nodes)
  await rm(ash.path('other'), { recursive: true })
  await ash.wait()
  await ash.stop()
  await write(ash, '.causewayignore', '')
  ash.up()
  await eventually('what was removed comes back', async () => {
    for (const node of nodes)
      expect(await node.view()).toMatchObject({ 'other/one': 'other/one', 'other/deep/two': 'other/deep/two' })
  })
  await converged(nodes)
  expect(Object.keys(await birch.view())).toContain('other/one')
})

test('what is unsent is counted while the coordinator is away, and wait says what it waits for', async () => {
  const { ash, coordinator } = await startPair()
  await coordinator.stop()
  for (let index = 0; index < 20; index++) await write(ash, `file ${index}`)
  await eventually('all are counted', async () => {
    expect(await ash.status()).toMatchObject({ state: 'offline', pendingUp: 20 })
  })
  const waited = await ash.run('wait', '--timeout', '2')
  expect(waited.code).toBe(3)
  expect(waited.stderr).toContain('not in sync after 2 s')
  expect(waited.stderr).toContain('disconnected from')
  expect(waited.stderr).toContain('20 up')
})

test('a state directory that is removed under a running node halts it with the reason, and deletes nothing', async () => {
  const { ash, birch, nodes } = await startPair()
  await write(ash, 'kept')
  await converged(nodes)
  const away = `${ash.stateDir}.away`
  await rename(ash.stateDir, away)
  await eventually('the node says so', async () => {
    expect(ash.process.stdout).toContain('was removed, or moved, while the node runs')
  })
  await write(ash, 'later')
  await write(birch, 'from birch')
  await birch.wait()
  expect(Object.keys(await birch.view())).toEqual(['from birch', 'kept'])

  await rename(away, ash.stateDir)
  await converged(nodes)
  expect(Object.keys(await birch.view()).sort()).toEqual(['from birch', 'kept', 'later'])
})
