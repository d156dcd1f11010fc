import { hash as digest } from 'node:crypto'
import { applySplice, signBlocks } from '@causeway/engine'
import { openDelta } from '@causeway/packing'
import {
  NodeIdSchema,
  onlyChunkOf,
  SyncError,
  decodeManifest,
  encodeManifest,
  type Access,
  type ChangeBatch,
  type ChangesRequest,
  type CommitRequest,
  type ContentHash,
  type Delta,
  type ChunkId,
  type NamedBytes,
  type NodeId,
  type Operation,
  type Patch,
} from '@causeway/protocol'
import { openReplicaState, type OpenReplicaState, type WatchHint } from '@causeway/replica'
import { createMemoryFiles, MemoryFolder, type FilesCall, type MemoryFiles, type UserSide } from '@causeway/testkit'
import { NO_DELTAS } from '../../link/test-support/no-deltas.ts'
import type { CoordinatorLink, SaveStopwatch, Transfer } from '../../ports.ts'
import { createSaveStopwatch } from '../../runner/save-stopwatch.ts'
import {
  CycleMemory,
  liftHalt,
  receiveChanges,
  runSyncCycle,
  type CycleContext,
  type CycleReport,
} from '../../sync-cycle.ts'
import { createTransfer } from '../../transfer/create-transfer.ts'
import { createNodeContents } from '../../transfer/down/node-contents.ts'

const START_MS = 1_700_000_000_000
const MOST_ROUNDS = 12

/** What a path holds: a file's text, `→ target` of a symlink, or `/` of a directory. */
export type Tree = Readonly<Record<string, string>>

/** Nodes over one coordinator, on a clock that only moves when told. */
export class World {
  nowMs = START_MS
  readonly nodes: TestNode[] = []
  readonly folder = new MemoryFolder(() => new Date(this.nowMs).toISOString())

  /** A node that carries the folder from now on, with an empty disk. */
  join(name: string, access: Access = 'read-write'): TestNode {
    const node = new TestNode(this, name, access)
    this.nodes.push(node)
    return node
  }

  /** Cycles of all nodes, until none has anything to do. Throws if that never comes. */
  async settle(): Promise<void> {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const { head } = this.folder
      let busy = false
      for (const node of this.nodes) {
        const report = await node.cycle()
        busy ||= report.changedAnything || report.rescan.length > 0
      }
      if (!busy && head === this.folder.head) return
    }
    throw new Error(`no rest after ${MOST_ROUNDS} rounds`)
  }

  /** What the coordinator holds. */
  tree(): Tree {
    const tree: Record<string, string> = {}
    for (const [path, { content }] of this.folder.paths()) {
      if (content.kind === 'directory') tree[path] = '/'
      else if (content.kind === 'symlink') tree[path] = `→ ${content.target}`
      else tree[path] = content.size > 0 ? new TextDecoder().decode(this.bytesOf(content.hash)) : ''
    }
    return tree
  }

  close(): void {
    for (const node of this.nodes) node.state.close()
  }

  /** What the coordinator's disk gives for a content; what it lost is left out. */
  bytesOf(content: ContentHash): Uint8Array {
    const held = this.folder.chunks.get(onlyChunkOf(content))
    if (held !== undefined) return held
    return Buffer.concat(
      this.folder.manifest(content).map(({ hash }) => this.folder.chunks.get(hash) ?? new Uint8Array()),
    )
  }
}

/** One node: the real cycle, transfer and state, over a disk in memory. */
export class TestNode {
  readonly id: NodeId
  readonly disk: MemoryFiles
  readonly state: OpenReplicaState
  /** Every call to the disk since the last `forgetCalls`. */
  readonly calls: FilesCall[] = []
  /** Every operation sent, answered or not. */
  readonly sent: Operation[] = []
  /** Bytes of chunks sent, and of chunks asked for. */
  readonly traffic = { up: 0, down: 0 }
  /** Every commit that was sent. */
  readonly commits: CommitRequest[] = []
  access: Access
  /** Called before each call to the disk; may throw or change the tree. */
  beforeDisk: (call: FilesCall) => void = () => undefined
  /** False on a system that can't say that nobody writes a file. */
  knowsWriters = true
  /** When something last happened on the disk, as far as anybody watches. */
  lastEventMs: number | null = null
  /** How much the disk holds. */
  capacityBytes = Infinity
  /** Called with each commit before it is sent; may throw. */
  beforeCommit: (request: CommitRequest) => void = () => undefined
  /** Called with each request for changes; may throw. */
  beforeChanges: (request: ChangesRequest) => void = () => undefined
  memory: CycleMemory
  /** How long each save took until the coordinator had it, by the world's clock. */
  readonly savesTookMs: number[] = []
  readonly saves: SaveStopwatch
  readonly #world: World
  readonly #transfer: Transfer
  #answersToLose = 0

