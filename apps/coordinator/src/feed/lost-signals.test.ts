import { createSignals, type SignalKeys, type Signals } from '@causeway/log'
import {
  encode,
  FolderIdSchema,
  LOG_START,
  type ChangeBatch,
  type CoordinatorMessage,
  type LiveMessage,
  type NodeId,
} from '@causeway/protocol'
import { openMemoryPackStore } from '@causeway/store'
import type { Timer } from '@causeway/time'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createCoordinator, type Coordinator } from '../coordinator.ts'
import { InProcess } from '../test-support/in-process.ts'
import { BY_ADMIN, createOf, DEFAULT_FOLDER, fileOf, handClock } from '../test-support/running.ts'
import { readSocketMessage } from '../test-support/socket-messages.ts'
import { createLinkSession, LOOK_AGAIN_MS } from './node-feed.ts'
import { ALL_RIGHTS } from '../access/person-rights.ts'
import { createLiveSession } from './page-feed.ts'

/** What becomes of one signal on its way from one coordinator to another. */
type Fate = 'comes' | 'lost' | 'doubled' | 'late'

const fates = fc.constantFrom<Fate>('comes', 'lost', 'doubled', 'late')
const acts = fc.constantFrom('save', 'brake', 'access', 'arrive')
const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

test('whatever becomes of the signals, nodes and pages at another coordinator hear everything once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(acts, fates), { maxLength: 25 }), async (steps) => {
      await using world = await World.open()
      for (const [act, fate] of steps) await world.do(act, fate)
      await world.lookAgain()
      expect(await world.headHeard()).toBe(steps.filter(([act]) => act === 'save').length)
    }),
    { numRuns: 25, seed: 7 },
  )
})

test('rights that a read found changed are told, though no signal was', async () => {
  await using world = await World.open()
  await world.do('access', 'lost')
  await world.do('save', 'comes')
  expect(await world.headHeard()).toBe(1)
})

test('what a node was offered is told once, however often it is looked up', async () => {
  await using world = await World.open()
  await world.writer.folders.create('photos')
  const offer = { folder: FolderIdSchema.parse('photos'), node: world.bob, access: 'read-write' } as const
  const at = '2026-01-01T00:00:00.000Z'
  await world.writer.context.metadata.write((tx) => tx.putAssignment({ ...offer, kind: 'offered', at }))
  await world.lookAgain()
  const told = () => world.sent.filter(({ kind }) => kind === 'assignments').length
  await poll(told).toBe(1)
  for (let round = 0; round < 3; round++) {
    await world.lookAgain()
    await world.do('save', 'comes')
    await world.headHeard()
  }
  expect(told()).toBe(1)
})

test('a node that was removed is cut off, also where no signal came through', async () => {
  await using world = await World.open()
  world.fate = 'lost'
  await world.writer.nodes.remove(world.bob, BY_ADMIN.by)
  expect(world.closed).toEqual([])
  await world.lookAgain()
  await poll(() => world.closed).toEqual([4403])
})

test('who could not hear others for a while reads what it missed as soon as it hears again', async () => {
  await using world = await World.open()
  await world.do('save', 'lost')
  await world.do('save', 'lost')
  world.hearAgain()
  expect(await world.headHeard()).toBe(2)
})

const poll: typeof expect.poll = (ask) => expect.poll(ask, { timeout: 20_000 })

const NEVER: Timer = { cancel() {}, unref: () => NEVER }

/** Two coordinators on one store: all that is done is done at one, and who listens is at the other. */
class World {
  readonly sent: CoordinatorMessage[] = []
  readonly shown: LiveMessage[] = []
  readonly closed: number[] = []
  readonly ada: NodeId
  readonly bob: NodeId
  readonly writer: Coordinator
  readonly reader: Coordinator
  fate: Fate = 'comes'
  readonly #home: InProcess
  readonly #arriving: Signals
  readonly #late: (() => void)[] = []
  readonly #looking: (() => void)[] = []
  readonly #ends: (() => void)[] = []
  #counter = 0

