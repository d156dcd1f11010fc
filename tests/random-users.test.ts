import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { HistoryResponseSchema } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { eventsAfter, get } from './support/api.ts'
import type { Coordinator } from './support/coordinator.ts'
import { converged, startFleet } from './support/fleet.ts'
import { testLifetime } from './support/hooks.ts'
import type { SyncNode } from './support/node.ts'
import { Random } from './support/random.ts'
import { treeOf, type Tree } from './support/tree.ts'

const ROUNDS = 5
const OPERATIONS_PER_ROUND = 20
const NAMES = ['a', 'b', 'c', 'd'] as const

test(
  'a hundred random operations on three nodes at once converge, and no content is lost',
  { timeout: 300_000 },
  async () => {
    const seed = Number(process.env['CAUSEWAY_SEED'] ?? Math.floor(Math.random() * 2 ** 32))
    process.stderr.write(`random-users: CAUSEWAY_SEED=${seed}\n`)
    const random = new Random(seed)
    const fleet = await startFleet(testLifetime())
    const { nodes, coordinator } = fleet
    const stable = new Map<string, string>()
    const done: string[] = []

    for (let round = 0; round < ROUNDS; round++) {
      for (let i = 0; i < OPERATIONS_PER_ROUND; i++) {
        const node = random.pick(nodes)
        const operation = randomOperation(random, `${round}.${i}`)
        const happened = await operation.run(node.dir).then(
          () => 'done',
          (error: Error) => error.message.split(',')[0],
        )
        done.push(`${node.name}: ${operation.title}: ${happened}`)
        if (random.below(4) === 0) await sleep(random.below(60))
      }
      // Nobody touches anything from here on: what lies on a node now is stable, whoever else has other plans for it.
      for (const node of nodes) await note(node, stable)
      await letThrough(nodes)
      await converged(nodes).catch((cause: Error) => {
        throw new Error(`seed ${seed}, round ${round}: ${cause.message}\n${done.join('\n')}`, { cause })
      })
    }

    const tree = await converged(nodes)
    const findable = new Set([...hashesOf(tree), ...(await keptHashes(coordinator))])
    const lost = [...stable].filter(([hash]) => !findable.has(hash)).map(([hash, where]) => `${hash} (${where})`)
    expect(lost, `seed ${seed}\n${done.join('\n')}`).toEqual([])
    expect(stable.size).toBeGreaterThan(10)

    // Once all is equal, nobody has anything left to do.
    const before = (await eventsAfter(coordinator, 0)).length
    await converged(nodes)
    expect(await eventsAfter(coordinator, 0)).toHaveLength(before)
  },
)

/** Random people may well delete more than half of what is left: where the brake holds them, they say that they mean it. */
async function letThrough(nodes: readonly SyncNode[]): Promise<void> {
  for (const node of nodes) {
    const { code } = await node.run('wait', '--timeout', '90')
    if (code === 4) await node.cli('resume', 'work')
  }
}

interface Operation {
  readonly title: string
  readonly run: (root: string) => Promise<unknown>
}

/** What a person may do; some find nothing to do it to, which is as it should be. */
function randomOperation(random: Random, mark: string): Operation {
  const [path, other] = [randomPath(random), randomPath(random)]
  const text = `${mark} ${'.'.repeat(random.below(50))}`
  switch (random.below(10)) {
    case 0:
      return { title: `remove ${path}`, run: (root) => rm(join(root, path), { recursive: true }) }
    case 1:
    case 2:
      return { title: `rename ${path} to ${other}`, run: (root) => rename(join(root, path), join(root, other)) }
    case 3:
      return { title: `make directory ${path}`, run: (root) => mkdir(join(root, path), { recursive: true }) }
    case 4:
      return {
        title: `copy ${path} to ${other}`,
        run: async (root) => writeFile(join(root, other), await readFile(join(root, path))),
      }
    default:
      return {
        title: `write ${path}`,
        run: async (root) => {
          await mkdir(dirname(join(root, path)), { recursive: true })
          await writeFile(join(root, path), text)
        },
      }
  }
}

function randomPath(random: Random): string {
  return Array.from({ length: 1 + random.below(3) }, () => random.pick(NAMES)).join('/')
}

/** Reading while the nodes apply may meet a tree in motion: what moves is not stable, the rest is read again. */
async function note(node: SyncNode, stable: Map<string, string>): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    try {
      for (const [path, entry] of await treeOf(node.dir)) {
        if (entry.kind === 'file') stable.set(entry.sha256, `${node.name}: ${path}`)
      }
      return
    } catch {
      await sleep(20)
    }
  }
}

function hashesOf(tree: Tree): string[] {
  return [...tree.values()].flatMap((entry) => (entry.kind === 'file' ? [entry.sha256] : []))
}

/** The hash of every version of every entry there ever was. */
async function keptHashes(coordinator: Coordinator): Promise<Set<string>> {
  const entries = new Set((await eventsAfter(coordinator, 0)).flatMap(({ entry }) => (entry === null ? [] : [entry])))
  const hashes = new Set<string>()
  for (const entry of entries) {
    const { versions } = await get(coordinator, '/api/v1/folders/work/history', HistoryResponseSchema, {
      entry,
      limit: 1000,
    })
    for (const { content } of versions) if (content.kind === 'file') hashes.add(content.hash)
  }
  return hashes
}