  constructor(world: World, name: string, access: Access) {
    this.#world = world
    this.id = NodeIdSchema.parse(name)
    this.access = access
    let ticks = 0n
    this.saves = createSaveStopwatch({ now: () => world.nowMs, onSaved: (tookMs) => this.savesTookMs.push(tookMs) })
    this.disk = createMemoryFiles({
      capacityBytes: () => this.capacityBytes,
      now: () => BigInt(world.nowMs) * 1_000_000n + (ticks += 1n),
      beforeCall: (call) => {
        this.calls.push(call)
        this.beforeDisk(call)
      },
      knowsWriters: () => this.knowsWriters,
    })
    this.state = openReplicaState({ path: ':memory:', folder: world.folder.id, node: this.id })
    this.memory = new CycleMemory(this.state)
    const contents = createNodeContents(() => world.nowMs)
    contents.add({ files: this.disk.files, state: this.state })
    this.#transfer = createTransfer({
      folder: world.folder.id,
      files: this.disk.files,
      link: this.#link(),
      progress,
      now: () => world.nowMs,
      known: this.state,
      state: this.state,
      contents,
    })
  }

  get user(): UserSide {
    return this.disk.user
  }

  /** A whole cycle, `afterMs` from now: a second, by default, so that what was saved has come to rest. */
  cycle({
    afterMs = 1000,
    directories = [{ directory: '', recursive: true }],
    pull = true,
  }: CycleOptions = {}): Promise<CycleReport> {
    this.#world.nowMs += afterMs
    return runSyncCycle(this.context(), { directories, pull }, new AbortController().signal)
  }

  /** The next commit takes effect, but its answer never arrives. */
  loseNextAnswer(): void {
    this.#answersToLose += 1
  }

  /** A cycle that ends because the link broke. */
  async brokenCycle(options?: CycleOptions): Promise<void> {
    try {
      await this.cycle(options)
    } catch (error) {
      if (error instanceof SyncError && error.code === 'offline') return
      throw error
    }
    throw new Error('the link did not break')
  }

  /** What the coordinator has after this node's cursor arrives unasked. */
  push(): void {
    this.pushed(this.#world.folder.changes({ cursor: this.state.cursor(), limit: 4096 }, this.id))
  }

  /** A batch arrives unasked. */
  pushed(batch: ChangeBatch): void {
    receiveChanges(this.context(), batch)
  }

  /** The process ends and starts again: what was only in memory is gone. */
  async restart(): Promise<void> {
    this.memory = new CycleMemory(this.state)
    this.disk.restart()
    await this.disk.files.clearStaging()
  }

  /** A person has looked at the deletes that wait, and says they are meant. */
  approveDeletes(): void {
    liftHalt(this.context(), 'let-go')
  }

  /** A person wants back what is gone and held back. */
  putBack(): void {
    liftHalt(this.context(), 'put-back')
  }

  forgetCalls(): void {
    this.calls.length = 0
  }

  text(path: string): string | undefined {
    const bytes = this.user.read(path)
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes)
  }

  /** What is on the disk. */
  async tree(): Promise<Tree> {
    const tree: Record<string, string> = {}
    const directories = ['']
    for (const directory of directories) {
      for (const { name, stat } of (await this.disk.files.list(directory))?.entries ?? []) {
        const path = directory === '' ? name : `${directory}/${name}`
        if (stat.kind === 'directory') directories.push(path)
        if (stat.kind === 'directory') tree[path] = '/'
        else if (stat.kind === 'symlink') tree[path] = `→ ${await this.disk.files.readLink(path)}`
        else tree[path] = this.text(path) ?? ''
      }
    }
    return tree
  }

  context(): CycleContext {
    return {
      folder: this.#world.folder.id,
      node: this.id,
      nodeName: this.id,
      access: this.access,
      files: this.disk.files,
      state: this.state,
      link: this.#link(),
      transfer: this.#transfer,
      now: () => this.#world.nowMs,
      wallNow: () => this.#world.nowMs,
      lastEventMs: () => this.lastEventMs,
      progress,
      saves: this.saves,
      memory: this.memory,
    }
  }

  #link(): CoordinatorLink {
    const world = this.#world
    const { folder } = world
    const { traffic } = this
    return {
      ...NO_DELTAS,
      commit: async (_, request) => {
        this.beforeCommit(request)
        this.sent.push(...request.operations)
        this.commits.push(request)
        for (const { bytes } of request.contents) traffic.up += bytes.length
        for (const { deltas } of request.patches ?? []) for (const { bytes } of deltas) traffic.up += bytes.length
        for (const patch of request.patches ?? []) await takePatch(world, patch)
        const response = folder.commit({ id: this.id, name: this.id, access: this.access }, request)
        if (this.#answersToLose === 0) return response
        this.#answersToLose -= 1
        throw new SyncError('offline', 'the answer was lost')
      },
      changes: async (_, request) => {
        this.beforeChanges(request)
        return folder.changes(request, this.id)
      },
      compareDigest: async (_, request) => folder.compareDigest(request),
      digestEntries: async (_, request) => folder.digestEntries(request),
      entries: async (_, ids) => folder.entries(ids),
      missing: async (_, hashes) => folder.missing(hashes),
      sendDeltas: async (_, deltas) => {
        for (const { bytes } of deltas) traffic.up += bytes.length
        return (await Promise.all(deltas.map((delta) => rebuild(world, delta)))).flat()
      },
      signatures: async (_, { content, regions, blockBytes }) => {
        const bytes = world.bytesOf(content)
        return regions.map(({ offset, length }) => signBlocks(bytes.subarray(offset, offset + length), blockBytes))
      },
      upload: async (_, chunks) => {
        if (folder.noRoom !== null) throw new SyncError('disk-full', folder.noRoom)
        for (const { bytes } of chunks) traffic.up += bytes.length
        folder.upload(chunks)
      },
      manifest: async (_, content) => folder.manifest(content),
      async *fetch(_, hashes): AsyncIterable<NamedBytes> {
        for (const hash of hashes) {
          const bytes = folder.chunks.get(hash)
          if (bytes === undefined) throw new SyncError('chunk-missing', `chunk ${hash} is not held`)
          traffic.down += bytes.length
          yield { hash, bytes: new Uint8Array(bytes) }
        }
      },
    }
  }
}

