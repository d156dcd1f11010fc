import {
  isSyncError,
  SyncError,
  type FileContent,
  type FolderId,
  type ContentHash,
  type Patch,
  type PatchItem,
  type Splice,
} from '@causeway/protocol'
import type { CoordinatorLink, FolderPeers } from '../../ports.ts'
import { ChunkTable } from './chunk-table.ts'
import { itemsOf } from './patch-deltas.ts'

/** A content whose chunk list is known here. */
export interface KnownList {
  readonly content: ContentHash
  readonly table: ChunkTable
}

/** The chunk list of a content, and what else the coordinator said of its new chunks. */
export interface ResolvedChunks {
  readonly table: ChunkTable
  readonly items: AsyncIterator<PatchItem> | null
}

/** New chunks of a patch up to so much are fetched without asking whether there are deltas for them. */
const FETCHED_BYTES = 16 * 1024

/**
 * Finds out the chunks of a content: from the patch that came along, else from
 * one that is asked for, else from the whole list; with the coordinator away,
 * from another node's list. A patch that does not apply is ignored. Throws `manifest-invalid` if the list is not the content's.
 */
export async function resolveChunkList(
  {
    link,
    folder,
    peers,
  }: { readonly link: CoordinatorLink; readonly folder: FolderId; readonly peers?: FolderPeers | undefined },
  content: FileContent,
  base: KnownList | null,
  patch: Patch | null,
): Promise<ResolvedChunks> {
  if (content.size === 0) return { table: ChunkTable.of([]), items: null }
  const came = base === null || patch === null ? undefined : fromPatch(content, base, patch)
  if (came !== undefined) return came
  try {
    const asked = base === null ? undefined : await fromStream(link, folder, content, base)
    if (asked !== undefined) return asked
    return { table: checked(content, ChunkTable.of(await link.manifest(folder, content.hash))), items: null }
  } catch (error) {
    if (!isSyncError(error, 'offline')) throw error
    // The whole is hashed at the end: a wrong list costs a download, and nothing else.
    const list = await peers?.chunkList(content.hash)
    if (list === undefined) throw error
    return { table: checked(content, ChunkTable.decode(list)), items: null }
  }
}

function checked(content: FileContent, table: ChunkTable): ChunkTable {
  if (table.sizeBytes === content.size) return table
  throw new SyncError(
    'manifest-invalid',
    `the chunks of ${content.hash} are ${table.sizeBytes} bytes together, not ${content.size}`,
  )
}

function fromPatch(content: FileContent, base: KnownList, patch: Patch): ResolvedChunks | undefined {
  const table = patch.content === content.hash ? spliced(base, patch.splice, content.size) : undefined
  if (table === undefined || lackingBytes(base.table, table, patch) > FETCHED_BYTES) return undefined
  return { table, items: itemsOf(patch) }
}

function lackingBytes(base: ChunkTable, table: ChunkTable, { deltas }: Patch): number {
  let bytes = 0
  for (let index = 0; index < table.count; index++) if (base.find(table, index) === -1) bytes += table.size(index)
  for (const { chunks } of deltas) bytes -= sizeOfList(chunks)
  return bytes
}

function sizeOfList(chunks: Uint8Array): number {
  try {
    return ChunkTable.decode(chunks).sizeBytes
  } catch {
    return 0
  }
}

async function fromStream(
  link: CoordinatorLink,
  folder: FolderId,
  content: FileContent,
  base: KnownList,
): Promise<ResolvedChunks | undefined> {
  try {
    const items = link.patch(folder, { content: content.hash, base: base.content })[Symbol.asyncIterator]()
    const { value: first } = await items.next()
    const table = first === undefined ? undefined : tableOf(first, base, content.size)
    if (table !== undefined) return { table, items }
    await items.return?.()
  } catch (error) {
    if (isSyncError(error, 'offline')) throw error
    // Whatever else is wrong with the patch, the whole list may be right.
  }
  return undefined
}

function tableOf(first: PatchItem, base: KnownList, sizeBytes: number): ChunkTable | undefined {
  if (first.kind === 'splice') return spliced(base, first.splice, sizeBytes)
  if (first.kind !== 'manifest') return undefined
  const table = ChunkTable.decode(first.chunks)
  return table.sizeBytes === sizeBytes ? table : undefined
}

function spliced({ content, table: base }: KnownList, splice: Splice, sizeBytes: number): ChunkTable | undefined {
  if (splice.base !== content) return undefined
  try {
    const table = base.splice(splice.parts)
    return table.digest === splice.digest && table.sizeBytes === sizeBytes ? table : undefined
  } catch (error) {
    if (isSyncError(error, 'manifest-invalid')) return undefined
    throw error
  }
}
