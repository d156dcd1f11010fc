import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { packObjectsConformance } from '../../conformance/pack-objects-conformance.ts'
import { startLightS3, type LightS3 } from '../../testing/light-s3.ts'
import { startStubS3, type Fault, type StubS3 } from '../../testing/stub-s3.ts'
import { openS3PackObjects, type S3PackObjects } from './s3-pack-objects.ts'
import { parseS3Place } from './s3-place.ts'

const SECRET = 'a-secret-that-nobody-may-see'
const BYTES = Buffer.from('the whole pack')

let light: LightS3
let opened = 0
beforeAll(async () => {
  light = await startLightS3()
  Object.assign(process.env, light.env)
})
afterAll(() => light.close())

packObjectsConformance('an S3 store that ignores conditions', () => openAt(light.endpoint))
packObjectsConformance('an S3 store with conditional writes and pages', async () => openAt((await stub()).endpoint))
packObjectsConformance('an S3 store that removes one object at a time', async () => {
  return openAt((await stub({ knowsDeletes: false })).endpoint)
})

test('packs of one prefix are nobody else’s', async () => {
  const { endpoint } = await stub()
  const [one, two] = [await openAt(endpoint), await openAt(endpoint)]
  await one.save('00000001', BYTES)
  await two.save('00000001', Buffer.from('others'))
  expect([await one.list(), await two.list()]).toEqual([
    [{ pack: '00000001', bytes: 14 }],
    [{ pack: '00000001', bytes: 6 }],
  ])
  await two.remove(['00000001'])
  expect(await one.size('00000001')).toBe(14)
})

const passing: readonly (readonly [what: string, fault: Fault])[] = [
  ['hangs', 'hang'],
  ['is cut off before it was carried out', 'break'],
  ['is carried out, and its answer lost', 'break-after'],
  ['meets an overloaded store', { status: 503, body: '<Error><Code>SlowDown</Code></Error>' }],
  ['meets another write', { status: 409, body: '<Error><Code>ConditionalRequestConflict</Code></Error>' }],
]

test.each(passing)('a request that %s is made again, and nothing is doubled', async (_what, fault) => {
  const server = await stub()
  const objects = await openAt(server.endpoint)
  await objects.save('00000001', BYTES)
  const hurt = new Set<string>()
  server.fault = (request) => {
    if (hurt.has(request)) return undefined
    hurt.add(request)
    return fault
  }
  await objects.save('00000002', BYTES)
  expect(await objects.list()).toHaveLength(2)
  expect(Buffer.from(await objects.read('00000002', { offset: 4, length: 5 })).toString()).toBe('whole')
  expect(await objects.size('00000002')).toBe(14)
  await objects.remove(['00000001', '00000002'])
  expect(await objects.list()).toEqual([])
  expect(hurt.size).toBeGreaterThan(4)
})

test('a store that hangs for good ends each request after so many tries, with what to do', async () => {
  const server = await stub()
  const objects = await openAt(server.endpoint)
  server.fault = () => 'hang'
  const failure = await objects.read('00000001', { offset: 0, length: 3 }).catch((error: unknown) => error)
  expect(failure).toMatchObject({
    code: 'io-error',
    message: expect.stringMatching(
      /cannot read 3 bytes from the pack 00000001 in s3:\/\/packs\/.* at http:.*no answer within .*endpoint in --chunks/,
    ),
  })
  expect(server.requests).toHaveLength(3)
})

test('what another try would not mend is said at once, without anything that the store repeats', async () => {
  const server = await stub()
  const objects = await openAt(server.endpoint)
  const refused = async (status: number, name: string): Promise<unknown> => {
    const body = `<Error><Code>${name}</Code><Message>${SECRET}</Message><StringToSign>${SECRET}</StringToSign></Error>`
    server.fault = () => ({ status, body })
    server.requests.length = 0
    const failure = await objects.list().catch((error: unknown) => error)
    expect(server.requests).toHaveLength(1)
    expect(everythingIn(failure)).not.toContain(SECRET)
    return failure
  }
  expect(await refused(403, 'SignatureDoesNotMatch')).toMatchObject({
    code: 'io-error',
    message: expect.stringMatching(/cannot list the packs in s3:.*SignatureDoesNotMatch.*AWS_ACCESS_KEY_ID/),
  })
  expect(await refused(404, 'NoSuchBucket')).toMatchObject({ message: expect.stringContaining('no such bucket') })
})

test('a bucket that is not there is no missing pack: nothing is taken for lost', async () => {
  const server = await stub()
  const objects = await openAt(server.endpoint)
  server.fault = () => ({ status: 404, body: '<Error><Code>NoSuchBucket</Code></Error>' })
  await expect(objects.read('00000001', { offset: 0, length: 3 })).rejects.toMatchObject({ code: 'io-error' })
})

test('where nothing listens, that is said', async () => {
  const server = await stub()
  const objects = await openAt(server.endpoint)
  await server.close()
  await expect(objects.save('00000001', BYTES)).rejects.toMatchObject({
    code: 'io-error',
    message: expect.stringContaining('ECONNREFUSED'),
  })
})

test('once closed it ends what is in progress', async () => {
  const server = await stub()
  const objects = await openAt(server.endpoint)
  server.fault = () => 'hang'
  const reading = objects.read('00000001', { offset: 0, length: 3 })
  objects.close()
  await expect(reading).rejects.toMatchObject({ code: 'internal' })
})

async function stub(options: Parameters<typeof startStubS3>[0] = {}): Promise<StubS3> {
  const server = await startStubS3(options)
  onTestFinished(() => server.close())
  return server
}

/** A place of its own, each time. */
async function openAt(endpoint: string): Promise<S3PackObjects> {
  const place = parseS3Place(`s3://${light.bucket}/place-${++opened}?endpoint=${endpoint}`)
  const tries = { most: 3, firstWaitMs: 1, boundMs: 300 }
  const objects = await openS3PackObjects({ place, timers, tries, random: { fraction: () => 0.5 } })
  onTestFinished(() => objects.close())
  return objects
}

const timers = {
  after(milliseconds: number, work: () => void) {
    const timer = setTimeout(work, milliseconds)
    return { cancel: () => clearTimeout(timer) }
  },
}

function everythingIn(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return [error.stack, JSON.stringify(error), ...(error.cause === undefined ? [] : [everythingIn(error.cause)])].join()
}