  private constructor(home: InProcess, [ada, bob]: readonly [NodeId, NodeId]) {
    this.#home = home
    this.writer = home.coordinator
    this.ada = ada
    this.bob = bob
    this.#arriving = createSignals(SILENT)
    this.reader = createCoordinator({
      id: 'test',
      logKey: '5e'.repeat(32),
      metadata: home.metadata,
      packs: openMemoryPackStore(),
      signals: this.#arriving,
      timers: { now: () => 0, after: () => NEVER, every: (milliseconds, work) => this.#beAsked(milliseconds, work) },
    })
    for (const topic of ['change', 'events', 'access', 'assigned', 'delete-brake', 'revoked'] as const)
      this.#carry(topic)
  }

  static async open(): Promise<World> {
    const home = await InProcess.open({ packs: openMemoryPackStore(), clock: handClock() })
    await home.coordinator.folders.create(DEFAULT_FOLDER)
    const world = new World(home, [await home.enrol('ada'), await home.enrol('bob')])
    await world.#listen()
    return world
  }

  async do(act: 'save' | 'brake' | 'access' | 'arrive', fate: Fate): Promise<void> {
    this.fate = fate
    const number = ++this.#counter
    if (act === 'save') {
      const { content, named } = fileOf(`text ${number}`)
      await this.#home.commit(this.ada, [createOf(this.ada, number, `file ${number}`, content)], { contents: [named] })
    } else if (act === 'brake') {
      await this.writer.folders.change(DEFAULT_FOLDER, { settings: { deleteBrakeMin: 20 + number } })
    } else if (act === 'access') {
      const access = number % 2 === 0 ? 'read-write' : 'receive-only'
      await this.writer.nodes.changeMember(DEFAULT_FOLDER, this.bob, { access })
    } else for (const arrive of this.#late.splice(0)) arrive()
  }

  hearAgain(): void {
    this.#arriving.publish('missed', {})
  }

  /** What nobody was told of is looked up. */
  async lookAgain(): Promise<void> {
    for (const look of this.#looking) look()
  }

  /** Fails unless both come to hear all there is. Resolves to the position of the log. */
  async headHeard(): Promise<number> {
    const { metadata } = this.#home
    const head = (await this.writer.changes.head(DEFAULT_FOLDER)).seq
    const events = await metadata.read((tx) => tx.eventsAfter(0, {}, 1000))
    await poll(() => this.#toldUpTo()).toBe(head)
    await poll(() => this.shown.flatMap((one) => (one.kind === 'event' ? [one.event.position] : []))).toEqual(
      events.map(({ position }) => position),
    )
    const [member] = await metadata.read((tx) => tx.memberships({ folder: DEFAULT_FOLDER, node: this.bob }))
    await poll(() => this.#last('access')?.access ?? 'read-write').toBe(member?.access)
    const folder = await metadata.read((tx) => tx.folder(DEFAULT_FOLDER))
    await poll(() => this.#last('delete-brake')?.deleteBrake.min ?? 20).toBe(folder?.settings.deleteBrakeMin)
    return head
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends) end()
    await this.reader.presence.settled()
    await this.#home.metadata.close()
  }

  async #listen(): Promise<void> {
    const link = createLinkSession(this.reader.context, this.reader, this.bob, {
      isFull: false,
      send: (bytes) => void this.sent.push(readSocketMessage(bytes)),
      close: (code) => void this.closed.push(code),
    })
    const page = createLiveSession(this.reader, ALL_RIGHTS, {
      send: (message) => void this.shown.push(message),
      drained: () => Promise.resolve(),
      close: (code) => void this.closed.push(code),
    })
    this.#ends.push(
      () => link.closed(),
      () => page.closed(),
    )
    page.receive(JSON.stringify({ subscribe: { after: 0 } }))
    await link.receive(encode({ kind: 'follow', folder: DEFAULT_FOLDER, cursor: LOG_START }))
  }

  #beAsked(milliseconds: number, work: () => void): Timer {
    if (milliseconds === LOOK_AGAIN_MS) this.#looking.push(work)
    return NEVER
  }

  #carry<Topic extends keyof SignalKeys>(topic: Topic): void {
    this.writer.context.signals.subscribe(topic, (key) => {
      const arrive = () => this.#arriving.publish(topic, key)
      if (this.fate === 'late') this.#late.push(arrive)
      else if (this.fate !== 'lost') arrive()
      if (this.fate === 'doubled') arrive()
    })
  }

  /** The position up to which the node was told the log, without a gap and nothing twice. */
  #toldUpTo(): number {
    const batches: readonly ChangeBatch[] = this.sent.flatMap((one) => (one.kind === 'changes' ? [one.batch] : []))
    return batches.reduce((seq, { after, cursor }) => {
      if (after !== seq) throw new Error(`the node stood at ${seq} and was told what follows ${after}`)
      return cursor.seq
    }, 0)
  }

  #last<Kind extends CoordinatorMessage['kind']>(kind: Kind): Extract<CoordinatorMessage, { kind: Kind }> | undefined {
    return this.sent.findLast((one): one is Extract<CoordinatorMessage, { kind: Kind }> => one.kind === kind)
  }
}
