import { createHash, hash as hashOf } from 'node:crypto'
import { DigestSums, entryDigest } from '@causeway/engine'
import {
  NodeIdSchema,
  ROOT_ID,
  type ContentHash,
  type EntryId,
  type EntryState,
  type FolderId,
} from '@causeway/protocol'
import { openMemoryPackStore } from '@causeway/store'
import { createVirtualTime } from '@causeway/time'
import { Random } from '../random.ts'
import { SimulatedUser, textOf, treeOf } from '../simulated-user.ts'
import { Chance, NO_FAULTS } from './chance.ts'
import { readContent } from './direct-link.ts'
import { finish, pass, settle } from './event-loop.ts'
import { Network } from './network.ts'
import { SimulatedCoordinator } from './simulated-coordinator.ts'
import { SimulatedNode } from './simulated-node.ts'
import { SimulatedStore } from './simulated-store.ts'

export interface SimulationOptions {
  /** How many machines; drawn from the seed if left out. */
  readonly nodes?: number
  /** How many coordinators on one store; drawn from the seed if left out. */
  readonly coordinators?: number
  /** Hears every line of the trace as it happens. */
  readonly onLine?: (line: string) => void
}

export interface SimulationResult {
  readonly violations: readonly string[]
  /** What people did and what befell them. */
  readonly log: readonly string[]
  readonly faults: ReadonlyMap<string, number>
  /** A digest of everything that happened: the same for the same seed. */
  readonly trace: string
}

const STEPS = 40
const NAMES = ['atlas', 'birch', 'cedar', 'delta', 'elm', 'fir', 'gale', 'hazel']
const BEGIN_MS = 1_700_000_000_000
const DAY_MS = 86_400_000
/** Each node looks through everything at least so often. */
const WHOLE_SCAN_MS = 11 * 60_000
/** So often it is looked whether all have come to rest, and so many times. */
const LOOK_MS = 5_000
const MOST_LOOKS = 360

/** Runs one seed: people, machines and faults at random, then peace, then the invariants. */
export async function simulate(seed: number, options: SimulationOptions = {}): Promise<SimulationResult> {
  const world = await World.open(seed, options)
  try {
    await world.unrest()
    await world.peace()
    await world.deleteOne()
  } catch (error) {
    world.failed(error)
  }
  const result = await world.result()
  await world.close()
  return result
}

class World {
  readonly #random: Random
  readonly #chance: Chance
  readonly #time = createVirtualTime()
  readonly #user: SimulatedUser
  readonly #store: SimulatedStore
  readonly #canGoBack: boolean
  readonly #network: Network
  readonly #trace = createHash('sha256')
  readonly #violations: string[] = []
  readonly #log = (line: string): void => this.#note(line)
  readonly #onLine: (line: string) => void
  #coordinators: readonly SimulatedCoordinator[] = []
  #nodes: readonly SimulatedNode[] = []
  #folder = '' as FolderId
  /** Contents that only the history held when it was set back: no disk can give them back. */
  readonly #lostHistory = new Set<string>()
  /** By how much people have moved the clocks on their walls. */
  #aheadMs = 0
  #told = 0
  /** True while a person may want back what a halt holds back. */
  #regretsDeletes = true

  private constructor(random: Random, store: SimulatedStore, options: SimulationOptions & { canGoBack: boolean }) {
    this.#random = random
    this.#store = store
    this.#canGoBack = options.canGoBack
    this.#onLine = options.onLine ?? (() => undefined)
    this.#chance = new Chance(random)
    this.#user = new SimulatedUser(random)
    this.#network = new Network({ time: this.#time, chance: this.#chance, log: this.#log })
  }

  static async open(seed: number, options: SimulationOptions): Promise<World> {
    const random = new Random(seed)
    const canGoBack = random.chance(0.15)
    const world = new World(random, await SimulatedStore.open({ canGoBack }), { ...options, canGoBack })
    await world.#populate(options)
    return world
  }

