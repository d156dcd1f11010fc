import { join } from 'node:path'
import { askControl } from '../../apps/agent/src/state/control.ts'
import { stateLocations } from '../../apps/agent/src/state/locations.ts'
import { eventually } from '../support/eventually.ts'
import type { SyncNode } from '../support/node.ts'
import { treeOf, type Tree } from '../support/tree.ts'
import { expectTree, stagedNames } from './checks.ts'

/** Longer than any node needs that is not stuck. */
const PATIENCE_MS = 60_000

/** What must be true of nodes that are in step: each holds `expected` below a path, all are equal, nothing is left over. */
export async function expectInStep(nodes: readonly SyncNode[], below: string, expected: Tree): Promise<void> {
  for (const node of nodes) {
    await eventually(`${node.name} holds what it should`, () => expectHolds(node, below, expected), {
      timeoutMs: PATIENCE_MS,
      everyMs: 150,
    })
  }
  for (const node of nodes) await untilDone(node)
  const [first, ...others] = nodes
  if (first === undefined) return
  await expectHolds(first, below, expected)
  const tree = await first.tree()
  for (const other of others) expectTree(other.name, await other.tree(), tree)
  for (const node of nodes) {
    await eventually(
      `${node.name} has an empty staging area`,
      async () => {
        const names = await stagedNames(node.dir)
        if (names.length > 0) throw new Error(`left in the staging area: ${names.join(', ')}`)
      },
      { timeoutMs: 20_000 },
    )
  }
}

/** As `causeway wait`, without a process of its own. */
export async function untilDone(node: SyncNode): Promise<void> {
  const { control } = stateLocations(node.stateDir)
  await eventually(
    `${node.name} says that it is done`,
    async () => askControl(control, { kind: 'wait' }, AbortSignal.timeout(PATIENCE_MS)),
    { timeoutMs: PATIENCE_MS },
  )
}

async function expectHolds(node: SyncNode, below: string, expected: Tree): Promise<void> {
  expectTree(node.name, await treeOf(join(node.dir, below)), expected)
}
