import { isSyncError } from '@causeway/protocol'
import { MemoryFolder } from '@causeway/testkit'
import { Crash, Faults, NO_FAULTS } from './faults.ts'
import { Random } from './random.ts'
import { SimulatedNode, hashOf } from './simulated-node.ts'
import { SimulatedUser, textOf, treeOf } from './simulated-user.ts'

const STEPS = 60
const MOST_ROUNDS = 40

export interface SimulationResult {
  readonly violations: readonly string[]
  readonly log: readonly string[]
  readonly faults: ReadonlyMap<string, number>
  /** A digest of everything that happened: the same for the same seed. */
  readonly trace: string
}

/** Runs one seed: people, nodes and faults at random, then peace, then the invariants. */
export async function simulate(seed: number): Promise<SimulationResult> {
  const simulation = new Simulation(seed)
  try {
    await simulation.unrest()
    await simulation.peace()
    await simulation.deleteOne()
  } catch (error) {
    simulation.failed(error)
  } finally {
    simulation.close()
  }
  return simulation.result()
}

class Simulation {
  readonly #random: Random
  readonly #user: SimulatedUser
  readonly #folder: MemoryFolder
  readonly #faults: Faults
  readonly #nodes: readonly SimulatedNode[]
  readonly #violations: string[] = []
  #nowMs = 1_700_000_000_000
  /** True while a person may want back what a halt holds back. */
  #regretsDeletes = true