  async #populate(options: SimulationOptions): Promise<void> {
    const random = this.#random
    const packs = openMemoryPackStore()
    const wallNow = (): number => BEGIN_MS + this.#aheadMs + Math.floor(this.#time.nowMs)
    const drawn = { coordinators: random.chance(0.3) ? 2 : 1, nodes: 2 + random.below(3) }
    const { coordinators = drawn.coordinators, nodes = drawn.nodes } = options
    this.#coordinators = Array.from({ length: coordinators }, (_, index) => {
      const name = `coordinator-${index + 1}`
      return new SimulatedCoordinator({
        name,
        time: this.#time,
        chance: this.#chance,
        packs,
        metadata: () => this.#store.metadata,
        wallNow,
        log: this.#log,
        onChange: (change) => {
          for (const other of this.#coordinators) {
            if (other.name === name || this.#chance.hits('lostHint')) continue
            this.#time.timers.after(this.#network.delayMs(), () => other.hint(change))
          }
        },
      })
    })
    this.#network.coordinators = this.#coordinators
    const [first] = this.#coordinators
    if (first === undefined) throw new Error('a world needs a coordinator')
    const { id } = await finish(this.#time, first.coordinator.folders.create('everything'))
    this.#folder = id
    const ids = NAMES.slice(0, nodes).map((name) => NodeIdSchema.parse(name))
    const at = new Date(wallNow()).toISOString()
    await this.#store.metadata.write(async (tx) => {
      for (const node of ids) {
        const about = { address: '', port: 0, publicKey: null, capabilities: [], watchDirectories: [], version: '0' }
        await tx.putNode({ id: node, name: node, ...about, registeredAt: at, lastSeenAt: at, revoked: false })
        await tx.putMembership({ folder: id, node, access: 'read-write', applied: 0, clock: {}, paused: false })
      }
    })
    this.#nodes = ids.map((node) => {
      return new SimulatedNode(node, {
        folder: id,
        network: this.#network,
        chance: this.#chance,
        time: this.#time,
        wallNow,
        log: this.#log,
        interfere: (other) => this.#user.act(other),
      })
    })
  }

  async unrest(): Promise<void> {
    this.#chance.drawRates()
    for (let step = 0; step < STEPS; step++) {
      await pass(this.#time, this.#random.below(this.#random.chance(0.1) ? 30_000 : 1_500))
      this.#somethingHappens()
      this.#decideHalts()
      if (!this.#canGoBack) continue
      if (step === Math.floor(STEPS / 3)) this.#store.save()
      if (step === STEPS - 8) await this.#goBack()
    }
  }

  /** Faults stop: every node must come to rest, and all must hold the same. */
  async peace(): Promise<void> {
    this.#log('-- peace')
    this.#chance.rates = NO_FAULTS
    for (const coordinator of this.#coordinators) if (!coordinator.isUp) coordinator.start()
    // Whatever was missed is found by the next scan of everything, without being asked for.
    await pass(this.#time, WHOLE_SCAN_MS)
    await this.#rest()
    await this.#check()
    if (this.#violations.length > 0) return
    await this.#checkNothingPlanned()
  }

  /** I4: a delete that follows everything stays. */
  async deleteOne(): Promise<void> {
    if (this.#violations.length > 0) return
    const [node] = this.#nodes
    if (node === undefined) return
    const { files } = treeOf(node.disk.user)
    if (files.length === 0) return
    const path = this.#random.pick(files)
    this.#regretsDeletes = false
    this.#log(`${node.id} removes ${path} last`)
    node.disk.user.remove(path)
    await this.#rest()
    for (const other of this.#nodes) {
      if (other.disk.user.read(path) !== undefined) this.#violations.push(`I4: ${path} came back on ${other.id}`)
    }
    await this.#check()
  }

  failed(error: unknown): void {
    this.#violations.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }

  async result(): Promise<SimulationResult> {
    this.#hearUser()
    const events = await this.#store.metadata.read((tx) => tx.eventsAfter(0, {}, 100_000))
    this.#trace.update(JSON.stringify(events))
    const { log } = this.#user
    return { violations: this.#violations, log, faults: this.#chance.counts, trace: this.#trace.digest('hex') }
  }

  async close(): Promise<void> {
    for (const node of this.#nodes) node.close()
    for (const coordinator of this.#coordinators) coordinator.kill()
    await settle()
    await this.#store.close()
  }

  #somethingHappens(): void {
    const node = this.#random.pick(this.#nodes)
    const coordinator = this.#random.pick(this.#coordinators)
    const dice = this.#random.next()
    if (dice < 0.7) this.#user.act(node)
    else if (dice < 0.75) node.cut()
    else if (dice < 0.79) node.kill()
    else if (dice < 0.83) this.#restartBefore(coordinator)
    else if (dice < 0.86) this.#nightPasses()
  }

  #restartBefore(coordinator: SimulatedCoordinator): void {
    if (!coordinator.isUp) return
    this.#log(`${coordinator.name} is killed`)
    coordinator.kill()
  }

  /** A day later by every clock on a wall: what was unused then goes now. */
  #nightPasses(): void {
    this.#log('-- a day passes')
    this.#aheadMs += DAY_MS + 3_600_000
    for (const coordinator of this.#coordinators) coordinator.keepUp()
  }

  /** A killed coordinator comes back. */
  #startThoseDown(): void {
    for (const coordinator of this.#coordinators) {
      if (!coordinator.isUp && this.#random.chance(0.5)) coordinator.start()
    }
  }

  async #goBack(): Promise<void> {
    this.#log('-- the coordinator is set back to its backup')
    for (const coordinator of this.#coordinators) coordinator.kill()
    await settle()
    const current = new Set(
      [...(await this.#live()).values()].map(({ content }) => (content.kind === 'file' ? content.hash : '')),
    )
    for (const content of (await this.#keptContents()).keys()) if (!current.has(content)) this.#lostHistory.add(content)
    await this.#store.restore()
    for (const coordinator of this.#coordinators) coordinator.start()
  }

  #decideHalts(): void {
    this.#startThoseDown()
    for (const node of this.#nodes) {
      const halted = node.status?.halted ?? null
      if (halted === null || node.status?.state !== 'halted') continue
      this.#log(`${node.id} halted: ${halted.reason}`)
      node.decide(this.#regretsDeletes && this.#random.chance(0.3) ? 'put-back' : 'let-go')
    }
  }

  async #rest(): Promise<void> {
    for (let look = 0; look < MOST_LOOKS; look++) {
      await pass(this.#time, LOOK_MS)
      this.#decideHalts()
      if (await this.#isAtRest()) return
    }
    const standing = this.#nodes.map(
      (node) => `${node.id} ${JSON.stringify(node.status)} ${JSON.stringify(node.pending())}`,
    )
    this.#violations.push(`I3: no rest after ${(MOST_LOOKS * LOOK_MS) / 60_000} minutes: ${standing.join('; ')}`)
  }

  async #isAtRest(): Promise<boolean> {
    const head = await this.#head()
    return this.#nodes.every((node) => {
      const { status } = node
      if (status === undefined || !node.isLinked || status.state !== 'idle') return false
      return status.cursor === head && status.pendingUp === 0 && status.pendingDown === 0
    })
  }

  async #head(): Promise<number> {
    return this.#store.metadata.read(async (tx) => (await tx.folder(this.#folder))?.head ?? 0)
  }

  /** The live entries by path, as the database has them. */
  async #live(): Promise<ReadonlyMap<string, EntryState>> {
    const states = await this.#store.metadata.read((tx) => tx.descendants(this.#folder, ROOT_ID))
    const byId = new Map<EntryId, EntryState>(states.map((state) => [state.id, state]))
    const pathOf = ({ parent, name }: EntryState): string => {
      const above = byId.get(parent)
      return above === undefined ? name : `${pathOf(above)}/${name}`
    }
    return new Map(states.map((state) => [pathOf(state), state]))
  }

  async #check(): Promise<void> {
    const live = await this.#live()
    const texts = await this.#keptTexts()
    this.#checkTrees(live, texts)
    this.#checkDigests(live)
    for (const text of this.#user.ledger.standing()) {
      const content = sha256(text)
      if (!texts.has(content) && !this.#lostHistory.has(content)) this.#violations.push(`I1: lost: ${shown(text)}`)
    }
  }

  /** The contents that the history names, with their sizes. */
  async #keptContents(): Promise<ReadonlyMap<ContentHash, number>> {
    return this.#store.metadata.read(async (tx) => {
      const found = new Map<ContentHash, number>()
      for await (const { entry } of tx.versionsAsOf(this.#folder, Number.MAX_SAFE_INTEGER)) {
        for (const { state } of await tx.versions(this.#folder, entry, { limit: 1000 })) {
          // What was deleted before a set-back may be known by its tombstone alone.
          if (state.content.kind === 'file' && !state.deleted) found.set(state.content.hash, state.content.size)
        }
      }
      return found
    })
  }

  /** Each of them, read back from the packs. */
  async #keptTexts(): Promise<ReadonlyMap<string, string>> {
    const contents = await this.#keptContents()
    const [{ coordinator } = { coordinator: undefined }] = this.#coordinators
    const texts = new Map<string, string>()
    for (const [content, size] of contents) {
      try {
        texts.set(
          content,
          size === 0 || coordinator === undefined ? '' : await readContent(coordinator, this.#folder, content),
        )
      } catch (error) {
        this.#violations.push(`I6: a content of the history can't be read: ${String(error)}`)
      }
    }
    return texts
  }

  #checkTrees(live: ReadonlyMap<string, EntryState>, texts: ReadonlyMap<string, string>): void {
    const expected = new Map(
      [...live].map(([path, { content }]) => [path, content.kind === 'file' ? texts.get(content.hash) : content.kind]),
    )
    for (const node of this.#nodes) {
      const { user } = node.disk
      const { files, directories } = treeOf(user)
      const actual = new Map([
        ...files.map((path) => [path, textOf(user, path)] as const),
        ...directories.map((path) => [path, 'directory'] as const),
      ])
      for (const path of new Set([...expected.keys(), ...actual.keys()])) {
        const [want, have] = [expected.get(path), actual.get(path)]
        if (want === have) continue
        const known = JSON.stringify(live.get(path))
        this.#violations.push(
          `I3: ${node.id} ${path}: has ${shown(have)}, the coordinator ${shown(want)} (${node.explain(path)}, coordinator ${known})`,
        )
      }
      for (const path of files) {
        const text = textOf(user, path)
        if (!this.#user.ledger.wasSaved(text))
          this.#violations.push(`I2: ${node.id} ${path} holds what nobody wrote: ${shown(text)}`)
      }
    }
  }

  /** I11: at rest, each node believes just what the coordinator holds. */
  #checkDigests(live: ReadonlyMap<string, EntryState>): void {
    const sums = new DigestSums()
    for (const state of live.values()) sums.add(state.parent, entryDigest(digest, state))
    for (const node of this.#nodes) {
      if (node.digest().differing(sums).length === 0) continue
      const held = [...live.values()].map(({ id }) => String(id))
      const believed = node.believed().map(({ id }) => id)
      const differing = [...believed.filter((id) => !held.includes(id)), ...held.filter((id) => !believed.includes(id))]
      this.#violations.push(`I11: ${node.id} believes something else: ${differing.join(', ')}`)
    }
  }

  async #checkNothingPlanned(): Promise<void> {
    const head = await this.#head()
    for (const node of this.#nodes) node.lookAtAll()
    await pass(this.#time, LOOK_MS)
    if ((await this.#head()) !== head) this.#violations.push('I3: nodes at rest still planned changes')
  }

  #note(line: string): void {
    this.#hearUser()
    this.#user.log.push(line)
    this.#hearUser()
  }

  /** Lines that people have caused since the last one. */
  #hearUser(): void {
    const { log } = this.#user
    for (; this.#told < log.length; this.#told++) {
      const line = `${Math.floor(this.#time.nowMs)} ${log[this.#told]}`
      this.#trace.update(`${line}\n`)
      this.#onLine(line)
    }
  }
}

function shown(text: string | undefined): string {
  return text === undefined || text.length < 80 ? String(text) : `${text.slice(0, 80)}… (${text.length})`
}

function digest(text: string): Uint8Array {
  return hashOf('sha256', text, 'buffer')
}

function sha256(text: string): string {
  return hashOf('sha256', text)
}
