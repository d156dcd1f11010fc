import { readdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MetricsSchema } from '@causeway/protocol'
import { get } from './support/api.ts'
import { startCoordinator, type Coordinator } from './support/coordinator.ts'
import { eventually } from './support/eventually.ts'
import { testLifetime } from './support/hooks.ts'
import { startNode, type SyncNode } from './support/node.ts'
import { writeRandomFile } from './support/random.ts'
import { scratchDirectory } from './support/scratch.ts'
import { MARKER, sha256Of } from './support/tree.ts'

const MIB = 1024 * 1024
const SIZE_BYTES = Number(process.env['CAUSEWAY_SIZE_MIB'] ?? 20) * MIB
const TAKERS = Number(process.env['CAUSEWAY_TAKERS'] ?? 3)

interface Neighbours {
  readonly coordinator: Coordinator
  readonly giver: SyncNode
  readonly takers: readonly SyncNode[]
}

test('a file for several nodes leaves the coordinator at most twice: the rest comes from one another', async () => {
  const { coordinator, giver, takers } = await startNeighbours(true)
  const before = await metricsOf(coordinator)
  const hash = await save(giver)
  for (const taker of takers) await shows(taker, hash)
  await Promise.all([giver, ...takers].map((node) => node.wait()))
  const after = await metricsOf(coordinator)
  expect(after.wire.bytesOut - before.wire.bytesOut).toBeLessThan(2 * SIZE_BYTES)
  await eventually('the ledger knows what nodes gave one another', async () => {
    const { savings } = await metricsOf(coordinator)
    expect(savings.peerBytes).toBeGreaterThan((TAKERS - 2) * SIZE_BYTES)
  })
}, 240_000)

test('nodes that give nothing have the coordinator send a copy to each', async () => {
  const { coordinator, giver, takers } = await startNeighbours(false)
  const before = await metricsOf(coordinator)
  const hash = await save(giver)
  for (const taker of takers) await shows(taker, hash)
  const after = await metricsOf(coordinator)
  expect(after.wire.bytesOut - before.wire.bytesOut).toBeGreaterThan((TAKERS - 0.5) * SIZE_BYTES)
  expect(after.savings.peerBytes).toBe(0)
}, 240_000)

test('with the coordinator killed in the middle, those who know of the file finish it', async () => {
  const { coordinator, giver, takers } = await startNeighbours(true)
  const hash = await save(giver, 4 * SIZE_BYTES)
  await eventually(
    'all have begun',
    async () => {
      for (const taker of takers) expect(await stagedBytes(taker)).toBeGreaterThan(MIB)
    },
    { everyMs: 2 },
  )
  await coordinator.kill9()
  for (const taker of takers) expect(await readdir(taker.dir)).not.toContain('film.bin')
  for (const taker of takers) await shows(taker, hash)
  expect(coordinator.process.isRunning).toBe(false)
  await coordinator.start()
  await Promise.all([giver, ...takers].map((node) => node.wait()))
}, 240_000)

async function startNeighbours(peers: boolean): Promise<Neighbours> {
  const life = testLifetime()
  const scratch = await scratchDirectory(life)
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
  const nodes: SyncNode[] = []
  for (const name of ['giver', ...Array.from({ length: TAKERS }, (_, at) => `taker-${at}`)]) {
    const node = await startNode(life, { coordinator, dir: join(scratch, name), name })
    nodes.push(node)
    if (!peers) continue
    await node.stop()
    node.up({ args: ['--peers', '127.0.0.1:0'] })
    await eventually(`${name} is up again`, () => node.wait())
  }
  const [giver, ...takers] = nodes
  if (giver === undefined) throw new Error('there is no node')
  return { coordinator, giver, takers }
}

/** Saves a large file in one go. Returns its hash. */
async function save(node: SyncNode, sizeBytes = SIZE_BYTES): Promise<string> {
  await writeRandomFile(`${node.dir}.film`, sizeBytes, 11)
  const hash = await sha256Of(`${node.dir}.film`)
  await rename(`${node.dir}.film`, node.path('film.bin'))
  return hash
}

async function shows(node: SyncNode, hash: string): Promise<void> {
  await eventually(`${node.name} has the file`, async () => expect(await sha256Of(node.path('film.bin'))).toBe(hash), {
    timeoutMs: 120_000,
  })
}

async function stagedBytes(node: SyncNode): Promise<number> {
  const directory = node.path(MARKER, 'staging')
  const names = await readdir(directory).catch(() => [])
  const sizes = names.map((name) => {
    return stat(join(directory, name)).then(
      ({ size }) => size,
      () => 0,
    )
  })
  return Math.max(0, ...(await Promise.all(sizes)))
}

function metricsOf(coordinator: Coordinator) {
  return get(coordinator, '/api/metrics', MetricsSchema)
}
