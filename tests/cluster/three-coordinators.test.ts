import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { COORDINATOR_ID, FolderIdSchema } from '@causeway/protocol'
import { openPostgresMetadataStore, type MetadataStore } from '@causeway/store'
import { expect, test } from 'vitest'
import { startCluster, type Cluster } from '../support/cluster.ts'
import { EventFollower } from '../support/event-follower.ts'
import { eventually } from '../support/eventually.ts'
import { testLifetime } from '../support/hooks.ts'
import type { Lifetime } from '../support/lifetime.ts'
import { startNode, startNodeUnsynced, type SyncNode } from '../support/node.ts'
import { Random, writeRandomFile } from '../support/random.ts'
import { expectSameTrees } from '../support/tree.ts'

const NODES = Number(process.env['CLUSTER_NODES'] ?? 8)
const CALM_MS = Number(process.env['CLUSTER_CALM_MS'] ?? 3_000)
const MINUTES = 60_000
const WORK = FolderIdSchema.parse('work')
const ALL = 1_000_000

test(
  'whatever fails of a cluster under writing nodes, nothing is lost, missed or doubled',
  async () => {
    const life = testLifetime()
    const cluster = await startCluster(life, 3)
    const { balancer, coordinators, postgres, chunksLine, databaseLines, scratch } = cluster
    const nodes = await startNodes(life, cluster)
    const follower = EventFollower.open(life, `http://127.0.0.1:${balancer.port}`)
    const writers = nodes.map((node, index) => new Writer(node, index))
    for (const writer of writers) writer.begin()
    life.add(async () => void (await Promise.all(writers.map((writer) => writer.end()))))
    const large = (round: number) =>
      writeRandomFile(join(scratch, 'ash-1', `large ${round}.bin`), 9 * 1024 * 1024, round)

    for (const [index, coordinator] of coordinators.entries()) {
      await large(index)
      await sleep(CALM_MS)
      await coordinator.kill9()
      await sleep(CALM_MS)
      await coordinator.start()
    }
    await postgres.kill()
    await sleep(CALM_MS)
    await postgres.start()
    await sleep(CALM_MS)
    await large(3)
    chunksLine.stall()
    await sleep(2 * CALM_MS)
    chunksLine.mend()
    await sleep(CALM_MS)
    databaseLines[2]?.cut()
    await sleep(2 * CALM_MS)
    databaseLines[2]?.mend()
    await sleep(CALM_MS)
    // As a network that drops what is sent, and says nothing.
    databaseLines[0]?.stall()
    await sleep(2 * CALM_MS)
    databaseLines[0]?.cut()
    databaseLines[0]?.mend()
    await sleep(CALM_MS)
    await Promise.all(writers.map((writer) => writer.end()))

    await expectWritten(nodes, writers)
    const store = await openPostgresMetadataStore({ url: postgres.url })
    life.add(() => store.close())
    await expectOneLog(store)
    await expectAllHeard(store, follower)
    // Every content is in the stores, whatever coordinator took it, and none has to be asked of a node.
    expect(await store.read((tx) => tx.lostCount())).toBe(0)
    const link = await coordinators[1]?.invite({ folder: 'work', throughPort: balancer.port })
    const [first] = nodes
    if (first === undefined || link === undefined || coordinators[0] === undefined) throw new Error('there is no node')
    const late = await startNode(life, { coordinator: coordinators[0], dir: join(scratch, 'late'), name: 'late', link })
    await expectWritten([first, late], writers)
    for (const { process } of coordinators) expect(process.isRunning).toBe(true)
  },
  15 * MINUTES,
)

async function startNodes(life: Lifetime, { balancer, coordinators, scratch }: Cluster): Promise<SyncNode[]> {
  const nodes: SyncNode[] = []
  for (let index = 0; index < NODES; index++) {
    const coordinator = coordinators[index % coordinators.length]
    if (coordinator === undefined) throw new Error('there is no coordinator')
    const link = await coordinator.invite({ folder: 'work', throughPort: balancer.port })
    const name = `ash-${index + 1}`
    nodes.push(await startNodeUnsynced(life, { coordinator, dir: join(scratch, name), name, link }))
  }
  await Promise.all(nodes.map((node) => eventually(`${node.name} has joined`, () => node.status(), { everyMs: 500 })))
  return nodes
}

/** Writes to a directory of its own on one node, and knows what it has written. */
class Writer {
  readonly written = new Map<string, string>()
  readonly #node: SyncNode
  readonly #random: Random
  readonly #ending = new AbortController()
  #writing: Promise<void> = Promise.resolve()

  constructor(node: SyncNode, index: number) {
    this.#node = node
    this.#random = new Random(index + 1)
  }

  begin(): void {
    this.#writing = this.#write()
  }

  end(): Promise<void> {
    this.#ending.abort()
    return this.#writing
  }

  async #write(): Promise<void> {
    await mkdir(this.#node.path(this.#node.name))
    for (let count = 0; !this.#ending.signal.aborted; count++) {
      const name = `${this.#node.name}/${this.#random.below(30)}.txt`
      const text = `${count} ${this.#random.bytes(this.#random.below(3000)).toString('hex')}`
      await writeFile(this.#node.path(name), text)
      this.written.set(name, text)
      await sleep(400)
    }
  }
}

async function expectWritten(nodes: readonly SyncNode[], writers: readonly Writer[]): Promise<void> {
  await eventually(
    'every node has what was written on all',
    async () => {
      for (const node of nodes) {
        for (const { written } of writers) {
          for (const [name, text] of written) {
            if ((await readFile(node.path(name), 'utf8')) !== text) throw new Error(`${node.name} has an older ${name}`)
          }
        }
      }
      const trees = await Promise.all(nodes.map(async (node) => [node.name, await node.tree()] as const))
      expectSameTrees(Object.fromEntries(trees))
    },
    { timeoutMs: 4 * MINUTES, everyMs: 1_000 },
  )
}

/** Every position of the folder's log up to its head is there, and each operation of a node is in it once. */
async function expectOneLog(store: MetadataStore): Promise<void> {
  await store.read(async (tx) => {
    const { head = 0 } = (await tx.folder(WORK)) ?? {}
    expect(head).toBeGreaterThan(NODES * 5)
    const all = Array.from({ length: head }, (_, at) => at + 1)
    const versions = await Promise.all(all.map((seq) => tx.version(WORK, seq)))
    expect(versions.map((version) => version?.seq)).toEqual(all)
    const events = (await tx.eventsAfter(0, { folder: WORK }, ALL)).filter(({ node }) => node !== COORDINATOR_ID)
    const dots = events.map(({ node, counter }) => `${node} ${counter}`)
    expect(dots.filter((dot, at) => dots.indexOf(dot) !== at)).toEqual([])
  })
}

async function expectAllHeard(store: MetadataStore, follower: EventFollower): Promise<void> {
  const all = (await store.read((tx) => tx.eventsAfter(0, {}, ALL))).map(({ position }) => position)
  await eventually('a page has heard every event once and in order', () => expect(follower.heard()).toEqual(all))
}
