import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'
import { startCoordinator, type Coordinator } from './coordinator.ts'
import { eventually } from './eventually.ts'
import type { Lifetime } from './lifetime.ts'
import { startNode, type SyncNode } from './node.ts'
import { scratchDirectory } from './scratch.ts'
import { expectSameTrees, viewOf, type Tree } from './tree.ts'

/** A coordinator and three nodes that share one folder, all caught up. */
export interface Fleet {
  readonly scratch: string
  readonly coordinator: Coordinator
  readonly ash: SyncNode
  readonly birch: SyncNode
  readonly cedar: SyncNode
  readonly nodes: readonly SyncNode[]
}

export async function startFleet(life: Lifetime, env: NodeJS.ProcessEnv = {}): Promise<Fleet> {
  const scratch = await scratchDirectory(life)
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator'), env })
  const start = (name: string): Promise<SyncNode> => startNode(life, { coordinator, dir: join(scratch, name), name })
  const ash = await start('ash')
  const [birch, cedar] = await Promise.all([start('birch'), start('cedar')])
  return { scratch, coordinator, ash, birch, cedar, nodes: [ash, birch, cedar] }
}

/**
 * Waits until every node shows exactly `expected` below a path (see `viewOf`
 * for how entries are written), and then until their trees are the same to
 * the nanosecond.
 */
export async function expectEverywhere(
  { nodes }: Pick<Fleet, 'nodes'>,
  below: string,
  expected: Readonly<Record<string, string>>,
): Promise<void> {
  for (const node of nodes) {
    await eventually(`${node.name} shows what was expected below ${JSON.stringify(below)}`, async () => {
      const seen = await viewOf(node.dir, below)
      // The quick check first: a matcher's difference is only drawn up for people.
      if (!isDeepStrictEqual(seen, expected)) expect(seen).toEqual(expected)
    })
  }
  await expectSame(nodes)
}

/** Waits until all nodes say that they are done and their trees are equal; returns that tree. */
export async function converged(nodes: readonly SyncNode[], timeoutMs = 60_000): Promise<Tree> {
  // Twice: what a node sends in the first round, the others take in the second.
  await Promise.all(nodes.map((node) => node.wait()))
  await Promise.all(nodes.map((node) => node.wait()))
  return expectSame(nodes, timeoutMs)
}

async function expectSame(nodes: readonly SyncNode[], timeoutMs = 60_000): Promise<Tree> {
  return eventually(
    'all trees are equal',
    async () => {
      const trees = await Promise.all(nodes.map(async (node) => [node.name, await node.tree()] as const))
      expectSameTrees(Object.fromEntries(trees))
      return trees[0]?.[1] ?? new Map()
    },
    { timeoutMs },
  )
}
