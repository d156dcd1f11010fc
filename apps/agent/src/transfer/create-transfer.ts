import { isSyncError, type FileContent, type FolderId, type Hash, type Manifest } from '@causeway/protocol'
import type { Files, RelativePath, StagedFile } from '@causeway/replica'
import type { CoordinatorLink, ProgressListener, Transfer } from '../ports.ts'
import { createChunkSender } from './chunk-sender.ts'
import {
  beginDownload,
  continueDownload,
  finishDownload,
  type DownloadContext,
  type PartialDownload,
} from './download.ts'
import { NO_LEFTOVERS, type Leftovers } from './leftovers.ts'
import { uploadFile } from './upload.ts'

export interface TransferOptions {
  readonly folder: FolderId
  readonly files: Files
  readonly link: CoordinatorLink
  readonly progress: ProgressListener
  /** What an earlier process's downloads left; none if left out. */
  readonly leftovers?: Leftovers
  /** Milliseconds since 1970. */
  now(): number
}

/** Downloads kept half-way while the coordinator is away, or lacks a chunk. */
const PARTIALS = 8

/** The bytes of one folder's files, both ways. Uploads and downloads may overlap. */
export function createTransfer(options: TransferOptions): Transfer {
  const { folder, files, link, progress, now, leftovers = NO_LEFTOVERS } = options
  const sender = createChunkSender({ folder, link })
  const context: DownloadContext = { folder, files, link, progress, leftovers }
  const partials = new Map<Hash, PartialDownload>()

  function takePartial(hash: Hash): PartialDownload | undefined {
    const partial = partials.get(hash)
    partials.delete(hash)
    return partial
  }

  async function keepPartial(hash: Hash, download: PartialDownload): Promise<void> {
    const [oldest] = partials.keys()
    const dropped = partials.has(hash) ? hash : partials.size >= PARTIALS ? oldest : undefined
    if (dropped !== undefined) await takePartial(dropped)?.staging.discard()
    partials.set(hash, download)
  }

  async function download(
    content: FileContent,
    replaces: RelativePath | null,
    signal: AbortSignal,
  ): Promise<StagedFile> {
    const current = takePartial(content.hash) ?? (await beginDownload(context, content))
    progress.planned(1, sizeOf(current.manifest.slice(current.done)))
    try {
      await continueDownload(context, current, replaces, signal)
      const staged = await finishDownload(current, content)
      progress.finished(1)
      return staged
    } catch (error) {
      if (mayGoOn(error) && !signal.aborted && current.done > 0) await keepPartial(content.hash, current)
      else await current.staging.discard()
      throw error
    }
  }

  return {
    upload: (path, stat, signal) => uploadFile({ files, sender, progress, now }, path, stat, signal),
    download: (content, { replaces }, signal) => download(content, replaces, signal),
  }
}

/** A coordinator that is away comes back, and so does a chunk that it lost. */
function mayGoOn(error: unknown): boolean {
  return isSyncError(error, 'offline') || isSyncError(error, 'chunk-missing')
}

function sizeOf(manifest: Manifest): number {
  return manifest.reduce((sum, chunk) => sum + chunk.size, 0)
}
