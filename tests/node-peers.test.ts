import { rename } from 'node:fs/promises'
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
import { sha256Of } from './support/tree.ts'

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
  const before = await sentBy(coordinator)
  const began = performance.now()
  const hash = await save(giver)
  for (const taker of takers) await shows(taker, hash)
  const sent = (await sentBy(coordinator)) - before
  console.log(
    `${TAKERS} nodes, ${SIZE_BYTES / MIB} MiB: ${(sent / SIZE_BYTES).toFixed(2)} copies sent, ${Math.round(performance.now() - began)} ms`,
  )
  expect(sent).toBeLessThan(2 * SIZE_BYTES)
  await Promise.all([giver, ...takers].map((node) => node.wait()))
}, 240_000)

test('without other nodes to ask, the coordinator sends a copy to each', async () => {
  const { coordinator, giver, takers } = await startNeighbours(false)
  const before = await sentBy(coordinator)
  const began = performance.now()
  const hash = await save(giver)
  for (const taker of takers) await shows(taker, hash)
  const sent = (await sentBy(coordinator)) - before
  console.log(`alone: ${(sent / SIZE_BYTES).toFixed(2)} copies sent, ${Math.round(performance.now() - began)} ms`)
  expect(sent).toBeGreaterThan((TAKERS - 0.5) * SIZE_BYTES)
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
    await node.wait()
  }
  const [giver, ...takers] = nodes
  if (giver === undefined) throw new Error('there is no node')
  return { coordinator, giver, takers }
}

/** Saves a large file in one go. Returns its hash. */
async function save(node: SyncNode): Promise<string> {
  const path = node.path('film.bin')
  await writeRandomFile(`${node.dir}.film`, SIZE_BYTES, 11)
  const hash = await sha256Of(`${node.dir}.film`)
  await rename(`${node.dir}.film`, path)
  return hash
}

async function shows(node: SyncNode, hash: string): Promise<void> {
  await eventually(`${node.name} has the file`, async () => expect(await sha256Of(node.path('film.bin'))).toBe(hash), {
    timeoutMs: 120_000,
  })
}

async function sentBy(coordinator: Coordinator): Promise<number> {
  return (await get(coordinator, '/api/metrics', MetricsSchema)).wire.bytesOut
}
