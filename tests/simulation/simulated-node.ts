import { coordinatorChunks } from '../../apps/agent/src/transfer/chunks/coordinator-chunks.ts'
import {
  CycleMemory,
  liftHalt,
  receiveChanges,
  runSyncCycle,
  type CycleContext,
  type CycleReport,
} from '../../apps/agent/src/sync-cycle.ts'
import { NO_DELTAS } from '../../apps/agent/src/link/test-support/no-deltas.ts'
import type { CoordinatorLink, Transfer } from '../../apps/agent/src/ports.ts'
import { isKnown } from '../../apps/agent/src/runner/folder-inbox.ts'
import { createSaveStopwatch } from '../../apps/agent/src/runner/save-stopwatch.ts'
import { basePath, chunkLengths, isSameVersion, sameContent, type DigestSums } from '@causeway/engine'
import {
  contentOfOnlyChunk,
  SyncError,
  encodeManifest,
  isChunkId,
  type EntryState,
  type FolderId,
  type ChunkId,
  type NamedBytes,
  type NodeId,
  type Operation,
} from '@causeway/protocol'
import { openReplicaState, type OpenReplicaState, type Stat } from '@causeway/replica'
import { createMemoryFiles, type MemoryFiles, type MemoryFolder } from '@causeway/testkit'
import { createHash } from 'node:crypto'
import type { Faults } from './faults.ts'
import { PushLine } from './push-line.ts'

const EVERYTHING = [{ directory: '', recursive: true }]

/** One node: the real cycle over a disk in memory, and a link that can fail. */
export class SimulatedNode {
  readonly id: NodeId
  readonly disk: MemoryFiles
  readonly #folder: MemoryFolder
  readonly #faults: Faults
  readonly #now: () => number
  readonly #log: string[]
  readonly #state: OpenReplicaState
  readonly #pushed: PushLine
  #unfollow: (() => void) | null = null
  #memory: CycleMemory

  constructor(name: string, folder: MemoryFolder, faults: Faults, world: { now: () => number; log: string[] }) {
    const { now } = world
    this.#log = world.log
    this.id = name as NodeId
    this.#folder = folder
    this.#faults = faults
    this.#pushed = new PushLine(faults)
    this.#now = now
    this.disk = createMemoryFiles({
      now: () => BigInt(now()) * 1_000_000n,
      beforeCall: (call) => faults.beforeDisk(this, call.method),
    })
    this.#state = openReplicaState({ path: ':memory:', folder: folder.id, node: this.id })
    this.#memory = new CycleMemory(this.#state)
  }

  get pendingCount(): number {
    return this.#state.pendingCount()
  }