  constructor(seed: number) {
    this.#random = new Random(seed)
    this.#user = new SimulatedUser(this.#random)
    this.#folder = new MemoryFolder(() => new Date(this.#nowMs).toISOString())
    this.#faults = new Faults(this.#random, (node) => this.#user.act(node))
    const names = ['atlas', 'birch', 'cedar', 'delta'].slice(0, 2 + this.#random.below(3))
    this.#nodes = names.map(
      (name) => new SimulatedNode(name, this.#folder, this.#faults, { now: () => this.#tick(), log: this.#user.log }),
    )
  }

  close(): void {
    for (const node of this.#nodes) node.close()
  }

  failed(error: unknown): void {
    this.#violations.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }

  async unrest(): Promise<void> {
    // Each seed has its own mix: some runs are calm, some are hit from every side.
    const rate = (most: number): number => (this.#random.chance(0.5) ? this.#random.next() * most : 0)
    this.#faults.rates = {
      offline: rate(0.1),
      lostAnswer: rate(0.2),
      crash: rate(0.02),
      diskError: rate(0.03),
      interference: rate(0.05),
      latePush: rate(0.5),
      repeatedPush: rate(0.3),
      lostPush: rate(0.1),
    }
    const rollsBack = this.#random.chance(0.15)
    let backup: ReturnType<MemoryFolder['save']> | null = null
    for (let step = 0; step < STEPS; step++) {
      this.#nowMs += this.#random.below(500)
      const node = this.#random.pick(this.#nodes)
      if (this.#random.chance(0.5)) this.#user.act(node)
      else await this.#cycle(node)
      if (this.#random.chance(0.1)) {
        if (this.#random.chance(0.6)) node.follow()
        else node.unfollow()
      }
      if (rollsBack && step === STEPS / 3) backup = this.#folder.save()
      if (rollsBack && backup !== null && step === STEPS - 10) {
        this.#user.log.push('-- the coordinator is set back to its backup')
        this.#folder.restore(backup)
        for (const other of this.#nodes) other.unfollow()
      }
    }
  }

  /** Faults stop: every node must come to rest, and all must hold the same. */
  async peace(): Promise<void> {
    this.#faults.rates = NO_FAULTS
    for (const node of this.#nodes) if (node.hasLostPush || this.#random.chance(0.5)) node.follow()
    await this.#settle()
    this.#checkTrees()
    this.#checkDigests()
    this.#checkNothingLost()
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
    node.disk.user.remove(path)
    await this.#settle()
    for (const other of this.#nodes) {
      if (other.disk.user.read(path) !== undefined) this.#violations.push(`I4: ${path} came back on ${other.id}`)
    }
    this.#checkTrees()
    this.#checkDigests()
  }

  result(): SimulationResult {
    const trace = hashOf(new TextEncoder().encode(JSON.stringify([this.#user.log, this.#folder.events])))
    return { violations: this.#violations, log: this.#user.log, faults: this.#faults.counts, trace }
  }

  #tick(): number {
    this.#nowMs += 1
    return this.#nowMs
  }

  async #cycle(node: SimulatedNode): Promise<boolean> {
    this.#user.log.push(`${node.id} cycle`)
    try {
      const report = await node.cycle()
      for (const { path, code, message } of report.problems) this.#user.log.push(`  problem ${path} ${code} ${message}`)
      if (report.pendingDown + report.pendingUp > 0)
        this.#user.log.push(`  pending up ${report.pendingUp} down ${report.pendingDown}`)
      if (report.halted !== null) {
        this.#user.log.push(`${node.id} halted: ${report.halted.reason}`)
        if (this.#regretsDeletes && this.#random.chance(0.3)) node.putBack()
        else node.approve()
      }
      return report.changedAnything || report.rescan.length > 0 || report.pendingDown > 0 || report.halted !== null
    } catch (error) {
      this.#user.log.push(`${node.id} ${String(error)}`)
      // What was pushed may be half taken: the runner asks anew.
      node.unfollow()
      if (error instanceof Crash) await node.restart()
      else if (!isSyncError(error, 'offline') && !isSyncError(error, 'io-error')) throw error
      return true
    }
  }

  async #settle(): Promise<void> {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      this.#nowMs += 1000
      const head = this.#folder.head
      let busy = false
      for (const node of this.#nodes) busy = (await this.#cycle(node)) || busy
      if (!busy && head === this.#folder.head) return
    }
    const pending = this.#nodes.map((node) => `${node.id} ${JSON.stringify(node.pending())}`)
    this.#violations.push(`I3: no rest after ${MOST_ROUNDS} rounds: ${pending.join('; ')}`)
  }

  #checkTrees(): void {
    const expected = new Map<string, string>()
    for (const [path, state] of this.#folder.paths()) {
      const bytes =
        state.content.kind === 'file' && state.content.size > 0
          ? this.#folder.chunks.get(state.content.hash)
          : new Uint8Array()
      expected.set(path, state.content.kind === 'file' ? new TextDecoder().decode(bytes) : state.content.kind)
    }
    for (const node of this.#nodes) {
      const { user } = node.disk
      const { files, directories } = treeOf(user)
      const actual = new Map([
        ...files.map((path) => [path, textOf(user, path)] as const),
        ...directories.map((path) => [path, 'directory'] as const),
      ])
      for (const path of new Set([...expected.keys(), ...actual.keys()])) {
        const [want, have] = [expected.get(path), actual.get(path)]
        if (want !== have)
          this.#violations.push(`I3: ${node.id} ${path}: has ${have}, the coordinator ${want} (${node.explain(path)})`)
      }
      for (const path of files) {
        const text = textOf(user, path)
        if (!this.#user.ledger.wasSaved(text))
          this.#violations.push(`I2: ${node.id} ${path} holds what nobody wrote: ${text}`)
      }
    }
  }

  /** I11: at rest, each node believes just what the coordinator holds. */
  #checkDigests(): void {
    for (const node of this.#nodes) {
      const buckets = node.digest().differing(this.#folder.digest())
      if (buckets.length > 0) this.#violations.push(`I11: ${node.id} believes something else: ${node.disbelieved()}`)
    }
  }

  /** I1: whatever nobody gave up is in a tree or in the history. */
  #checkNothingLost(): void {
    const kept = new Set<string>(
      this.#folder.versions.map(({ state }) => (state.content.kind === 'file' ? state.content.hash : '')),
    )
    for (const text of this.#user.ledger.standing()) {
      if (!kept.has(hashOf(new TextEncoder().encode(text)))) this.#violations.push(`I1: lost: ${text}`)
    }
  }

  async #checkNothingPlanned(): Promise<void> {
    const head = this.#folder.head
    for (const node of this.#nodes) await this.#cycle(node)
    if (this.#folder.head !== head) this.#violations.push('I3: nodes at rest still planned changes')
  }
}