/** As the coordinator does: what comes out wrong is not taken, and the commit then finds it missing. */
async function takePatch(world: World, { content, splice, deltas }: Patch): Promise<void> {
  await Promise.all(deltas.map((delta) => rebuild(world, delta)))
  const base = world.folder.manifests.get(splice.base)
  if (base === undefined) return
  const chunks = encodeManifest(applySplice(decodeManifest(base), splice.parts))
  if (digest('sha256', chunks) === splice.digest) world.folder.manifests.set(content, chunks)
}

/** The chunks that could not be rebuilt. */
async function rebuild(world: World, delta: Delta): Promise<readonly ChunkId[]> {
  const made = decodeManifest(delta.chunks)
  const { content, offset, length } = delta.base
  const region = world.bytesOf(content).subarray(offset, offset + length)
  const size = made.reduce((sum, chunk) => sum + chunk.size, 0)
  const plain = await openDelta(delta, region, size).catch(() => new Uint8Array())
  let at = 0
  return made.flatMap((chunk) => {
    const bytes = plain.subarray(at, (at += chunk.size))
    if (digest('sha256', bytes) !== chunk.hash) return [chunk.hash]
    world.folder.upload([{ hash: chunk.hash, bytes }])
    return []
  })
}

interface CycleOptions {
  readonly afterMs?: number
  readonly directories?: readonly WatchHint[]
  readonly pull?: boolean
}

const progress = { planned() {}, moved() {}, finished() {} }
