import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { InProcess } from '../../apps/coordinator/src/test-support/in-process.ts'
import { DEFAULT_FOLDER, handClock } from '../../apps/coordinator/src/test-support/running.ts'
import {
  COORDINATOR_ID,
  CommitRequestSchema,
  encode,
  entryIdOf,
  EntryStateSchema,
  ContentHashSchema,
  isSyncError,
  LIMITS,
  ROOT_ID,
  type Access,
  type Content,
  type EntryId,
  type EntryState,
  type NodeId,
  type Operation,
  type VersionVector,
} from '@causeway/protocol'
import { openMemoryPackStore, type FolderRow } from '@causeway/store'
import { expect, test } from 'vitest'
import { HonestNode } from './honest-node.ts'

/** What a made-up message takes from: numbers that pick among what the folder holds by then, and values of its own. */
interface Forgery {
  readonly kind: 'create' | 'edit' | 'move' | 'delete' | 'offer'
  readonly picks: readonly number[]
  readonly counter: number
  readonly name: string
  readonly vectors: readonly VersionVector[]
  readonly deleted: boolean
  readonly approved: boolean
}

type Step =
  | { readonly by: 'hostile'; readonly forgeries: readonly Forgery[] }
  | { readonly by: 'honest'; readonly node: 0 | 1; readonly file: string; readonly text: string | null }
  | { readonly by: 'set-back' }

const counter = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(2 ** 31, 2 ** 32, 2 ** 40, LIMITS.counter))
const anyVector = fc.dictionary(
  fc.constantFrom('ash', 'birch', 'mallory', 'coordinator', 'ghost', 'toString'),
  counter,
  { maxKeys: 4 },
)
const anyName = fc.constantFrom('a', 'b', 'dir', 'mine', '.causeway', '.CAUSEWAY', 'é'.repeat(200), 'x'.repeat(255))
const anyForgery: fc.Arbitrary<Forgery> = fc.record({
  kind: fc.constantFrom('create', 'edit', 'move', 'delete', 'offer', 'offer'),
  picks: fc.array(fc.nat({ max: 30 }), { minLength: 4, maxLength: 4 }),
  counter: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 3 }) }, { weight: 1, arbitrary: counter }),
  name: anyName,
  vectors: fc.array(fc.oneof(fc.constant({}), anyVector), { minLength: 3, maxLength: 3 }),
  deleted: fc.boolean(),
  approved: fc.boolean(),
})
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      by: fc.constant('hostile' as const),
      forgeries: fc.array(anyForgery, { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      by: fc.constant('honest' as const),
      node: fc.constantFrom(0 as const, 1 as const),
      file: fc.constantFrom('a', 'dir/b', 'dir/c', 'd'),
      text: fc.option(fc.constantFrom('one', 'two', 'three')),
    }),
  },
  { weight: 1, arbitrary: fc.record({ by: fc.constant('set-back' as const) }) },
)

const hostile = 'mallory' as NodeId

class Run {
  readonly world: InProcess
  readonly honest: readonly [HonestNode, HonestNode]
  #counter = 0

  private constructor(world: InProcess, honest: readonly [HonestNode, HonestNode]) {
    this.world = world
    this.honest = honest
  }

  static async begin(access: Access): Promise<Run> {
    const world = await InProcess.open({ packs: openMemoryPackStore(), clock: handClock() })
    await world.coordinator.folders.create('default')
    const join = async (name: string) => new HonestNode(await world.enrol(name), DEFAULT_FOLDER, world.coordinator)
    const honest = [await join('ash'), await join('birch')] as const
    await world.enrol(hostile, access)
    return new Run(world, honest)
  }

  async close(): Promise<void> {
    for (const { state } of this.honest) state.close()
    await this.world.metadata.close()
  }

  async perform(step: Step): Promise<void> {
    if (step.by === 'hostile') return this.#attack(step.forgeries)
    if (step.by === 'set-back') return this.#proveSetBack()
    const node = this.honest[step.node]
    const { user } = node.disk
    if (step.text !== null) user.write(step.file, step.text)
    else if (user.read(step.file) !== undefined) user.remove(step.file)
    await node.cycle()
  }

  /** Cycles until nobody has anything to do; a halt is a person's to lift. */
  async settle(): Promise<void> {
    for (let round = 0; round < 30; round++) {
      const { head } = await this.folder()
      let busy = false
      for (const node of this.honest) {
        const report = await node.cycle()
        busy ||= report.changedAnything || report.pendingDown > 0
      }
      if (!busy && head === (await this.folder()).head) return
    }
    throw new Error('the honest nodes never came to rest')
  }

  folder() {
    return this.world.coordinator.folders.get(DEFAULT_FOLDER)
  }

  async states(): Promise<readonly EntryState[]> {
    return this.world.metadata.read((tx) => tx.changesAfter(DEFAULT_FOLDER, 0, 10_000))
  }