  /** Takes what was pushed, then runs a cycle that asks only if nothing is pushed; or, where it `hears` nothing, sends alone. */
  async cycle(hears = true): Promise<CycleReport> {
    const context = this.#context()
    for (const batch of hears ? this.#pushed.arrived() : []) {
      if (!isKnown(batch, this.#state.cursor())) receiveChanges(context, batch)
    }
    const report = await runSyncCycle(
      context,
      { directories: EVERYTHING, pull: hears && !this.isFollowing },
      new AbortController().signal,
    )
    return report
  }

  get isFollowing(): boolean {
    return this.#unfollow !== null
  }

  /** True if a push to this node was lost: what it told of comes only when it is asked for. */
  get hasLostPush(): boolean {
    return this.#pushed.hasLost
  }

  /** The link is up: from the node's cursor on, changes are pushed. */
  follow(): void {
    this.unfollow()
    const cursor = this.#state.cursor()
    const missed = this.#folder.changes({ cursor, limit: 4096 }, this.id)
    if (missed.reset) return
    if (missed.cursor.seq > missed.after) this.#pushed.send(missed)
    this.#unfollow = this.#folder.follow(this.id, (batch) => this.#pushed.send(batch))
  }

  /** The link is down: what was on its way is lost. */
  unfollow(): void {
    this.#unfollow?.()
    this.#unfollow = null
    this.#pushed.clear()
  }

  /** What the node remembers of a path, for a violation's message. */
  explain(path: string): string {
    const entry = [...this.#state.baseAll()].find((base) => basePath(this.#state, base.id) === path)
    if (entry === undefined) return 'not in the base'
    const known = this.#folder.state(entry.id)
    return `base ${JSON.stringify([entry.id, entry.placeVector, entry.contentVector, entry.existenceVector])}, coordinator ${JSON.stringify(known)}`
  }

  /** What the node believes the folder to hold, in sums. */
  digest(): DigestSums {
    for (;;) {
      const sums = this.#state.countBeliefs(1000)
      if (sums !== undefined) return sums
    }
  }

  /** Where the node and the coordinator disagree, for a violation's message. */
  disbelieved(): string {
    const believed = new Map(this.#state.believedAfter('', 100_000).entries.map((entry) => [entry.id, entry]))
    const ids = new Set([...believed.keys(), ...[...this.#folder.paths().values()].map(({ id }) => id)])
    const shown = [...ids].flatMap((id) => {
      const [here, there] = [believed.get(id), this.#folder.state(id)]
      const isHere = here !== undefined && there !== undefined && !there.deleted
      const isSame = isHere
        ? here.parent === there.parent &&
          here.name === there.name &&
          sameContent(here, there) &&
          isSameVersion(here, there)
        : here === undefined && there?.deleted !== false
      return isSame ? [] : [`${JSON.stringify(here)}, coordinator ${JSON.stringify(there)}`]
    })
    return shown.join('; ')
  }

  pending(): readonly EntryState[] {
    return this.#state.pending()
  }

  /** What a person says who has looked at a halt. */
  approve(): void {
    liftHalt(this.#context(), 'let-go')
  }

  /** What a person says who wants back what is gone. */
  putBack(): void {
    liftHalt(this.#context(), 'put-back')
  }

  /** The process ends and starts again: what was only in memory is gone. */
  async restart(): Promise<void> {
    this.unfollow()
    this.#memory = new CycleMemory(this.#state)
    this.disk.restart()
    await this.disk.files.clearStaging()
  }

  close(): void {
    this.#state.close()
  }

  #context(): CycleContext {
    return {
      folder: this.#folder.id,
      node: this.id,
      nodeName: this.id,
      access: 'read-write',
      files: this.disk.files,
      state: this.#state,
      link: this.#link(),
      transfer: this.#transfer(),
      now: this.#now,
      wallNow: this.#now,
      lastEventMs: () => null,
      progress: { planned() {}, moved() {}, finished() {} },
      saves: createSaveStopwatch({ onSaved: () => undefined }),
      memory: this.#memory,
    }
  }

  #link(): CoordinatorLink {
    const folder = this.#folder
    const author = { id: this.id, name: this.id, access: 'read-write' } as const
    const over = async <T>(call: () => T): Promise<T> => {
      await this.#faults.beforeSend(this)
      const answer = call()
      await this.#faults.beforeAnswer(this)
      return answer
    }
    return {
      ...NO_DELTAS,
      commit: (_: FolderId, request) =>
        over(() => {
          const response = folder.commit(author, request)
          request.operations.forEach((operation, index) => {
            const outcome = response.outcomes[index]
            const detail = outcome?.kind === 'refused' ? `: ${outcome.detail}` : ''
            this.#log.push(`  ${operation.kind} ${describe(operation)} -> ${outcome?.kind}${detail}`)
          })
          return response
        }),
      changes: (_: FolderId, request) => over(() => folder.changes({ ...request, limit: 5 }, this.id)),
      compareDigest: (_: FolderId, request) => over(() => folder.compareDigest(request)),
      digestEntries: (_: FolderId, request) => over(() => folder.digestEntries(request)),
      entries: (_: FolderId, ids) => over(() => folder.entries(ids)),
      missing: (_: FolderId, hashes) => over(() => folder.missing(hashes)),
      upload: (_: FolderId, chunks) => over(() => folder.upload(chunks)),
      manifest: (_: FolderId, content) => over(() => folder.manifest(content)),
      async *fetch(_: FolderId, hashes: readonly ChunkId[]): AsyncIterable<NamedBytes> {
        for (const hash of hashes) yield await over(() => ({ hash, bytes: new Uint8Array(held(folder, hash)) }))
      },
    }
  }

  #transfer(): Transfer {
    const { files } = this.disk
    const link = this.#link()
    const id = this.#folder.id
    const transfer: Transfer = {
      uploadWhole: (path, stat, signal) => transfer.upload(path, stat, null, signal),
      async upload(path, stat: Stat) {
        const file = await files.open(path)
        if (file === undefined) return { kind: 'unstable', detail: 'gone' }
        const bytes = await file.read(0, stat.size)
        if (bytes.length !== stat.size || !(await file.isUnchanged())) return { kind: 'unstable', detail: 'changed' }
        let at = 0
        const chunks = chunkLengths(bytes).map((length) => {
          const slice = bytes.slice(at, (at += length))
          return { hash: hashOf(slice), bytes: slice }
        })
        await link.upload(id, chunks)
        const manifest = chunks.map((chunk) => ({ hash: chunk.hash, size: chunk.bytes.length }))
        return {
          kind: 'uploaded',
          hash: contentOfOnlyChunk(hashOf(bytes)),
          size: bytes.length,
          told: { kind: 'manifest', manifest },
          chunks: encodeManifest(manifest),
        }
      },
      chunks: coordinatorChunks(link, id),
      prefetch: () => undefined,
      dropPrefetched: async () => undefined,
      async download(content) {
        const staging = await files.stage(content.size)
        try {
          const manifest = await link.manifest(id, content.hash)
          for await (const { bytes } of link.fetch(
            id,
            manifest.map((chunk) => chunk.hash),
          ))
            await staging.write(bytes)
          return await staging.finish({ mode: content.mode, mtimeNs: BigInt(content.mtimeNs) })
        } catch (error) {
          await staging.discard()
          throw error
        }
      },
    }
    return transfer
  }
}

function describe(operation: Operation): string {
  if (operation.kind === 'offer')
    return `${operation.state.id} ${operation.state.deleted ? 'deleted' : operation.state.name}`
  const place =
    operation.kind === 'create' || operation.kind === 'move'
      ? ` at ${operation.place.parent}/${operation.place.name}`
      : ''
  return `${operation.entry}${place}`
}

function held(folder: MemoryFolder, hash: ChunkId): Uint8Array {
  const bytes = folder.chunks.get(hash)
  if (bytes === undefined) throw new SyncError('chunk-missing', `chunk ${hash} is not held`)
  return bytes
}

function hashOf(bytes: Uint8Array): ChunkId {
  const hex = createHash('sha256').update(bytes).digest('hex')
  if (!isChunkId(hex)) throw new Error('no hash')
  return hex
}
