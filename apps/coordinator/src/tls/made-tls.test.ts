import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openSqliteMetadataStore, type MetadataStore } from '@causeway/store'
import { createVirtualTime } from '@causeway/time'
import { LOOK_AGAIN_MS, openMadeTls, type MadeTls } from './made-tls.ts'
import { serves } from './made-certificate.ts'

const DAY_MS = 24 * 3_600_000

test('key and certificate stay the same from start to start, and are for their owner alone', async () => {
  const { directory, open } = await place()
  const first = await open()
  const again = await open()
  expect(again.credentials).toEqual(first.credentials)
  for (const file of ['tls-keys.json', 'certificate.pem'])
    expect((await stat(join(directory, file))).mode & 0o777).toBe(0o600)
})

test('a certificate names where the coordinator is reached, and is made again for the same key when that changes', async () => {
  const { open } = await place()
  const before = await open({ hosts: ['0.0.0.0', 'no_name', 'NAS.local'] })
  const after = await open({ hosts: ['192.168.1.10', 'nas.local'] })
  const [old, renewed] = [before, after].map(({ credentials }) => new X509Certificate(credentials.cert))
  expect(old?.subjectAltName).toContain('DNS:nas.local')
  expect(old?.subjectAltName).not.toMatch(/0\.0\.0\.0|no_name/)
  expect(renewed?.checkIP('192.168.1.10')).toBe('192.168.1.10')
  expect(after.pins.current()).toEqual(before.pins.current())
})

test('a certificate near its end is renewed while the coordinator runs, and nodes need not know', async () => {
  const { open, time, clock } = await place()
  const tls = await open()
  const before = tls.credentials
  const renewed = vi.fn<() => void>()
  tls.subscribe(renewed)
  const pins = tls.pins.current()
  clock.nowMs += 750 * DAY_MS
  time.advance(LOOK_AGAIN_MS)
  await tls.rotation.cancel().catch(() => undefined)
  expect(renewed).not.toHaveBeenCalled()
  clock.nowMs += 20 * DAY_MS
  time.advance(LOOK_AGAIN_MS)
  await vi.waitFor(() => expect(renewed).toHaveBeenCalled())
  expect(tls.credentials.cert).not.toBe(before.cert)
  expect(tls.pins.current()).toEqual(pins)
})

test.each(['database', 'data directory'])('a key outlives the loss of the %s', async (lost) => {
  const { directory, open } = await place()
  const before = await open()
  const fresh = await emptyStore()
  if (lost === 'data directory') await rm(join(directory, 'tls-keys.json'))
  const after = await open(lost === 'database' ? { metadata: fresh } : {})
  expect(after.pins.current()).toEqual(before.pins.current())
})

test('a database put back from a copy does not bring back a key that nodes have dropped', async () => {
  const { open } = await place()
  const copy = await emptyStore()
  await open({ metadata: copy })
  const tls = await open()
  await tls.rotation.begin()
  await tls.rotation.finish()
  const restored = await open({ metadata: copy })
  expect(restored.pins.current()).toEqual(tls.pins.current())
})

test('coordinators on one store show the same key, and one learns from the store what the other made of it', async () => {
  const { open, time } = await place()
  const here = await open()
  const there = await open({ directory: await temporaryDirectory() })
  expect(there.pins.current()).toEqual(here.pins.current())
  await there.rotation.begin()
  const changed = vi.fn<() => void>()
  here.pins.subscribe(changed)
  time.advance(LOOK_AGAIN_MS)
  await vi.waitFor(() => expect(changed).toHaveBeenCalled())
  expect(here.pins.current()).toEqual(there.pins.current())
})

test('a key is replaced in two steps: nodes are told of both, and the new one takes over when that is said', async () => {
  const { open } = await place()
  const tls = await open()
  const [first] = tls.pins.current()
  expect(tls.rotation.next).toBeNull()
  await tls.rotation.begin()
  await tls.rotation.begin()
  const [still, next] = tls.pins.current()
  expect(still).toBe(first)
  expect(next).toBe(tls.rotation.next)
  const before = tls.credentials
  await tls.rotation.finish()
  expect(tls.pins.current()).toEqual([next])
  expect(tls.credentials.key).not.toBe(before.key)
  expect(new X509Certificate(tls.credentials.cert).checkPrivateKey(createPrivateKey(tls.credentials.key))).toBe(true)
  await expect(tls.rotation.finish()).rejects.toMatchObject({ code: 'not-found' })
})

test('a replacement can be called off', async () => {
  const { open } = await place()
  const tls = await open()
  const before = tls.pins.current()
  await tls.rotation.begin()
  await tls.rotation.cancel()
  expect(tls.pins.current()).toEqual(before)
  await expect(tls.rotation.cancel()).rejects.toMatchObject({ code: 'not-found' })
})

test('damaged keys are told, and never taken for none', async () => {
  const { directory, open } = await place()
  await open()
  await writeFile(join(directory, 'tls-keys.json'), '{')
  await expect(open()).rejects.toThrow(/tls-keys\.json are damaged/)
})

test('a damaged certificate is made again', async () => {
  const { directory, open } = await place()
  const { credentials } = await open()
  await writeFile(join(directory, 'certificate.pem'), 'nothing')
  const wish = { key: credentials.key, names: ['localhost'], now: Date.now() }
  expect(serves('nothing', wish)).toBe(false)
  await open()
  expect(serves(await readFile(join(directory, 'certificate.pem'), 'utf8'), wish)).toBe(true)
})

/** A data directory and a store, opened as often as a test wants. */
async function place() {
  const directory = await temporaryDirectory()
  const metadata = await emptyStore()
  const time = createVirtualTime()
  const clock = { nowMs: Date.parse('2026-12-01'), now: () => clock.nowMs }
  const log = { debug() {}, info() {}, warn() {}, error: (details: object) => expect.fail(JSON.stringify(details)) }
  const open = async (
    given: { directory?: string; metadata?: MetadataStore; hosts?: readonly string[] } = {},
  ): Promise<MadeTls> => {
    const tls = await openMadeTls({ directory, metadata, hosts: [], clock, timers: time.timers, log, ...given })
    onTestFinished(() => tls.stop())
    return tls
  }
  return { directory, open, time, clock }
}

async function emptyStore(): Promise<MetadataStore> {
  const metadata = await openSqliteMetadataStore({ path: ':memory:' })
  onTestFinished(() => metadata.close())
  return metadata
}

async function temporaryDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'causeway-tls-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}
