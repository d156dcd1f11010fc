import { createHash, type Hash as Hasher } from 'node:crypto'
import {
  isSyncError,
  SyncError,
  type ChunkRef,
  type FileContent,
  type FolderId,
  type Hash,
  type Manifest,
} from '@causeway/protocol'
import type { Files, RelativePath, StagedFile, StagingFile } from '@causeway/replica'
import type { CoordinatorLink, ProgressListener } from '../ports.ts'
import { planDownload } from './download-plan.ts'
import { fetchAhead } from './fetch-ahead.ts'
import type { Leftovers } from './leftovers.ts'
import { eitherHas, findLocalChunks, type LocalChunks } from './local-chunks.ts'

export interface DownloadContext {
  readonly folder: FolderId
  readonly files: Files
  readonly link: CoordinatorLink
  readonly progress: ProgressListener
  readonly leftovers: Leftovers
}

/** A staged file that is being written, and how far it has come. */
export interface PartialDownload {
  readonly manifest: Manifest
  readonly staging: StagingFile
  readonly whole: Hasher
  /** Chunks of the manifest that are written and hashed. */
  done: number
}

/** Asks for the manifest and begins a staged file, for which leftovers make room if they must. Throws `manifest-invalid` if the two do not fit. */
export async function beginDownload(
  { folder, files, link, leftovers }: DownloadContext,
  content: FileContent,
): Promise<PartialDownload> {
  const manifest = content.size === 0 ? [] : await link.manifest(folder, content.hash)
  const size = manifest.reduce((sum, chunk) => sum + chunk.size, 0)
  if (size !== content.size) {
    throw new SyncError(
      'manifest-invalid',
      `the chunks of ${content.hash} are ${size} bytes together, not ${content.size}`,
    )
  }
  const stage = (): Promise<StagingFile> => files.stage(content.size)
  const staging = await stage().catch(async (error: unknown) => {
    if (isSyncError(error, 'disk-full') && (await leftovers.discardAll())) return stage()
    throw error
  })
  return { manifest, staging, whole: createHash('sha256'), done: 0 }
}

/**
 * Writes the chunks that are still to come. Throws `offline` with all that was
 * written counted in `done`, so that the download can go on from there.
 */
export async function continueDownload(
  context: DownloadContext,
  download: PartialDownload,
  replaces: RelativePath | null,
  signal: AbortSignal,
): Promise<void> {
  const rest = download.manifest.slice(download.done)
  const local = await localChunks(context, download.manifest, rest, replaces, signal)
  try {
    await copyChunks(context, download, rest, local, signal)
  } finally {
    await local.close()
  }
}

async function localChunks(
  { files, leftovers }: DownloadContext,
  whole: Manifest,
  rest: Manifest,
  replaces: RelativePath | null,
  signal: AbortSignal,
): Promise<LocalChunks> {
  const left = await leftovers.chunksOf(whole, signal)
  try {
    const wanted = new Set(rest.map(({ hash }) => hash).filter((hash) => !left.has(hash)))
    return eitherHas(left, await findLocalChunks(files, replaces, wanted, signal))
  } catch (error) {
    await left.close()
    throw error
  }
}

/** Checks the whole and closes the staged file. Throws `chunk-corrupt`; nothing is placed then. */
export async function finishDownload(download: PartialDownload, content: FileContent): Promise<StagedFile> {
  const hash = download.whole.digest('hex')
  if (hash !== content.hash) {
    throw new SyncError('chunk-corrupt', `the chunks of ${content.hash} make up another content, ${hash}`)
  }
  return download.staging.finish({ mode: content.mode, mtimeNs: BigInt(content.mtimeNs) })
}

async function copyChunks(
  { folder, link, progress }: DownloadContext,
  download: PartialDownload,
  rest: Manifest,
  local: LocalChunks,
  signal: AbortSignal,
): Promise<void> {
  const plan = planDownload(rest, local.has)
  const queue = fetchAhead(plan.fetched, { folder, link })
  const remembered = new Map<Hash, { bytes: Uint8Array; uses: number }>()

  async function bytesOf(chunk: ChunkRef, source: 'local' | 'fetch' | 'remember' | undefined): Promise<Uint8Array> {
    if (source === 'local') return (await local.read(chunk)) ?? fetchAhead([chunk], { folder, link }).take(chunk)
    const kept = remembered.get(chunk.hash)
    if (source === 'remember' && kept !== undefined) {
      if (--kept.uses === 0) remembered.delete(chunk.hash)
      return kept.bytes
    }
    const bytes = await queue.take(chunk)
    const uses = plan.laterUses.get(chunk.hash)
    if (uses !== undefined) remembered.set(chunk.hash, { bytes, uses })
    return bytes
  }

  try {
    for (const [index, chunk] of rest.entries()) {
      const bytes = await bytesOf(chunk, plan.sources[index])
      signal.throwIfAborted()
      await download.staging.write(bytes)
      download.whole.update(bytes)
      download.done++
      progress.moved(bytes.length)
    }
  } finally {
    queue.stop()
  }
}
