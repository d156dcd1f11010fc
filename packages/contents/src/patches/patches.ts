import {
  encodeManifest,
  type Delta,
  type FolderId,
  type Hash,
  type NodeId,
  type PatchItem,
  type PatchRequest,
  type SignaturesRequest,
} from '@causeway/protocol'
import type { MetadataStore } from '@causeway/store'
import type { CommitContents, Hop } from '@causeway/log'
import type { ChunkDepot } from '../chunk-depot.ts'
import type { ContentsObserver } from '../observer.ts'
import type { Chunks } from '../chunks.ts'
import { chunkList, type ChunkList } from './chunk-list.ts'
import { createHeldBytes } from './held-bytes.ts'
import { createPatchMaker } from './make-patch.ts'
import { createRebuilder } from './rebuild.ts'
import { createRecentDeltas } from './recent-deltas.ts'
import { signRegions } from './sign-regions.ts'
import { takePatches } from './take-patches.ts'

/** Contents told by what they share with others that are held. */
export interface Patches extends Pick<CommitContents, 'take'> {
  /**
   * Makes chunks from deltas, durable when it resolves to those that could not
   * be made. Throws `bad-request` on deltas that name no chunks.
   */
  deltas(folder: FolderId, node: NodeId, deltas: readonly Delta[]): Promise<readonly Hash[]>
  /** Checksums of a content's stretches, one a region. Throws as `Chunks.manifest` does, and `too-large`. */
  signatures(folder: FolderId, request: SignaturesRequest): Promise<Uint8Array[]>
  /**
   * How a content follows from another, made as it is read; just its chunk
   * list where the other is not held. Throws as `Chunks.manifest` does before
   * the first item.
   */
  patch(folder: FolderId, request: PatchRequest): Promise<AsyncIterable<PatchItem>>
}

export interface PatchesPorts {
  readonly metadata: MetadataStore
  readonly depot: ChunkDepot
  readonly observe: ContentsObserver
}

export function createPatches({ metadata, depot, observe }: PatchesPorts, chunks: Pick<Chunks, 'manifest'>): Patches {
  const held = createHeldBytes({ metadata, depot })
  const rebuilder = createRebuilder(held, depot)
  const recent = createRecentDeltas()
  const maker = createPatchMaker(metadata, held, recent)

  function rebuild(hop: Hop) {
    return async (deltas: readonly Delta[]) => {
      const rebuilt = await rebuilder.rebuild(deltas, (chunk, crossing) => observe.chunkReceived(hop, chunk, crossing))
      for (const delta of rebuilt.sound) recent.remember(delta)
      return rebuilt
    }
  }

  async function listOf(folder: FolderId, content: Hash): Promise<ChunkList> {
    const list = await held.list(content)
    if (list !== undefined) return list
    // Whoever says why it is not held may find that it is by now.
    return chunkList(content, encodeManifest(await chunks.manifest(folder, content)))
  }

  return {
    take: (hop, patches) => takePatches(patches, held, rebuild(hop)),
    async deltas(folder, node, deltas) {
      const { rows, rejected } = await rebuild({ folder, node })(deltas)
      if (rows.length > 0) await metadata.write((tx) => tx.addChunks(rows))
      return rejected
    },
    async signatures(folder, request) {
      return signRegions(held, await listOf(folder, request.content), request)
    },
    async patch(folder, { content, base }) {
      const next = await listOf(folder, content)
      const before = await held.list(base)
      return before === undefined ? onlyList(next) : maker.make(next, before)
    },
  }
}

async function* onlyList({ encoded }: ChunkList): AsyncIterable<PatchItem> {
  yield { kind: 'manifest', chunks: encoded }
}
