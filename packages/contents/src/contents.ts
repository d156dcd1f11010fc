import { createHashWorkers } from '@causeway/packing'
import { asChunk, type ContentHash, type FolderId } from '@causeway/protocol'
import type { PackStore } from '@causeway/store'
import type { CommitContents } from '@causeway/log'
import { createChunkDepot, type ChunkDepot } from './chunk-depot.ts'
import { createChunks, type Chunks } from './chunks.ts'
import { takeIn, type TakenContent } from './intake/stream-intake.ts'
import type { ContentsObserver } from './observer.ts'
import { createPatches, type Patches } from './patches/patches.ts'
import { createListProof } from './prove-list.ts'
import { readContent, type ByteRange } from './read-content.ts'
import { createRepair, type Repair, type RepairPorts } from './repair.ts'
import type { Room } from './room.ts'

/** The bytes of all files, as chunks: each is checked against its name when it comes in and when it goes out. */
export interface Contents extends CommitContents, Chunks, Patches {
  /** Takes in a stream of any length, cut as everywhere. */
  takeIn(stream: AsyncIterable<Uint8Array>): Promise<TakenContent>
  /**
   * The bytes of a folder's content or of a part of it. Throws `chunk-missing` before the first byte where its list is not
   * held, or it is not the folder's.
   */
  read(
    content: { readonly folder: FolderId; readonly hash: ContentHash; readonly size: number },
    range?: ByteRange,
  ): Promise<AsyncIterable<Uint8Array>>
  readonly repair: Repair
  /** Ends what runs beside the calls. The stores stay the caller's to close. */
  close(): Promise<void>
}

export interface ContentsPorts extends RepairPorts {
  readonly packs: PackStore
  readonly observe: ContentsObserver
  readonly room: Room
}

export function createContents(ports: ContentsPorts): Contents {
  const { metadata, packs, observe, room } = ports
  const repair = createRepair(ports)
  const depot: ChunkDepot = createChunkDepot({ metadata, packs, repair, room })
  // Starts no thread before the first large upload.
  const hashing = createHashWorkers()
  const chunks = createChunks({ metadata, depot, repair, observe, hashing, room })
  return {
    prove: createListProof(metadata, depot),
    keep: (contents) => depot.keep(contents.map(asChunk)),
    plain: (row) => depot.plain(row),
    ...chunks,
    ...createPatches({ metadata, depot, observe }, chunks),
    async takeIn(stream) {
      await room.take(0)
      return takeIn(depot, stream)
    },
    read: (content, range) => readContent({ metadata, depot }, content, range),
    repair,
    async close() {
      repair.stop()
      await hashing.close()
    },
  }
}
