import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { connect } from '@nats-io/transport-node'
import { expect, test } from 'vitest'
import { findNats } from '../../scripts/find-servers.ts'
import { startCluster, startNodeAtEach } from '../support/cluster.ts'
import { converged, expectEverywhere } from '../support/fleet.ts'
import { testLifetime } from '../support/hooks.ts'
import { startNats } from '../support/nats-server.ts'

const MINUTES = 60_000
/** Its server has it among its arguments: no other test's, which may look for their own there at that moment. */
const PASSWORD = 'hummed-at-dawn'

test.skipIf(findNats().kind === 'missing')(
  'two coordinators with a bus keep their nodes in sync; it is gone at the start, and killed in between; its password is nowhere to be seen',
  async () => {
    const life = testLifetime()
    const nats = await startNats(life, '--user', 'ada', '--pass', PASSWORD)
    await nats.kill()
    const env = { BUS_URL: `nats://ada:${PASSWORD}@127.0.0.1:${nats.port}`, LOG_LEVEL: 'debug' }
    const cluster = await startCluster(life, 2, { env })
    const { coordinators, postgres } = cluster
    const nodes = await startNodeAtEach(life, cluster)
    const expected: Record<string, string> = {}
    const write = async (text: string): Promise<void> => {
      for (const node of nodes) {
        await writeFile(node.path(`${text}, ${node.name}`), text)
        expected[`${text}, ${node.name}`] = text
      }
    }
    await write('without a bus')
    await converged(nodes, 2 * MINUTES)

    await nats.start()
    const ear = await connect({ servers: `127.0.0.1:${nats.port}`, user: 'ada', pass: PASSWORD, reconnect: false })
    life.add(() => ear.close())
    const speakers = new Set<string>()
    ear.subscribe('causeway.>', { callback: (_error, { subject }) => void speakers.add(subject) })
    for (const { process } of coordinators) await process.printed(/the bus can be used again/)
    await write('with it')
    await converged(nodes, 2 * MINUTES)
    await expect.poll(() => speakers.size, { timeout: 30_000 }).toBe(2)

    await nats.kill()
    await write('while it was gone')
    await nats.start()
    await write('once it was back')
    await converged(nodes, 2 * MINUTES)
    await expectEverywhere({ nodes }, '', expected)

    const listening = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'causeway signals'"
    expect(await postgres.ask(listening)).toBe('0')
    const said = coordinators.map(({ process }) => `${process.stdout}${process.stderr}`)
    for (const text of said) {
      // At the start, and at the kill: once each, however often it was tried.
      expect(text.split('the bus cannot be used').length - 1).toBe(2)
    }
    const processes = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).stdout
    const ofCauseway = processes
      .split('\n')
      .filter((line) => line.includes('causeway') && !line.includes('nats-server'))
    for (const text of [...said, ...ofCauseway]) expect(text).not.toContain(PASSWORD)
    for (const { process } of coordinators) expect(process.isRunning).toBe(true)
  },
  8 * MINUTES,
)
