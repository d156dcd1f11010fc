import {
  isSyncError,
  type FileContent,
  type FolderId,
  type ChunkId,
  type ContentHash,
  type Patch,
} from '@causeway/protocol'
import type { BaseEntry, Files, OpenFile, RelativePath, ReplicaState, StagedFile } from '@causeway/replica'
import type { ChunkSource, CoordinatorLink, FolderPeers, ProgressListener } from '../../ports.ts'
import { assemble } from './assemble.ts'
import { beginAssembly, discardAssembly, finishAssembly, type Assembly } from './assembly.ts'
import type { ChunkTable } from './chunk-table.ts'
import { copyBytes } from './copy-bytes.ts'
import type { Prefetcher } from './prefetcher.ts'
import { listOf, openVouched, type NodeContents } from './node-contents.ts'
import { NO_DELTAS_CAME, readDeltas } from './patch-deltas.ts'
import { LocalSources, type LocalSource } from './local-sources.ts'
import { resolveChunkList, type KnownList, type ResolvedChunks } from './resolve-chunk-list.ts'
import type { HashingWriters } from './hashing-writer.ts'
import type { Leftovers } from './leftovers.ts'
import { cheapestFirst } from '../chunks/cheapest-first.ts'
import { findChunks, type FileChunks } from '../chunks/file-chunks.ts'

export interface DownloadContext {
  readonly folder: FolderId
  readonly files: Files
  /** Where chunk lists are kept; without it every content is one whose base is not known. */
  readonly state: ReplicaState | null
  readonly link: CoordinatorLink
  /** Where chunks come from that no file of this download holds. */
  readonly chunks: ChunkSource
  readonly progress: ProgressListener
  readonly leftovers: Leftovers
  readonly writers: HashingWriters
  readonly contents: NodeContents
  readonly prefetcher: Prefetcher
  /** Other nodes that carry the folder. */
  readonly peers: FolderPeers | undefined
}

/** See `Transfer.download`. */
export interface DownloadRequest {
  readonly content: FileContent
  readonly replaces: { readonly path: RelativePath; readonly base: BaseEntry } | null
  readonly patch: Patch | null
  readonly signal: AbortSignal
}

/** A download that broke off, to go on from. */
export interface PartialDownload {
  readonly table: ChunkTable
  readonly assembly: Assembly
}

/** Stages a content that a file of this node holds, by its stat, in whatever folder. `undefined` if there is none. */
export async function copyHeld(context: DownloadContext, request: DownloadRequest): Promise<StagedFile | undefined> {
  const { content, signal } = request
  const file = content.size === 0 ? undefined : await context.contents.open(content.hash)
  if (file === undefined) return undefined
  try {
    if (file.stat.size !== content.size) return undefined
    const staged = await copyWhole(context, file, content, signal)
    const table = staged === undefined ? undefined : context.contents.chunkList(content.hash)
    if (table !== undefined) keepList(context, content.hash, table)
    return staged
  } finally {
    await file.close()
  }
}

async function copyWhole(
  context: DownloadContext,
  file: OpenFile,
  content: FileContent,
  signal: AbortSignal,
): Promise<StagedFile | undefined> {
  const { progress } = context
  const assembly = await beginAssembly(context, content.size)
  try {
    const onCopied = (): void => signal.throwIfAborted()
    await copyBytes(file, { offset: 0, sizeBytes: content.size }, assembly.writer, onCopied)
    const staged = await finishAssembly(assembly, content)
    progress.planned(1, content.size)
    progress.moved(content.size)
    progress.finished(1)
    return staged
  } catch (error) {
    await discardAssembly(assembly)
    // It was not what its stat said, or changed meanwhile: it must be fetched.
    if (isSyncError(error, 'chunk-corrupt') || isSyncError(error, 'io-error')) return undefined
    throw error
  }
}

export interface DownloadOptions {
  readonly trust: boolean
  keep(partial: PartialDownload): Promise<void>
}

/**
 * Puts a content together from what is here, from deltas, and from what must
 * be fetched. `keep` is handed what was done where it can go on another time.
 *
 * With `trust`, bytes of other files are taken as their stat says they are,
 * and only the whole is hashed; without it each chunk is. Throws
 * `chunk-corrupt` if something else comes out.
 */
export async function download(
  context: DownloadContext,
  request: DownloadRequest,
  begun: PartialDownload | undefined,
  { trust, keep }: DownloadOptions,
): Promise<StagedFile> {
  const { content, replaces, signal } = request
  const { progress } = context
  const base = trust && replaces !== null ? await openBase(context, replaces.path, replaces.base) : undefined
  let told: ResolvedChunks | undefined
  let sources = new LocalSources(base === undefined ? [] : [base])
  try {
    told = begun === undefined ? await tell(context, request, trust) : { table: begun.table, items: null }
    const { table } = told
    sources = await addSimilar(context, trust, base, table)
    const assembly = begun?.assembly ?? (await begin(context, content, table, trust, signal))
    const done = assembly.done
    progress.planned(1, table.sizeBytes - table.offset(done))
    try {
      const local = await findLocal(context, request, table, assembly, base !== undefined)
      try {
        const deltas = told.items === null ? NO_DELTAS_CAME : readDeltas(table, told.items, sources)
        const others = joinOthers(context, content, table, assembly)
        const chunks = cheapestFirst([...local.files, others.chunks])
        await assemble(context, assembly, { table, sources, atHand: local.atHand, deltas, chunks }, signal).finally(
          others.leave,
        )
      } finally {
        for (const file of local.files) await file.close()
      }
      const staged = await finishAssembly(assembly, content)
      keepList(context, content.hash, table)
      progress.finished(1)
      return staged
    } catch (error) {
      if (mayGoOn(error) && !signal.aborted && assembly.done > 0) await keep({ table, assembly })
      else await discardAssembly(assembly)
      throw error
    }
  } finally {
    await told?.items?.return?.().catch(() => undefined)
    await sources.close()
  }
}