  /** Shows a position that this coordinator signed and the log has never reached. */
  async #proveSetBack(): Promise<void> {
    const folder = await folderOf(this.world)
    const seq = folder.head + 7
    const tag = this.world.coordinator.context.tags.make(folder, seq, '00'.repeat(8))
    await this.world.changes(hostile, { epoch: folder.epoch, seq, tag })
  }

  async #attack(forgeries: readonly Forgery[]): Promise<void> {
    const states = await this.states()
    const operations = forgeries.map((forgery) => this.#forged(forgery, states))
    const [first] = forgeries
    const contents = [{ hash: content.hash, bytes: BYTES }]
    const approved = first?.approved ?? false
    const request = { clock: first?.vectors[0] ?? {}, operations, contents, manifests: [], approved }
    const parsed = CommitRequestSchema.safeParse(request)
    // What the schema refuses never gets to the coordinator.
    if (!parsed.success) return
    try {
      await this.world.coordinator.commits.commit(DEFAULT_FOLDER, hostile, parsed.data)
    } catch (error) {
      if (!isSyncError(error, 'bad-request')) throw error
    }
  }

  #forged(forgery: Forgery, states: readonly EntryState[]): Operation {
    const { kind, picks, name, vectors } = forgery
    const [first = 0, second = 0, third = 0] = picks
    const [a = {}, b = {}, c = {}] = vectors
    this.#counter += forgery.counter
    const counter = Math.min(this.#counter, LIMITS.counter)
    const known = states[first % Math.max(states.length, 1)]
    const madeUp = [entryIdOf(hostile, counter), entryIdOf('ash' as NodeId, second + 1), ROOT_ID]
    const ids: readonly EntryId[] = [...states.map(({ id }) => id), ...madeUp]
    const entry = known?.id ?? entryIdOf(hostile, 1)
    const parent = ids[second % ids.length] ?? ROOT_ID
    const place = { parent, name }
    const made: Content = third % 2 === 0 ? content : { kind: 'directory', mode: 0o755 }
    if (kind === 'create') return { kind, counter, entry: entryIdOf(hostile, counter), place, content: made }
    const basedOn = third % 3 === 0 ? a : (known?.contentVector ?? a)
    if (kind === 'edit') return { kind, counter, entry, basedOn, basedOnHash: '', content: made }
    if (kind === 'move') return { kind, counter, entry, basedOn: known?.placeVector ?? a, place }
    if (kind === 'delete') return { kind, counter, entry, seenContent: basedOn, seenPlace: a, subtree: third % 2 === 0 }
    const id = third % 4 === 0 && known !== undefined ? known.id : (ids[third % ids.length] ?? entry)
    const vectorsOf = { contentVector: a, placeVector: b, existenceVector: c }
    const state = { id, seq: 1, ...place, content: made, deleted: forgery.deleted, ...vectorsOf }
    return { kind, counter, state }
  }
}

async function folderOf({ metadata }: InProcess): Promise<FolderRow> {
  const folder = await metadata.read((tx) => tx.folder(DEFAULT_FOLDER))
  if (folder === undefined) throw new Error('the folder is gone')
  return folder
}

const BYTES = new TextEncoder().encode('forged')
const content = {
  kind: 'file',
  hash: ContentHashSchema.parse(createHash('sha256').update(BYTES).digest('hex')),
  size: BYTES.length,
  mode: 0o644,
  mtimeNs: '0',
} as const

function expectTree(states: readonly EntryState[]): void {
  const byId = new Map(states.map((state) => [state.id, state]))
  const places = new Set<string>()
  for (const state of states) {
    expect(EntryStateSchema.safeParse(state).success, `${state.id} can be read`).toBe(true)
    if (state.deleted) continue
    const place = `${state.parent}/${state.name}`
    expect(places.has(place), `${place} is held once`).toBe(false)
    places.add(place)
    let depth = 1
    for (let at = state.parent; at !== ROOT_ID; depth++) {
      const directory = byId.get(at)
      expect(directory?.deleted, `${state.name} lies in a live directory`).toBe(false)
      expect(depth).toBeLessThan(LIMITS.depth)
      at = directory?.parent ?? ROOT_ID
    }
  }
}

/** Nobody is held up, whatever was sent: what an honest node saves arrives, and all honest disks are equal. */
async function expectInService(run: Run): Promise<void> {
  await run.settle()
  const [ash, birch] = run.honest
  ash.disk.user.write('proof of life', 'from ash')
  await run.settle()
  expect(birch.disk.user.read('proof of life') !== undefined).toBe(true)
  expect(birch.tree()).toEqual(ash.tree())
  expectTree(await run.states())
  const { clock } = await run.folder()
  expect(Object.keys(clock).length).toBeLessThan(300)
  for (const counter of Object.values(clock)) expect(counter).toBeLessThanOrEqual(LIMITS.counter)
  expect(clock[COORDINATOR_ID] ?? 0).toBeLessThan(LIMITS.counter / 100)
  expect(encode(await run.states()).length).toBeLessThan(1024 * 1024)
}

test('whatever well-formed messages a node sends, the others go on, end equal, and the folder stays a tree', async () => {
  const steps = fc.array(anyStep, { minLength: 3, maxLength: 14 })
  await fc.assert(
    fc.asyncProperty(steps, async (steps) => {
      const run = await Run.begin('read-write')
      try {
        for (const step of steps) await run.perform(step)
        await expectInService(run)
      } finally {
        await run.close()
      }
    }),
    { seed: 20_261_128, numRuns: 30 },
  )
}, 120_000)

test('whatever a node sends that only receives, nothing changes', async () => {
  const forgeries = fc.array(anyForgery, { minLength: 1, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(forgeries, async (forgeries) => {
      const run = await Run.begin('receive-only')
      try {
        await run.perform({ by: 'honest', node: 0, file: 'dir/a', text: 'one' })
        await run.perform({ by: 'set-back' })
        const before = await run.states()
        await run.perform({ by: 'hostile', forgeries })
        expect(await run.states()).toEqual(before)
      } finally {
        await run.close()
      }
    }),
    { seed: 20_261_128, numRuns: 20 },
  )
}, 120_000)
