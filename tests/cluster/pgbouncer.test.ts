import { writeFile } from 'node:fs/promises'
import { openPostgresChannel, openPostgresMetadataStore } from '@causeway/store'
import { describe, expect, inject, test } from 'vitest'
import { signalsConformance } from '../../packages/log/src/conformance/signals-conformance.ts'
import { createSharedSignals } from '../../packages/log/src/shared-signals.ts'
import { leasesConformance } from '../../packages/store/src/conformance/leases-conformance.ts'
import { manyWritersConformance } from '../../packages/store/src/conformance/metadata-store-conformance.ts'
import { createLeases } from '../../packages/store/src/leases/leases.ts'
import { freshSchema } from '../../packages/store/src/testing/fresh-schema.ts'
import { startCluster, startNodeAtEach } from '../support/cluster.ts'
import { converged, expectEverywhere } from '../support/fleet.ts'
import { testLifetime } from '../support/hooks.ts'
import { startPgBouncer } from '../support/pgbouncer.ts'

const MINUTES = 60_000
const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

describe.skipIf(inject('pgBouncerUrl') === null)('through PgBouncer', () => {
  const freshUrl = (): string => freshSchema(inject('pgBouncerUrl') ?? undefined)
  const open = (url: string) => openPostgresMetadataStore({ url })

  manyWritersConformance('PostgreSQL through PgBouncer', async () => {
    const url = freshUrl()
    return [await open(url), await open(url)]
  })
  leasesConformance('PostgreSQL through PgBouncer', async () => {
    const url = freshUrl()
    const [a, b] = [await open(url), await open(url)]
    let now = 0
    return {
      ash: createLeases(a, () => 0),
      birch: createLeases(b, () => now),
      pass: (ms) => void (now += ms),
      close: async () => void (await Promise.all([a.close(), b.close()])),
    }
  })
  // Nothing but LISTEN and NOTIFY carries these.
  signalsConformance('signals through PgBouncer', async () => {
    const url = freshUrl()
    const a = await openPostgresChannel({ url, instance: 'ash' })
    const b = await openPostgresChannel({ url, instance: 'birch' })
    const close = async () => void (await Promise.all([a.close(), b.close()]))
    return { ash: createSharedSignals(a, SILENT), birch: createSharedSignals(b, SILENT), close }
  })

  test('who listens through a PgBouncer that was killed and came back is told so, and hears again', async () => {
    const life = testLifetime()
    const bouncer = await startPgBouncer(inject('postgresUrl'))
    life.add(() => bouncer.stop())
    const url = freshSchema(bouncer.url)
    const a = await openPostgresChannel({ url, instance: 'ash' })
    const b = await openPostgresChannel({ url, instance: 'birch' })
    life.add(async () => void (await Promise.all([a.close(), b.close()])))
    const heard: string[] = []
    let missed = 0
    b.subscribe({ heard: (text) => heard.push(text), missed: () => void (missed += 1) })
    await bouncer.kill()
    a.publish('said meanwhile')
    await bouncer.start()
    await expect.poll(() => missed, { timeout: 30_000 }).toBe(1)
    a.publish('said afterwards')
    await expect.poll(() => heard.includes('said afterwards'), { timeout: 30_000 }).toBe(true)
  })

  test(
    'two coordinators keep their nodes in sync; PgBouncer is killed and comes back, and nobody has to help',
    async () => {
      const life = testLifetime()
      const cluster = await startCluster(life, 2, { isBounced: true })
      const { bouncer, coordinators } = cluster
      const nodes = await startNodeAtEach(life, cluster)
      const expected: Record<string, string> = {}
      const write = async (text: string): Promise<void> => {
        for (const node of nodes) {
          await writeFile(node.path(`${text}, ${node.name}`), text)
          expected[`${text}, ${node.name}`] = text
        }
      }
      for (let round = 0; round < 2; round++) {
        await write(`${round} before`)
        await nodes[0]?.wait()
        await bouncer?.kill()
        await write(`${round} while it was gone`)
        await bouncer?.start()
        await write(`${round} once it was back`)
        await converged(nodes, 2 * MINUTES)
      }
      await expectEverywhere({ nodes }, '', expected)
      for (const { process } of coordinators) expect(process.isRunning).toBe(true)
    },
    8 * MINUTES,
  )

  test.each(['transaction', 'statement'] as const)(
    'in %s mode, a coordinator does not start, and says what to set, without the password',
    async (mode) => {
      const life = testLifetime()
      const bouncer = await startPgBouncer(inject('postgresUrl'), mode)
      life.add(() => bouncer.stop())
      const { password } = new URL(bouncer.url)
      for (let tries = 0; tries < 5; tries++) {
        const opening = open(freshSchema(bouncer.url))
        await expect(opening).rejects.toThrow(/pool_mode = session/)
        await expect(opening).rejects.not.toThrow(password)
      }
    },
  )
})
