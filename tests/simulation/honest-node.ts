import { CycleMemory, runSyncCycle, type CycleContext, type CycleReport } from '../../apps/agent/src/sync-cycle.ts'
import { NO_DELTAS } from '../../apps/agent/src/link/no-deltas.ts'
import type { CoordinatorLink, Transfer } from '../../apps/agent/src/ports.ts'
import { createSaveStopwatch } from '../../apps/agent/src/runner/save-stopwatch.ts'
import type { Coordinator } from '../../apps/coordinator/src/coordinator.ts'
import {
  ChangeBatchSchema,
  ChangesRequestSchema,
  CommitRequestSchema,
  CommitResponseSchema,
  decode,
  encode,
  SyncError,
  type FolderId,
  type NodeId,
} from '@causeway/protocol'
import { openReplicaState, type OpenReplicaState } from '@causeway/replica'
import { createMemoryFiles, type MemoryFiles } from '@causeway/testkit'
import { textOf, treeOf } from './simulated-user.ts'

/** A real cycle over a disk in memory and a coordinator that is called. Every message crosses as bytes. Small files only. */
export class HonestNode {
  readonly id: NodeId
  readonly disk: MemoryFiles
  state: OpenReplicaState
  readonly #folder: FolderId
  readonly #coordinator: Coordinator
  #memory = new CycleMemory()
  #nowMs = 1_700_000_000_000

  constructor(id: NodeId, folder: FolderId, coordinator: Coordinator) {
    this.id = id
    this.#folder = folder
    this.#coordinator = coordinator
    let ticks = 0n
    this.disk = createMemoryFiles({ now: () => BigInt(this.#nowMs) * 1_000_000n + (ticks += 1n) })
    this.state = openReplicaState({ path: ':memory:', folder, node: id })
  }

  /** The node's memory of the folder is gone; its disk is as it was. */
  forget(): void {
    this.state.close()
    this.state = openReplicaState({ path: ':memory:', folder: this.#folder, node: this.id })
    this.#memory = new CycleMemory()
  }

  cycle({ pull = true }: { pull?: boolean } = {}): Promise<CycleReport> {
    this.#nowMs += 1000
    const everything = { directories: [{ directory: '', recursive: true }], pull }
    return runSyncCycle(this.#context(), everything, new AbortController().signal)
  }

  /** What the disk holds: the text of files, `/` for directories. */
  tree(): Readonly<Record<string, string>> {
    const { files, directories } = treeOf(this.disk.user)
    const texts = files.map((path) => [path, textOf(this.disk.user, path)] as const)
    return Object.fromEntries([...texts, ...directories.map((path) => [path, '/'] as const)])
  }

  #context(): CycleContext {
    return {
      folder: this.#folder,
      node: this.id,
      nodeName: this.id,
      access: 'read-write',
      files: this.disk.files,
      state: this.state,
      link: this.#link(),
      transfer: NO_TRANSFER,
      now: () => this.#nowMs,
      wallNow: () => this.#nowMs,
      lastEventMs: () => null,
      progress: { planned() {}, moved() {}, finished() {} },
      saves: createSaveStopwatch({ onSaved: () => undefined }),
      memory: this.#memory,
    }
  }

  #link(): CoordinatorLink {
    const { commits, changes, contents, context, digests } = this.#coordinator
    const { id } = this
    return {
      ...NO_DELTAS,
      commit: async (folder, request) =>
        decode(
          CommitResponseSchema,
          encode(await commits.commit(folder, id, decode(CommitRequestSchema, encode(request)))),
        ),
      changes: async (folder, request) =>
        decode(
          ChangeBatchSchema,
          encode(await changes.changes(folder, id, decode(ChangesRequestSchema, encode(request)))),
        ),
      compareDigest: (folder, request) => digests.compare(folder, id, request),
      digestEntries: (folder, request) => digests.entries(folder, request),
      entries: (folder, ids) => context.metadata.read((tx) => tx.entries(folder, ids)),
      missing: (folder, hashes) => contents.missing(folder, hashes),
      upload: () => Promise.reject(new SyncError('internal', 'only small files are sent here')),
      manifest: (folder, content) => contents.manifest(folder, content),
      async *fetch(_, hashes) {
        for (const hash of hashes) {
          const [row] = await context.metadata.read((tx) => tx.chunks([hash]))
          if (row === undefined) throw new SyncError('chunk-missing', `chunk ${hash} is not held`)
          yield { hash, bytes: Uint8Array.from(await contents.plain(row)) }
        }
      },
    }
  }
}

const NO_TRANSFER: Transfer = {
  upload: () => Promise.reject(new SyncError('internal', 'only small files are sent here')),
  uploadWhole: () => Promise.reject(new SyncError('internal', 'only small files are sent here')),
  download: () => Promise.reject(new SyncError('chunk-missing', 'only small files are held here')),
  foresee: () => undefined,
  forgetForeseen: async () => undefined,
}
