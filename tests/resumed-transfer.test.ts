import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MetricsSchema } from '@causeway/protocol'
import { startLinkProxy } from '../bench/peers/network/link-proxy.ts'
import { get } from './support/api.ts'
import { startCoordinator, type Coordinator } from './support/coordinator.ts'
import { eventually } from './support/eventually.ts'
import { testLifetime } from './support/hooks.ts'
import { startNodeUnsynced, type SyncNode } from './support/node.ts'
import { writeRandomFile } from './support/random.ts'
import { scratchDirectory } from './support/scratch.ts'
import { MARKER, sha256Of } from './support/tree.ts'

const SIZE_BYTES = 200 * 1024 * 1024
const PART_BYTES = 60 * 1024 * 1024
/** Seconds for the file: it is under way whenever the test looks, however busy the machine is. */
const LINK = { bitsPerSecond: 480e6, roundTripMs: 1 }
/** What a killed node may have received and not written, and all that is no chunk. */
const SLACK_BYTES = 40 * 1024 * 1024

test(
  'a node killed twice in the middle of a download of 200 MB goes on with it each time it starts again',
  { timeout: 240_000 },
  async () => {
    const { coordinator, ash, join: joinUnsynced } = await begin()
    await writeRandomFile(ash.path('film.mkv'), SIZE_BYTES, 21)
    await ash.wait()
    const sum = await sha256Of(ash.path('film.mkv'))

    const birch = await joinUnsynced('birch')
    let kept = 0
    let before = 0
    for (const leastBytes of [PART_BYTES, 2 * PART_BYTES]) {
      await largestStaged(birch, leastBytes)
      await birch.kill9()
      const grown = await largestStaged(birch, leastBytes)
      expect(grown).toBeLessThan(SIZE_BYTES)
      const { bytesOut } = await wire(coordinator)
      expect(bytesOut - before).toBeLessThan(grown - kept + SLACK_BYTES)
      kept = grown
      before = bytesOut
      birch.up()
    }
    await birch.wait()
    expect(await sha256Of(birch.path('film.mkv'))).toBe(sum)
    const sent = (await wire(coordinator)).bytesOut - before
    expect(sent).toBeGreaterThan(SIZE_BYTES - kept - SLACK_BYTES)
    expect(sent).toBeLessThan(SIZE_BYTES - kept + SLACK_BYTES)
    await eventually('the staging area is empty again', async () => expect(await stagedSizes(birch)).toEqual([]))
  },
)

test(
  'a node killed in the middle of an upload of 200 MB sends only the rest when it starts again',
  { timeout: 240_000 },
  async () => {
    const { coordinator, ash, join: joinUnsynced } = await begin()
    const before = (await wire(coordinator)).bytesIn
    await writeRandomFile(ash.path('film.mkv'), SIZE_BYTES, 22)
    await eventually(
      'a good part has arrived',
      async () => expect((await wire(coordinator)).bytesIn - before).toBeGreaterThan(PART_BYTES),
      { everyMs: 10 },
    )
    await ash.kill9()
    const arrived = (await wire(coordinator)).bytesIn
    expect(arrived - before).toBeLessThan(SIZE_BYTES)

    ash.up()
    await ash.wait()
    const sent = (await wire(coordinator)).bytesIn - arrived
    expect(sent).toBeLessThan(SIZE_BYTES - (arrived - before) + SLACK_BYTES)

    const birch = await joinUnsynced('birch')
    await birch.wait()
    expect(await sha256Of(birch.path('film.mkv'))).toBe(await sha256Of(ash.path('film.mkv')))
  },
)

interface Beginning {
  readonly coordinator: Coordinator
  readonly ash: SyncNode
  join(name: string): Promise<SyncNode>
}

/** Every node has a slow link of its own. */
async function begin(): Promise<Beginning> {
  const life = testLifetime()
  const scratch = await scratchDirectory(life)
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
  const target = { host: '127.0.0.1', port: coordinator.port }
  const joinUnsynced = async (name: string): Promise<SyncNode> => {
    const proxy = await startLinkProxy({ listen: '127.0.0.1', target, shape: LINK })
    life.add(() => proxy.close())
    const link = await coordinator.invite({ folder: 'work', throughPort: proxy.port })
    return startNodeUnsynced(life, { coordinator, dir: join(scratch, name), name, link })
  }
  const ash = await joinUnsynced('ash')
  await eventually('ash has joined', () => ash.wait(), { everyMs: 200 })
  return { coordinator, ash, join: joinUnsynced }
}

/** Waits until a staged file has so many bytes, and says how many it has. */
function largestStaged(node: SyncNode, leastBytes: number): Promise<number> {
  return eventually(
    `${node.name} has staged ${leastBytes} bytes`,
    async () => {
      const largest = Math.max(0, ...(await stagedSizes(node)))
      expect(largest).toBeGreaterThanOrEqual(leastBytes)
      return largest
    },
    { everyMs: 2 },
  )
}

async function stagedSizes(node: SyncNode): Promise<readonly number[]> {
  const directory = node.path(MARKER, 'staging')
  const names = await readdir(directory).catch(() => [])
  return Promise.all(names.map(async (name) => (await stat(join(directory, name))).size))
}

async function wire(coordinator: Coordinator): Promise<{ bytesIn: number; bytesOut: number }> {
  return (await get(coordinator, '/api/metrics', MetricsSchema)).wire
}
