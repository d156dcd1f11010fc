import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, inject, test } from 'vitest'
import { startLightS3 } from '../../packages/store/src/testing/light-s3.ts'
import { allVersions } from '../support/all-versions.ts'
import { startCoordinator, type Coordinator } from '../support/coordinator.ts'
import { converged, startFleet } from '../support/fleet.ts'
import { testLifetime } from '../support/hooks.ts'
import { runCauseway, startCauseway, type Ran } from '../support/processes.ts'
import { writeRandomFile } from '../support/random.ts'
import { viewOf } from '../support/tree.ts'

const MIB = 1024 * 1024

test('an installation moves from SQLite and packs to PostgreSQL and S3 and back, over kills, and its nodes sync on', async () => {
  const life = testLifetime()
  const s3 = await startLightS3()
  life.add(() => s3.close())
  const url = new URL(inject('postgresUrl'))
  url.searchParams.set('schema', 'migrated')
  const chunks = `s3://${s3.bucket}/moved?endpoint=${s3.endpoint}&pack-mib=4`
  const stores = { ...s3.env, DATABASE_URL: url.href, CHUNKS_URL: chunks }
  const target = { ...s3.env, TO_DATABASE_URL: url.href, TO_CHUNKS_URL: chunks }

  const fleet = await startFleet(life)
  const { ash, birch, coordinator, nodes, scratch } = fleet
  for (let at = 0; at < 300; at++) await writeFile(ash.path(`small ${at}.txt`), `small file ${at}`)
  await mkdir(birch.path('sub'))
  await writeRandomFile(birch.path('sub/large.bin'), 24 * MIB, 5)
  await writeFile(ash.path('edited.txt'), 'first')
  await converged(nodes)
  await writeFile(ash.path('edited.txt'), 'second')
  await rm(ash.path('small 7.txt'))
  await converged(nodes)
  const before = await allVersions(coordinator)

  await coordinator.stop()
  const dry = await run(['migrate', '--data', coordinator.dataDir, '--dry-run'], target)
  expect(dry.stdout).toMatch(/Would copy.*301 files/s)
  await migrateOverKills(life, ['--data', coordinator.dataDir], target)
  const refused = await runCauseway(['serve', '--data', coordinator.dataDir, '--port', '0', '--dashboard-port', '0'])
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('migrate --reopen')
  expect(refused.stderr).not.toContain(url.password)

  await coordinator.start({ env: stores })
  expect(await allVersions(coordinator)).toEqual(before)
  await writeFile(birch.path('on PostgreSQL.txt'), 'here')
  await writeFile(ash.path('edited.txt'), 'third')
  await converged(nodes)

  await backUpAndRestore(life, coordinator, { stores, scratch })

  const meanwhile = await allVersions(coordinator)
  expect(meanwhile.length).toBeGreaterThan(before.length)
  await coordinator.stop()
  const back = join(scratch, 'back')
  await migrateOverKills(life, ['--data', coordinator.dataDir, '--to-data', back], stores)
  const again = await startCoordinator(life, { dataDir: back, port: coordinator.port })
  expect(await allVersions(again)).toEqual(meanwhile)
  await writeFile(ash.path('back again.txt'), 'here')
  await converged(nodes)
  expect(await viewOf(birch.dir, '')).toMatchObject({ 'back again.txt': 'here', 'edited.txt': 'third' })
}, 400_000)

/** While the coordinator runs; then what was restored is compared by every version of every file. */
async function backUpAndRestore(
  life: ReturnType<typeof testLifetime>,
  coordinator: Coordinator,
  { stores, scratch }: { readonly stores: NodeJS.ProcessEnv; readonly scratch: string },
): Promise<void> {
  const [backup, restored] = [join(scratch, 'backup'), join(scratch, 'restored')]
  await run(['backup', '--data', coordinator.dataDir, '--to', backup], stores)
  await run(['restore', '--from', backup, '--data', restored], {})
  const second = await startCoordinator(life, { dataDir: restored })
  expect(await allVersions(second)).toEqual(await allVersions(coordinator))
  await second.stop()
}

/** Killed in each of its steps, and run again. */
async function migrateOverKills(
  life: ReturnType<typeof testLifetime>,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<void> {
  for (const step of ['copying the database', 'comparing the database', 'copying contents', 'reading contents back']) {
    const running = startCauseway(life, 'migrate', ['migrate', ...args], { env })
    await running.printed(new RegExp(step))
    await sleep(Math.random() * 150)
    expect(running.isRunning).toBe(true)
    await running.kill9()
  }
  const done = await run(['migrate', ...args], env)
  expect(done.stdout).toContain('every row and every chunk was compared')
  expect(done.stdout).not.toContain('has not said goodbye')
}

async function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran> {
  const ran = await runCauseway(args, { env })
  if (ran.code !== 0) throw new Error(`causeway ${args.join(' ')} ended with ${ran.code}: ${ran.stderr}`)
  return ran
}
