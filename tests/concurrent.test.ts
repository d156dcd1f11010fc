import { chmod, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startLinkProxy } from '../bench/peers/network/link-proxy.ts'
import { startCoordinator } from './support/coordinator.ts'
import { converged } from './support/fleet.ts'
import { testLifetime } from './support/hooks.ts'
import { startNodeUnsynced, type SyncNode } from './support/node.ts'
import { scratchDirectory } from './support/scratch.ts'

/** News takes a quarter of a second each way: what two nodes do within a moment is concurrent. */
const LINK = { bitsPerSecond: 1e9, roundTripMs: 500 }
const APART_MS = 60

type Act = (at: (path: string) => string) => Promise<unknown>

/** Two changes at once, and what is there afterwards, whichever comes first; names of rivals are left out. */
const SITUATIONS: readonly {
  readonly name: string
  readonly before: Readonly<Record<string, string>>
  readonly one: Act
  readonly other: Act
  readonly after: readonly string[]
}[] = [
  {
    name: 'move-out-of-deleted',
    before: { 'd/s/y': 'y', 'd/x': 'x' },
    one: (at) => rename(at('d/s'), at('s')),
    other: (at) => rm(at('d'), { recursive: true }),
    after: ['s/y=y'],
  },
  {
    name: 'move-into-deleted',
    before: { 'd/x': 'x', 's/y': 'y' },
    one: (at) => rename(at('s'), at('d/s')),
    other: (at) => rm(at('d'), { recursive: true }),
    after: ['d/s/y=y'],
  },
  {
    name: 'rename-of-deleted',
    before: { 'd/x': 'x', 'd/s/y': 'y' },
    one: (at) => rename(at('d'), at('e')),
    other: (at) => rm(at('d'), { recursive: true }),
    after: ['e/s/y=y', 'e/x=x'],
  },
  {
    name: 'delete-in-renamed',
    before: { 'd/x': 'x', 'd/y': 'y' },
    one: (at) => rm(at('d/x')),
    other: (at) => rename(at('d'), at('e')),
    after: ['e/y=y'],
  },
  {
    name: 'mode-and-bytes',
    before: { f: 'old' },
    one: (at) => chmod(at('f'), 0o755),
    other: (at) => writeFile(at('f'), 'new'),
    after: ['f=new'],
  },
  {
    name: 'rename-onto-same-bytes',
    before: { f: 'same' },
    one: (at) => rename(at('f'), at('g')),
    other: (at) => writeFile(at('g'), 'same'),
    after: ['g=same'],
  },
  {
    name: 'rename-onto-new-directory',
    before: { 'old/x': 'x' },
    one: (at) => rename(at('old'), at('new')),
    other: async (at) => {
      await mkdir(at('new'))
      await writeFile(at('new/z'), 'z')
    },
    after: ['x=x', 'z=z'],
  },
  {
    name: 'edit-in-deleted',
    before: { 'd/x': 'x', 'd/s/y': 'y' },
    one: (at) => writeFile(at('d/x'), 'edited'),
    other: (at) => rm(at('d'), { recursive: true }),
    after: ['d/x=edited'],
  },
]

test(
  'over a link of half a second, two changes at once end the same on all nodes, whichever comes first',
  { timeout: 300_000 },
  async () => {
    const nodes = await threeNodes()
    const [ash, birch] = nodes
    if (ash === undefined || birch === undefined) throw new Error('there are no nodes')
    const cases = SITUATIONS.flatMap((situation) =>
      (['first', 'second'] as const).map((turn) => ({ ...situation, turn, below: `${situation.name}-${turn}` })),
    )
    for (const { below, before } of cases) {
      for (const [path, text] of Object.entries(before)) {
        await mkdir(join(ash.path(below, path), '..'), { recursive: true })
        await writeFile(ash.path(below, path), text)
      }
    }
    await converged(nodes, 120_000)
    for (const { below, one, other, turn } of cases) {
      const acts = [() => one((path) => ash.path(below, path)), () => other((path) => birch.path(below, path))]
      for (const act of turn === 'first' ? acts : acts.reverse()) {
        await act()
        await sleep(APART_MS)
      }
    }
    await converged(nodes, 120_000)
    for (const { below, after } of cases) {
      const found = Object.entries(await ash.view(below)).map(([path, text]) => `${path}=${text}`)
      const ends = after.map((end) => found.find((line) => line === end || line.endsWith(`/${end}`)) ?? `no ${end}`)
      expect([below, ...found.sort()]).toEqual([below, ...ends.sort()])
    }
    for (const turn of ['first', 'second']) {
      expect((await stat(birch.path(`mode-and-bytes-${turn}`, 'f'))).mode & 0o777).toBe(0o755)
    }
  },
)

async function threeNodes(): Promise<readonly SyncNode[]> {
  const life = testLifetime()
  const scratch = await scratchDirectory(life)
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
  const target = { host: '127.0.0.1', port: coordinator.port }
  const start = async (name: string): Promise<SyncNode> => {
    const proxy = await startLinkProxy({ listen: '127.0.0.1', target, shape: LINK })
    life.add(() => proxy.close())
    const link = await coordinator.invite({ folder: 'work', throughPort: proxy.port })
    return startNodeUnsynced(life, { coordinator, dir: join(scratch, name), name, link })
  }
  const nodes = [await start('ash'), await start('birch'), await start('cedar')]
  for (const node of nodes) await node.wait()
  return nodes
}
