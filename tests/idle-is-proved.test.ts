import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeAll, expect, test } from 'vitest'
import { startCoordinator, type Coordinator } from './support/coordinator.ts'
import { eventually } from './support/eventually.ts'
import { converged } from './support/fleet.ts'
import { shared } from './support/hooks.ts'
import { startNode, type SyncNode } from './support/node.ts'
import { scratchDirectory } from './support/scratch.ts'

interface Pair {
  readonly coordinator: Coordinator
  readonly ash: SyncNode
  readonly birch: SyncNode
}

const pair = shared(async (life): Promise<Pair> => {
  const scratch = await scratchDirectory(life)
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
  // As by itself, only sooner.
  const env = { CAUSEWAY_PROOF_GAP_MS: '1000' }
  const start = (name: string): Promise<SyncNode> =>
    startNode(life, { coordinator, dir: join(scratch, name), name, env })
  return { coordinator, ash: await start('ash'), birch: await start('birch') }
})

beforeAll(async () => {
  const { ash, birch } = pair()
  await mkdir(ash.path('docs/inner'), { recursive: true })
  for (let at = 0; at < 20; at++) await writeFile(ash.path('docs', `${at}.txt`), `text ${at}`)
  await writeFile(ash.path('docs/inner/deep.txt'), 'deep')
  await converged([ash, birch])
})

interface Proof {
  readonly state: string
  readonly provedAt: string | null
  readonly disagreement: {
    readonly entries: number
    readonly example: string
    readonly settledAt: string | null
  } | null
}

async function proofOf(node: SyncNode): Promise<Proof> {
  return (await node.status()) as unknown as Proof
}

/** Spoils what a stopped node remembers, and starts it again. */
async function spoil(node: SyncNode, work: (database: DatabaseSync) => void): Promise<void> {
  await node.stop()
  const database = new DatabaseSync(join(node.stateDir, 'folders/work.sqlite'))
  work(database)
  database.close()
  node.up()
}

async function healed(node: SyncNode): Promise<Proof> {
  return eventually(`${node.name} found the difference and put it right`, async () => {
    const proof = await proofOf(node)
    expect(proof).toMatchObject({ state: 'idle', disagreement: { settledAt: expect.any(String) } })
    return proof
  })
}

test('a node at rest says when it was shown to hold what the coordinator holds', async () => {
  const { birch } = pair()
  await eventually('it is proved', async () => {
    expect(await proofOf(birch)).toMatchObject({ state: 'idle', provedAt: expect.any(String), disagreement: null })
  })
  expect(await birch.cli('status')).toMatch(/in sync, proved \d+ s ago/)
})

test('files that a node has lost from its memory and its disk alike come back by themselves', async () => {
  const { ash, birch } = pair()
  await rm(birch.path('docs/inner/deep.txt'))
  await rm(birch.path('docs/3.txt'))
  await spoil(birch, (database) => {
    const { changes } = database.prepare("DELETE FROM base WHERE name IN ('deep.txt', '3.txt')").run()
    expect(Number(changes)).toBe(2)
  })
  const { disagreement } = await healed(birch)
  expect(disagreement).toMatchObject({ entries: 2, example: expect.stringMatching(/deep\.txt$|3\.txt$/) })
  await converged([ash, birch])
  expect(await birch.view('docs/inner')).toEqual({ 'deep.txt': 'deep' })
  expect(await birch.cli('status')).toMatch(/disagreed with the coordinator .* about 2 entries, such as docs/)
})

test('changes that a node passed over, believing that it had them, arrive all the same', async () => {
  const { ash, birch } = pair()
  await birch.stop()
  await writeFile(ash.path('docs/4.txt'), 'edited')
  await writeFile(ash.path('docs/new.txt'), 'new')
  await ash.wait()
  const of = (node: SyncNode): string => join(node.stateDir, 'folders/work.sqlite')
  await ash.stop()
  const source = new DatabaseSync(of(ash))
  const facts = source.prepare("SELECT key, value FROM fact WHERE key IN ('cursor', 'clock')").all()
  source.close()
  ash.up()
  const database = new DatabaseSync(of(birch))
  for (const { key, value } of facts)
    database.prepare('UPDATE fact SET value = ? WHERE key = ?').run(value ?? '', key ?? '')
  database.close()
  birch.up()
  await healed(birch)
  await converged([ash, birch])
  expect(await birch.view('docs')).toMatchObject({ '4.txt': 'edited', 'new.txt': 'new' })
})
