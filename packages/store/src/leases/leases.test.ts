import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { leasesConformance } from '../conformance/leases-conformance.ts'
import { openSqliteMetadataStore } from '../sqlite/open-sqlite-metadata-store.ts'
import { startScript } from '../testing/run-script.ts'
import { createLeases, fenced } from './leases.ts'

const SCRIPT = new URL('../testing/hold-lease.ts', import.meta.url)

const scratch = await mkdtemp(join(tmpdir(), 'causeway-leases-'))
afterAll(() => rm(scratch, { recursive: true }))
let count = 0
const freshPath = () => join(scratch, `${++count}`, 'causeway.db')

leasesConformance('SQLite on disk', async () => {
  const path = freshPath()
  const [a, b] = [await openSqliteMetadataStore({ path }), await openSqliteMetadataStore({ path })]
  return takers(a, b, async () => void (await Promise.all([a.close(), b.close()])))
})

leasesConformance('SQLite in memory', async () => {
  const store = await openSqliteMetadataStore({ path: ':memory:' })
  return takers(store, store, () => store.close())
})

type Store = Awaited<ReturnType<typeof openSqliteMetadataStore>>

function takers(a: Store, b: Store, close: () => Promise<void>) {
  let now = 0
  return {
    ash: createLeases(a, () => 0),
    birch: createLeases(b, () => now),
    pass: (ms: number) => void (now += ms),
    close,
  }
}

test('a process that is killed while it holds a lease is succeeded', async () => {
  const path = freshPath()
  const store = await openSqliteMetadataStore({ path })
  const leases = createLeases(store, () => performance.now())
  const { child, firstLine, ended } = startScript(SCRIPT, [path])
  expect(await firstLine).toBe('1')
  expect(await leases.acquire('upkeep', 'next', 500)).toBeNull()
  child.kill('SIGKILL')
  await ended
  let token: number | null = null
  while (token === null) {
    await sleep(50)
    token = await leases.acquire('upkeep', 'next', 500)
  }
  expect(token).toBe(2)
  await store.close()
})

test('what is written under a lease is refused once another holds it', async () => {
  const store = await openSqliteMetadataStore({ path: ':memory:' })
  let now = 0
  const leases = createLeases(store, () => now)
  const first = { name: 'upkeep', token: (await leases.acquire('upkeep', 'ash', 1000)) ?? 0 }
  await fenced(store, first).write((tx) => tx.putSetting('by', 'ash'))
  await leases.acquire('upkeep', 'birch', 1000)
  now = 1000
  const second = { name: 'upkeep', token: (await leases.acquire('upkeep', 'birch', 1000)) ?? 0 }
  await fenced(store, second).write((tx) => tx.putSetting('by', 'birch'))
  const late = fenced(store, first).write((tx) => tx.putSetting('by', 'ash'))
  await expect(late).rejects.toThrow(expect.objectContaining({ code: 'outdated' }))
  expect(await store.read((tx) => tx.setting('by'))).toBe('birch')
  await store.close()
})
