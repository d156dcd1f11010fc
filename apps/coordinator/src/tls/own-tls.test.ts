import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { makeCertificate, type TestCertificate } from '@causeway/testkit'
import { createVirtualTime, systemClock } from '@causeway/time'
import { LOOK_AGAIN_MS, openOwnTls } from './own-tls.ts'

const [first, second] = await Promise.all([makeCertificate(), makeCertificate()])

test('files that are replaced are served from then on, and half of a replacement changes nothing', async () => {
  const { place, tls, time, warned } = await opened(first)
  expect(tls.credentials).toMatchObject({ key: first.key, cert: first.cert })
  expect(tls.pins.current()).toEqual([])
  const changed = vi.fn<() => void>()
  tls.subscribe(changed)

  await place({ cert: second.cert })
  time.advance(LOOK_AGAIN_MS)
  await vi.waitFor(() => expect(warned).toEqual([expect.stringContaining('does not belong to the certificate')]))
  expect(tls.credentials).toMatchObject({ cert: first.cert })

  await place({ key: second.key })
  time.advance(LOOK_AGAIN_MS)
  await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1))
  expect(tls.credentials).toMatchObject({ key: second.key, cert: second.cert })
})

test('files that are gone, or cannot be read, are complained of once and leave what is served', async () => {
  const { paths, tls, time, warned } = await opened(first)
  await rm(paths.keyPath)
  for (let looks = 0; looks < 3; looks++) {
    time.advance(LOOK_AGAIN_MS)
    await vi.waitFor(() => expect(warned).toHaveLength(1))
  }
  expect(warned[0]).toContain(`cannot read ${paths.keyPath}`)
  expect(tls.credentials.key).toBe(first.key)
})

test('a start without the files says which is missing', async () => {
  const options = { clock: systemClock, timers: createVirtualTime().timers, log: logTo([]) }
  await expect(openOwnTls({ certPath: '/nowhere/c.pem', keyPath: '/nowhere/k.pem', ...options })).rejects.toThrow(
    'cannot read /nowhere/c.pem',
  )
})

async function opened(certificate: TestCertificate) {
  const directory = await mkdtemp(join(tmpdir(), 'causeway-tls-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const paths = { certPath: join(directory, 'cert.pem'), keyPath: join(directory, 'key.pem') }
  const place = async ({ key, cert }: Partial<TestCertificate>): Promise<void> => {
    if (key !== undefined) await writeFile(paths.keyPath, key)
    if (cert !== undefined) await writeFile(paths.certPath, cert)
  }
  await place(certificate)
  const time = createVirtualTime()
  const warned: string[] = []
  const tls = await openOwnTls({ ...paths, clock: systemClock, timers: time.timers, log: logTo(warned) })
  return { paths, place, tls, time, warned }
}

function logTo(warned: string[]) {
  const warn = (details: object): void => void warned.push('reason' in details ? String(details.reason) : '')
  return { debug() {}, info() {}, warn, error() {} }
}