/** Below this a file is here about as soon as others can be asked for it. */
const SHARED_BYTES = 1024 * 1024

/** Where chunks come from that nothing here holds: from other nodes too, where a file is worth the asking. */
function joinOthers(
  { peers, chunks }: DownloadContext,
  content: FileContent,
  table: ChunkTable,
  assembly: Assembly,
): { readonly chunks: ChunkSource; leave(): void } {
  if (peers === undefined || content.size < SHARED_BYTES) return { chunks, leave: () => undefined }
  const read = (offset: number, length: number): Promise<Uint8Array> => assembly.staging.read(offset, length)
  return peers.join({ content: content.hash, list: table, done: () => assembly.done, read }, chunks)
}

async function begin(
  context: DownloadContext,
  content: FileContent,
  table: ChunkTable,
  trust: boolean,
  signal: AbortSignal,
): Promise<Assembly> {
  const prefetched = trust ? await context.prefetcher.claim(table, signal) : undefined
  return prefetched ?? beginAssembly(context, content.size)
}

/** A coordinator that is away comes back, and so does a chunk that it lost. */
function mayGoOn(error: unknown): boolean {
  return isSyncError(error, 'offline') || isSyncError(error, 'chunk-missing')
}

function tell(
  context: DownloadContext,
  { content, replaces, patch }: DownloadRequest,
  trust: boolean,
): Promise<ResolvedChunks> {
  return resolveChunkList(context, content, trust ? knownBase(context, replaces?.base) : null, patch)
}

function knownBase({ state }: DownloadContext, base: BaseEntry | undefined): KnownList | null {
  if (state === null || base?.content.kind !== 'file') return null
  const content = base.content.hash
  const table = listOf(state, content)
  return table === undefined ? null : { content, table }
}

/** The file to replace, if its stat vouches for it and its chunks are known. */
async function openBase(
  context: DownloadContext,
  path: RelativePath,
  base: BaseEntry,
): Promise<LocalSource | undefined> {
  const known = knownBase(context, base)
  const file = known === null ? undefined : await openVouched(context.files, path, base)
  if (known === null || file === undefined) return undefined
  if (file.stat.size === known.table.sizeBytes) return { ...known, file }
  await file.close()
  return undefined
}

/** Below this, fetching costs less than looking for files that hold it too. */
const WORTH_LOOKING_BYTES = 1024 * 1024

async function addSimilar(
  { contents }: DownloadContext,
  trust: boolean,
  base: LocalSource | undefined,
  table: ChunkTable,
): Promise<LocalSources> {
  const sources = base === undefined ? [] : [base]
  if (!trust || lackingBytes(base, table) < WORTH_LOOKING_BYTES) return new LocalSources(sources)
  for (const content of contents.similar(table)) {
    const source = content === base?.content ? undefined : await contents.openSource(content)
    if (source !== undefined) sources.push(source)
  }
  return new LocalSources(sources)
}

function lackingBytes(base: LocalSource | undefined, table: ChunkTable): number {
  let bytes = 0
  for (let index = 0; index < table.count; index++) {
    if (base === undefined || base.table.find(table, index) === -1) bytes += table.size(index)
  }
  return bytes
}

/** Files of which each chunk is rehashed, and the chunks that they most likely hold. */
interface Local {
  readonly files: readonly FileChunks[]
  readonly atHand: ReadonlySet<ChunkId>
}

/** What an earlier process left, and a file that nothing vouches for. */
async function findLocal(
  { files, leftovers }: DownloadContext,
  { replaces, signal }: DownloadRequest,
  table: ChunkTable,
  { done }: Assembly,
  isVouchedFor: boolean,
): Promise<Local> {
  const left = await leftovers.chunksOf(table, signal)
  try {
    const wanted = new Set<ChunkId>()
    for (let index = done; index < table.count; index++) wanted.add(table.hash(index))
    const atHand = new Set(await left.has([...wanted]))
    if (replaces === null || isVouchedFor) return { files: [left], atHand }
    for (const hash of atHand) wanted.delete(hash)
    const replaced = await findChunks(files, replaces.path, wanted, signal)
    return { files: [left, replaced], atHand: new Set([...atHand, ...(await replaced.has([...wanted]))]) }
  } catch (error) {
    await left.close()
    throw error
  }
}

/** So that the next version can be told by what it changes. */
function keepList({ state, contents }: DownloadContext, content: ContentHash, table: ChunkTable): void {
  if (state !== null && state.chunkList(content) === undefined) {
    state.putChunkList(content, table.bytes)
  }
  contents.note(content, table)
}
