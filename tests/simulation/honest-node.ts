import { coordinatorChunks } from '../../apps/agent/src/transfer/chunks/coordinator-chunks.ts'
import { CycleMemory, runSyncCycle, type CycleContext, type CycleReport } from '../../apps/agent/src/sync-cycle.ts'
import type { Transfer } from '../../apps/agent/src/ports.ts'
import { createSaveStopwatch } from '../../apps/agent/src/runner/save-stopwatch.ts'
import type { Coordinator } from '../../apps/coordinator/src/coordinator.ts'
import { LIMITS, SyncError, type FolderId, type NodeId } from '@causeway/protocol'
import { openReplicaState, type OpenReplicaState } from '@causeway/replica'
import { createMemoryFiles, type MemoryFiles } from '@causeway/testkit'
import { textOf, treeOf } from './simulated-user.ts'
import { createDirectLink } from './world/direct-link.ts'

/** A real cycle over a disk in memory and a coordinator that is called. Every message crosses as bytes. Small files only. */
export class HonestNode {
  readonly id: NodeId
  readonly disk: MemoryFiles
  state: OpenReplicaState
  readonly #folder: FolderId
  readonly #coordinator: Coordinator
  #memory: CycleMemory
  #nowMs = 1_700_000_000_000

  constructor(id: NodeId, folder: FolderId, coordinator: Coordinator) {
    this.id = id
    this.#folder = folder
    this.#coordinator = coordinator
    let ticks = 0n
    this.disk = createMemoryFiles({ now: () => BigInt(this.#nowMs) * 1_000_000n + (ticks += 1n) })
    this.state = openReplicaState({ path: ':memory:', folder, node: id })
    this.#memory = new CycleMemory(this.state)
  }

  /** The node's memory of the folder is gone; its disk is as it was. */
  forget(): void {
    this.state.close()
    this.state = openReplicaState({ path: ':memory:', folder: this.#folder, node: this.id })
    this.#memory = new CycleMemory(this.state)
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
    const link = createDirectLink(this.id, (_, ask) => ask(this.#coordinator), LIMITS.changesPerBatch)
    return {
      folder: this.#folder,
      node: this.id,
      nodeName: this.id,
      access: 'read-write',
      files: this.disk.files,
      state: this.state,
      link,
      transfer: { ...NO_TRANSFER, chunks: coordinatorChunks(link, this.#folder) },
      now: () => this.#nowMs,
      wallNow: () => this.#nowMs,
      lastEventMs: () => null,
      progress: { planned() {}, moved() {}, finished() {} },
      saves: createSaveStopwatch({ onSaved: () => undefined }),
      memory: this.#memory,
    }
  }
}

const NO_TRANSFER: Omit<Transfer, 'chunks'> = {
  upload: () => Promise.reject(new SyncError('internal', 'only small files are sent here')),
  uploadWhole: () => Promise.reject(new SyncError('internal', 'only small files are sent here')),
  download: () => Promise.reject(new SyncError('chunk-missing', 'only small files are held here')),
  prefetch: () => undefined,
  dropPrefetched: async () => undefined,
}
