import {
  LOG_START,
  NodeIdSchema,
  type Access,
  type ChangeBatch,
  type CommitRequest,
  type CommitResponse,
  type Cursor,
  type NodeId,
  type Operation,
} from '@causeway/protocol'
import { openSqliteMetadataStore, type MetadataStore, type PackStore } from '@causeway/store'
import type { Clock } from '@causeway/time'
import { createCoordinator, type Coordinator } from '../coordinator.ts'
import { createOf, DEFAULT_FOLDER, fileOf } from './running.ts'

export interface InProcessOptions {
  readonly packs: PackStore
  readonly clock: Clock
  /** The database's file; in memory if left out. */
  readonly path?: string
  /** Stands between the coordinator and its database. */
  readonly around?: (store: MetadataStore) => MetadataStore
}

/** A coordinator that is called and not sent to. Its key stays the same for every one that is opened. */
export class InProcess {
  readonly metadata: MetadataStore
  readonly coordinator: Coordinator
  readonly #clock: Clock

  private constructor(store: MetadataStore, { packs, clock, around = (same) => same }: InProcessOptions) {
    const metadata = around(store)
    this.metadata = metadata
    this.#clock = clock
    this.coordinator = createCoordinator({ id: 'test', logKey: '5e'.repeat(32), metadata, packs, clock })
  }

  static async open(options: InProcessOptions): Promise<InProcess> {
    return new InProcess(await openSqliteMetadataStore({ path: options.path ?? ':memory:' }), options)
  }

  async enrol(name: string, access: Access = 'read-write'): Promise<NodeId> {
    const id = NodeIdSchema.parse(name)
    const at = new Date(this.#clock.now()).toISOString()
    const about = { name, address: '', port: 0, publicKey: null, capabilities: [], watchDirectories: [], version: '0' }
    await this.metadata.write(async (tx) => {
      await tx.putNode({ id, ...about, registeredAt: at, lastSeenAt: at, revoked: false })
      await tx.putMembership({ folder: DEFAULT_FOLDER, node: id, access, applied: 0, clock: {}, paused: false })
    })
    return id
  }

  commit(node: NodeId, operations: readonly Operation[], more: Partial<CommitRequest> = {}): Promise<CommitResponse> {
    const request = { clock: {}, operations: [...operations], contents: [], manifests: [], approved: false, ...more }
    return this.coordinator.commits.commit(DEFAULT_FOLDER, node, request)
  }

  /** One new small file. */
  save(node: NodeId, counter: number, name: string): Promise<CommitResponse> {
    const { content, named } = fileOf(name)
    return this.commit(node, [createOf(node, counter, name, content)], { contents: [named] })
  }

  changes(node: NodeId, proof?: Cursor, cursor: Cursor = LOG_START): Promise<ChangeBatch> {
    const request = { cursor, limit: 1000, full: true, ...(proof && { proof }) }
    return this.coordinator.changes.changes(DEFAULT_FOLDER, node, request)
  }
}

/** Why the first operation of a commit was refused; null if it was not. */
export function refusalOf({ outcomes: [outcome] }: CommitResponse): string | null {
  return outcome?.kind === 'refused' ? outcome.refusal : null
}
