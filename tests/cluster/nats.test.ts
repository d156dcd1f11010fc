import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NodeIdSchema } from '@causeway/protocol'
import { makeCertificate } from '@causeway/testkit'
import { createSleep, systemRandom, systemTimers } from '@causeway/time'
import { describe, expect, test } from 'vitest'
import { busAddress } from '../../apps/coordinator/src/bus/bus-address.ts'
import { openNatsChannel, type NatsChannel } from '../../apps/coordinator/src/bus/open-nats-channel.ts'
import { createSharedBroadcasts } from '../../apps/coordinator/src/ports/shared-broadcasts.ts'
import { signalsConformance } from '../../packages/log/src/conformance/signals-conformance.ts'
import { createSharedSignals } from '../../packages/log/src/shared-signals.ts'
import { findNats } from '../../scripts/find-servers.ts'
import { testLifetime } from '../support/hooks.ts'
import { Lifetime } from '../support/lifetime.ts'
import { Line } from '../support/line.ts'
import { startNats } from '../support/nats-server.ts'
import { scratchDirectory } from '../support/scratch.ts'

const SILENT = { debug() {}, info() {}, warn() {}, error() {} }
const SOON = { timeout: 30_000 }
/** Its server has it among its arguments: no other test's, which may look for their own there at that moment. */
const PASSWORD = 'said-in-passing'
const SIGN_IN = ['--user', 'ada', '--pass', PASSWORD]

interface Opened {
  readonly channel: NatsChannel
  readonly heard: string[]
  readonly troubles: unknown[]
  /** How often something may have been missed, and how often a trouble was over. */
  readonly counts: { missed: number; back: number }
}

async function open(url: string, secret = 'of one installation'): Promise<Opened> {
  const counts = { missed: 0, back: 0 }
  const [heard, troubles]: [string[], unknown[]] = [[], []]
  const channel = await openNatsChannel({
    address: busAddress(url),
    secret,
    instance: randomUUID(),
    sleep: createSleep(systemTimers),
    random: systemRandom,
    onTrouble: (error) => troubles.push(error),
    onBack: () => void counts.back++,
  })
  channel.subscribe({ heard: (text) => heard.push(text), missed: () => void counts.missed++ })
  return { channel, heard, troubles, counts }
}

/** Both are closed with the test. */
async function openBoth(life: Lifetime, url: string): Promise<readonly [Opened, Opened]> {
  const both = [await open(url), await open(url)] as const
  life.add(async () => void (await Promise.all(both.map(({ channel }) => channel.close()))))
  return both
}

