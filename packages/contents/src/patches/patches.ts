import {
  encodeManifest,
  READING,
  type Delta,
  type FolderId,
  type ChunkId,
  type ContentHash,
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
import { chunksOf, createRebuilder } from './rebuild.ts'
import { createRecentDeltas } from './recent-deltas.ts'
import { signRegions } from './sign-regions.ts'
import { takePatches } from './take-patches.ts'

/** Contents told by what they share with others that are held. */
export interface Patches extends Pick<CommitContents, 'take'> {
  /**
   * Makes chunks from deltas, durable when it resolves to those that could not
   * be made. Throws `bad-request` on deltas that name no chunks.
   */
  deltas(folder: FolderId, node: NodeId, deltas: readonly Delta[]): Promise<readonly ChunkId[]>
  /** Checksums of a content's stretches, one a region. Throws as `Chunks.manifest` does, and `too-large`. */
  signatures(folder: FolderId, request: SignaturesRequest): Promise<Uint8Array[]>
  /**
   * How a content follows from another, made as it is read; just its chunk
   * list where the other is not held. Throws as `Chunks.manifest` does before
   * the first item.
   */
  patch(folder: FolderId, request: PatchRequest, node: NodeId): Promise<AsyncIterable<PatchItem>>
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

  /** Of some contents, those that the node may know: a delta against another would tell it what is in there. */
  function readable({ folder, node }: Hop, contents: readonly ContentHash[]): Promise<ReadonlySet<Hash>> {
    if (contents.length === 0) return Promise.resolve(new Set())
    const distinct = [...new Set(contents)]
    return metadata.read((tx) => tx.contentsFor({ folder, node, reads: READING }, distinct))
  }

  async function listOf(folder: FolderId, content: ContentHash): Promise<ChunkList> {
    const own = await metadata.read((tx) => tx.contentsFor({ folder, reads: [] }, [content]))
    const list = own.has(content) ? await held.list(content) : undefined
    if (list !== undefined) return list
    // Whoever says why it is not held may find that it is by now.
    return chunkList(content, encodeManifest(await chunks.manifest(folder, content)))
  }

  return {
    async take(hop, patches) {
      const bases = patches.flatMap(({ splice, deltas }) => [splice.base, ...deltas.map(({ base }) => base.content)])
      const known = await readable(hop, bases)
      const told = patches.filter(({ splice, deltas }) => {
        return known.has(splice.base) && deltas.every(({ base }) => known.has(base.content))
      })
      return takePatches(told, held, rebuild(hop))
    },
    async deltas(folder, node, deltas) {
      const hop = { folder, node }
      const known = await readable(
        hop,
        deltas.map(({ base }) => base.content),
      )
      const [based, strange] = divide(deltas, ({ base }) => known.has(base.content))
      const { rows, made, rejected } = await rebuild(hop)(based)
      if (made.length > 0) {
        await metadata.write(async (tx) => {
          if (rows.length > 0) await tx.addChunks(rows)
          await tx.addToFolder(folder, made)
        })
      }
      const unmade = strange.flatMap((delta) => chunksOf(delta).map(({ hash }) => hash))
      return [...new Set([...rejected, ...unmade])].filter((hash) => !made.includes(hash))
    },
    async signatures(folder, request) {
      return signRegions(held, await listOf(folder, request.content), request)
    },
    async patch(folder, { content, base }, node) {
      const next = await listOf(folder, content)
      const before = (await readable({ folder, node }, [base])).has(base) ? await held.list(base) : undefined
      return before === undefined ? onlyList(next) : maker.make(next, before)
    },
  }
}

async function* onlyList({ encoded }: ChunkList): AsyncIterable<PatchItem> {
  yield { kind: 'manifest', chunks: encoded }
}

function divide<T>(items: readonly T[], fits: (item: T) => boolean): [T[], T[]] {
  return [items.filter(fits), items.filter((item) => !fits(item))]
}
