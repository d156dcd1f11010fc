import { spawnSync } from 'node:child_process'
import { readdir, writeFile } from 'node:fs/promises'
import { expect, inject, test } from 'vitest'
import { converged, expectEverywhere, startFleet } from '../support/fleet.ts'
import { testLifetime } from '../support/hooks.ts'
import { startPostgres } from '../support/postgres-server.ts'

const MINUTES = 60_000

test('a coordinator on PostgreSQL keeps nodes in sync and goes on where it was killed; its password is nowhere to be seen', async () => {
  const url = new URL(inject('postgresUrl'))
  url.searchParams.set('schema', 'one_coordinator')
  const life = testLifetime()
  const fleet = await startFleet(life, { DATABASE_URL: url.href })
  const { ash, birch, coordinator, nodes } = fleet
  await writeFile(ash.path('from ash.txt'), 'one')
  await writeFile(birch.path('from birch.txt'), 'two')
  await expectEverywhere(fleet, '', { 'from ash.txt': 'one', 'from birch.txt': 'two' })

  await coordinator.kill9()
  await writeFile(ash.path('while it was gone.txt'), 'three')
  await coordinator.start()
  await converged(nodes, MINUTES)
  const all = { 'from ash.txt': 'one', 'from birch.txt': 'two', 'while it was gone.txt': 'three' }
  await expectEverywhere(fleet, '', all)

  expect((await readdir(coordinator.dataDir)).filter((name) => name.includes('sqlite'))).toEqual([])
  const processes = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).stdout
  expect(processes).toContain(coordinator.dataDir)
  for (const said of [processes, coordinator.process.stdout, coordinator.process.stderr]) {
    expect(said).not.toContain(url.password)
  }
})

test('a database that is killed and comes back loses nothing that was acknowledged, and nodes go on by themselves', async () => {
  const life = testLifetime()
  const server = await startPostgres()
  life.add(() => server.stop())
  const fleet = await startFleet(life, { DATABASE_URL: server.url })
  const { ash, birch, coordinator, nodes } = fleet
  const expected: Record<string, string> = {}
  for (let round = 0; round < 3; round++) {
    await writeFile(ash.path(`${round} before.txt`), 'kept')
    await ash.wait()
    await server.kill()
    await writeFile(birch.path(`${round} while it was gone.txt`), 'kept as well')
    await server.start()
    Object.assign(expected, { [`${round} before.txt`]: 'kept', [`${round} while it was gone.txt`]: 'kept as well' })
  }
  await converged(nodes, 2 * MINUTES)
  await expectEverywhere(fleet, '', expected)
  expect(coordinator.process.isRunning).toBe(true)
})

test('a coordinator that cannot reach its database says so in plain words, and exits', async () => {
  const url = new URL(inject('postgresUrl'))
  url.port = '1'
  const life = testLifetime()
  const started = startFleet(life, { DATABASE_URL: url.href })
  await expect(started).rejects.toThrow(/nothing answers there/)
})
