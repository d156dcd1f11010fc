import { isSyncError, type Coming, type FolderId, type ContentHash, type NodeId } from '@causeway/protocol'
import type { Files, ReplicaState, StagedFile } from '@causeway/replica'
import type { ChunkSource, CoordinatorLink, FolderPeers, ProgressListener, Transfer } from '../ports.ts'
import { cheapestFirst } from './chunks/cheapest-first.ts'
import { coordinatorChunks } from './chunks/coordinator-chunks.ts'
import { localContents } from './chunks/local-contents.ts'
import { createChunkSender } from './up/chunk-sender.ts'
import { INLINE_READER, type ContentReader } from './up/content-reader.ts'
import { discardAssembly } from './down/assembly.ts'
import { createPrefetcher, type PrefetchRoom } from './down/prefetcher.ts'
import { createNodeContents, type NodeContents } from './down/node-contents.ts'
import {
  copyHeld,
  download,
  type DownloadContext,
  type DownloadRequest,
  type PartialDownload,
} from './down/download.ts'
import { INLINE_WRITERS, type HashingWriters } from './down/hashing-writer.ts'
import { NO_LEFTOVERS, type Leftovers } from './down/leftovers.ts'
import { KNOWS_NOTHING, NO_BASES, type BaseBytes, type KnownContents } from './up/upload-context.ts'
import { uploadFile } from './up/upload.ts'

export interface TransferOptions {
  readonly folder: FolderId
  readonly files: Files
  readonly link: CoordinatorLink
  readonly progress: ProgressListener
  /** What an earlier process's downloads left; none if left out. */
  readonly leftovers?: Leftovers
  /** What the coordinator is known to hold; what `state` knows if left out. */
  readonly known?: KnownContents
  /** Former contents of files, kept to make deltas against; none if left out. */
  readonly bases?: BaseBytes
  /** Reads files for sending; in this thread if left out. */
  readonly reader?: ContentReader
  /** Writes staged files; in this thread if left out. */
  readonly writers?: HashingWriters
  /** Where the chunk lists of downloads are kept, and those of what they replace; nowhere if left out. */
  readonly state?: ReplicaState
  /** What all folders of the node hold; nothing if left out. */
  readonly contents?: NodeContents
  /** What all folders of the node may prefetch. */
  readonly prefetchRoom?: PrefetchRoom
  /** Other nodes that carry the folder; nobody if left out. */
  readonly peers?: FolderPeers | undefined
  /** Milliseconds since 1970, to be held against the times of files. */
  now(): number
}

/** Downloads kept half-way while the coordinator is away, or lacks a chunk. */
const PARTIALS = 8

/** The bytes of one folder's files, both ways. Uploads and downloads may overlap. */
export function createTransfer(options: TransferOptions): Transfer {
  const { folder, files, link, progress, now, leftovers = NO_LEFTOVERS } = options
  const { known = options.state ?? KNOWS_NOTHING, bases = NO_BASES, reader = INLINE_READER } = options
  const contents = options.contents ?? createNodeContents()
  const chunks = cheapestFirst([localContents(contents), coordinatorChunks(link, folder)])
  const sender = createChunkSender({ folder, link })
  const uploads = { folder, files, link, sender, reader, progress, known, bases, now }
  const downloads = createDownloads({ ...options, contents, chunks, leftovers })

  return {
    chunks,
    upload: (path, stat, replaces, signal) => uploadFile(uploads, { path, stat, replaces, isWhole: false }, signal),
    uploadWhole: (path, stat, signal) => uploadFile(uploads, { path, stat, replaces: null, isWhole: true }, signal),
    download: (content, { replaces, patch }, signal) => downloads.download({ content, replaces, patch, signal }),
    prefetch: downloads.prefetch,
    dropPrefetched: downloads.dropPrefetched,
  }
}

type DownloadOptions = TransferOptions & {
  readonly contents: NodeContents
  readonly chunks: ChunkSource
  readonly leftovers: Leftovers
}

function createDownloads(options: DownloadOptions) {
  const { folder, files, link, chunks, progress, contents, leftovers } = options
  const { state = null, writers = INLINE_WRITERS } = options
  const shared = { files, chunks, progress, writers, contents }
  const prefetcher = createPrefetcher({ ...shared, ...(options.prefetchRoom && { room: options.prefetchRoom }) })
  const { peers } = options
  const context: DownloadContext = { ...shared, folder, link, state, leftovers, prefetcher, peers }
  const partials = new Map<ContentHash, PartialDownload>()
  let prefetching: Promise<void> = Promise.resolve()

  function takePartial(hash: ContentHash): PartialDownload | undefined {
    const partial = partials.get(hash)
    partials.delete(hash)
    return partial
  }

  async function keepPartial(hash: ContentHash, partial: PartialDownload): Promise<void> {
    const [oldest] = partials.keys()
    const dropped = partials.has(hash) ? hash : partials.size >= PARTIALS ? oldest : undefined
    const outdone = dropped === undefined ? undefined : takePartial(dropped)
    if (outdone !== undefined) await discardAssembly(outdone.assembly)
    partials.set(hash, partial)
  }

  return {
    async download(request: DownloadRequest): Promise<StagedFile> {
      const { hash } = request.content
      const begun = takePartial(hash)
      const keep = (partial: PartialDownload): Promise<void> => keepPartial(hash, partial)
      const held = begun === undefined ? await copyHeld(context, request) : undefined
      if (held !== undefined) return held
      try {
        return await download(context, request, begun, { trust: true, keep })
      } catch (error) {
        // A file here was not what it seemed, or a chunk that came before was not: from the start, chunk by chunk.
        if (!isSyncError(error, 'chunk-corrupt')) throw error
        return download(context, { ...request, patch: null }, undefined, { trust: false, keep })
      }
    },
    prefetch(coming: Coming, from: NodeId) {
      if (peers === undefined) return prefetcher.prefetch(coming, from)
      // Where others can be asked, they have it as soon as it is committed, and the coordinator need not send it to each.
      prefetching = prefetching.then(async () => {
        if (!(await peers.areThere())) prefetcher.prefetch(coming, from)
      })
    },
    async dropPrefetched(): Promise<void> {
      await prefetching
      await prefetcher.forget()
    },
  }
}