describe.skipIf(findNats().kind === 'missing')('over NATS', () => {
  signalsConformance('signals over NATS', async () => {
    const life = new Lifetime()
    const { port } = await startNats(life, ...SIGN_IN)
    const url = `nats://ada:${PASSWORD}@127.0.0.1:${port}`
    const [a, b] = await openBoth(life, url)
    const [ash, birch] = [createSharedSignals(a.channel, SILENT), createSharedSignals(b.channel, SILENT)]
    return { ash, birch, close: () => life.end() }
  })

  test('a broadcast of hundreds of kilobytes comes through whole', async () => {
    const life = testLifetime()
    const [a, b] = await openBoth(life, `nats://127.0.0.1:${(await startNats(life)).port}`)
    const options = { log: SILENT, random: systemRandom }
    const [ash, birch] = [createSharedBroadcasts(a.channel, options), createSharedBroadcasts(b.channel, options)]
    const heard: unknown[] = []
    birch.subscribe('all-linked', (message) => heard.push(message))
    const message = { from: 'ash', nodes: Array.from({ length: 10_000 }, () => NodeIdSchema.parse(randomUUID())) }
    ash.publish('all-linked', message)
    await expect.poll(() => heard.length, SOON).toBe(1)
    expect(heard).toEqual([message])
  })

  test('a server that is killed and comes back: both know that they may have missed something, and hear again', async () => {
    const life = testLifetime()
    const server = await startNats(life)
    const [ash, birch] = await openBoth(life, `nats://127.0.0.1:${server.port}`)
    for (const round of [1, 2]) {
      await server.kill()
      await expect.poll(() => [ash.troubles.length, birch.troubles.length], SOON).toEqual([round, round])
      await server.start()
      await expect.poll(() => [ash.counts.missed, birch.counts.missed], SOON).toEqual([round, round])
      birch.channel.publish(`said afterwards, ${round}`)
      await expect.poll(() => ash.heard, SOON).toContain(`said afterwards, ${round}`)
    }
    expect(ash.troubles).toHaveLength(2)
    expect(ash.counts.back).toBe(2)
  })

  test('a server that stops answering one of them, without a word, is noticed: what that one said comes later; a close does not wait for it', async () => {
    const life = testLifetime()
    const { port } = await startNats(life)
    const line = await Line.open(life, port)
    const [ash, cedar] = await openBoth(life, `nats://127.0.0.1:${line.port}`)
    const [birch] = await openBoth(life, `nats://127.0.0.1:${port}`)
    line.stall()
    ash.channel.publish('said into the silence')
    await expect.poll(() => ash.troubles.length, SOON).toBe(1)
    ash.channel.publish('said once it was noticed')
    await cedar.channel.close()
    line.cut()
    line.mend()
    await expect.poll(() => birch.heard, SOON).toEqual(['said into the silence', 'said once it was noticed'])
    expect([ash.counts, birch.counts]).toEqual([
      { missed: 1, back: 1 },
      { missed: 0, back: 0 },
    ])
  })

  test('a start where there is no server goes on, and hears once there is one', async () => {
    const life = testLifetime()
    const server = await startNats(life)
    await server.kill()
    const [ash, birch] = await openBoth(life, `nats://127.0.0.1:${server.port}`)
    expect([ash.troubles.length, birch.troubles.length]).toEqual([1, 1])
    ash.channel.publish('said before')
    await server.start()
    await expect.poll(() => [ash.counts.missed, birch.counts.missed], SOON).toEqual([1, 1])
    ash.channel.publish('said afterwards')
    await expect.poll(() => birch.heard, SOON).toContain('said afterwards')
  })

  test('who is not let in, or may not say or hear anything, is told so once; no password is told', async () => {
    const life = testLifetime()
    const scratch = await scratchDirectory(life)
    const config = join(scratch, 'nats.conf')
    const user = (name: string, allow: string) => `{user: ${name}, password: ${PASSWORD}, permissions: {${allow}}}`
    const users = [user('deaf', 'publish: ">", subscribe: "other"'), user('mute', 'publish: "other", subscribe: ">"')]
    await writeFile(config, `authorization { users: [${users.join(', ')}] }`)
    const { port } = await startNats(life, '-c', config)
    const urls = [`nats://deaf:not-${PASSWORD}@`, `nats://deaf:${PASSWORD}@`, `nats://mute:${PASSWORD}@`]
    for (const [url, said] of [
      [urls[0], /authorization/i],
      [urls[1], /permissions violation for subscription/i],
      [urls[2], /permissions violation for publish/i],
    ] as const) {
      const { channel, troubles, counts } = await open(`${url}127.0.0.1:${port}`)
      expect(String(troubles[0])).toMatch(said)
      for (let at = troubles[0]; at instanceof Error; at = at.cause)
        for (const told of [at.message, at.stack ?? '', JSON.stringify(at)]) expect(told).not.toContain(PASSWORD)
      // It has tried again by then, and says nothing new.
      await createSleep(systemTimers)(1_000)
      expect([troubles.length, counts.back, counts.missed]).toEqual([1, 0, 0])
      await channel.close()
    }
  })

  test('tls:// is spoken with a server whose certificate is known, and with no other', async () => {
    const life = testLifetime()
    const scratch = await scratchDirectory(life)
    const [cert, key] = [join(scratch, 'cert.pem'), join(scratch, 'key.pem')]
    const made = await makeCertificate()
    await writeFile(cert, made.cert)
    await writeFile(key, made.key)
    const { port } = await startNats(life, '--tls', '--tlscert', cert, '--tlskey', key)
    const [ash, birch] = await openBoth(life, `tls://localhost:${port}?ca=${cert}`)
    ash.channel.publish('in secret')
    await expect.poll(() => birch.heard, SOON).toEqual(['in secret'])
    for (const url of [`tls://localhost:${port}`, `nats://localhost:${port}`]) {
      const stranger = await open(url)
      expect(String(stranger.troubles[0])).toMatch(/certificate/)
      await stranger.channel.close()
    }
    const plain = await open(`tls://127.0.0.1:${(await startNats(life)).port}?ca=${cert}`)
    expect(plain.troubles).toHaveLength(1)
    await plain.channel.close()
  })

  test('installations that share a server do not hear each other', async () => {
    const life = testLifetime()
    const url = `nats://127.0.0.1:${(await startNats(life)).port}`
    const [ash, birch] = await openBoth(life, url)
    const stranger = await open(url, 'of another installation')
    life.add(() => stranger.channel.close())
    stranger.channel.publish('not for you')
    ash.channel.publish('for you')
    await expect.poll(() => birch.heard, SOON).toEqual(['for you'])
    expect(stranger.heard).toEqual([])
  })
})
