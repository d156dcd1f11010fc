import type { FolderId, ContentHash } from '@causeway/protocol'
import type { Files, OpenFile } from '@causeway/replica'
import type { CoordinatorLink, ProgressListener } from '../../ports.ts'
import type { ChunkSender } from './chunk-sender.ts'
import type { ContentReader } from './content-reader.ts'

/** What the node knows of contents that the coordinator holds. */
export interface KnownContents {
  chunkList(content: ContentHash): Uint8Array | undefined
  /** Something that holds the content on both sides; `undefined` if nothing does. */
  baseByHash(content: ContentHash): unknown
}

/** The bytes of contents that files held before. Nothing vouches for them. */
export interface BaseBytes {
  open(content: ContentHash): Promise<OpenFile | undefined>
  /** They turned out to be others. */
  drop(content: ContentHash): Promise<void>
}

export interface UploadContext {
  readonly folder: FolderId
  readonly files: Files
  readonly link: CoordinatorLink
  readonly sender: ChunkSender
  readonly reader: ContentReader
  readonly progress: ProgressListener
  readonly known: KnownContents
  readonly bases: BaseBytes
  now(): number
}

export const KNOWS_NOTHING: KnownContents = { chunkList: () => undefined, baseByHash: () => undefined }
export const NO_BASES: BaseBytes = { open: async () => undefined, drop: async () => undefined }

/** True if the coordinator most likely holds this content already. */
export function isKnown(known: KnownContents, content: ContentHash): boolean {
  return known.chunkList(content) !== undefined || known.baseByHash(content) !== undefined
}
