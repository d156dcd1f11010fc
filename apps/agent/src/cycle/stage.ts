import type { BaseEntry } from '@causeway/engine'
import {
  isSyncError,
  type SyncError,
  type EntryId,
  type EntryState,
  type FileContent,
  type Hash,
} from '@causeway/protocol'
import type { RelativePath, StagedFile } from '@causeway/replica'
import type { CycleContext } from './cycle-context.ts'
import { hashOf } from './read-content.ts'

/** A small content to stage. */
export interface Wanted {
  readonly entry: EntryState
  readonly content: FileContent
}

/** What the coordinator could not give now; the other contents are staged. */
export interface Unavailable extends Wanted {
  readonly error: SyncError
}

/** Stages small contents: those that came along, and the rest in one request. */
export async function stageSmall(
  context: CycleContext,
  wanted: readonly Wanted[],
  staged: Map<EntryId, StagedFile>,
): Promise<readonly Unavailable[]> {
  const lacking: Wanted[] = []
  for (const item of wanted) {
    const bytes = item.content.size === 0 ? new Uint8Array() : context.memory.content(item.content.hash)
    // Bytes that came with a batch are checked here, at the last moment before they count.
    if (bytes === undefined || hashOf(bytes) !== item.content.hash) lacking.push(item)
    else staged.set(item.entry.id, await stageBytes(context, item.content, bytes))
  }
  try {
    await fetchSmall(context, lacking, staged)
    return []
  } catch (error) {
    if (!isUnavailable(error)) throw error
    return fetchEach(context, lacking, staged)
  }
}

/** One request for each content: one that the coordinator has lost must not hold up the others. */
async function fetchEach(
  context: CycleContext,
  lacking: readonly Wanted[],
  staged: Map<EntryId, StagedFile>,
): Promise<readonly Unavailable[]> {
  const unavailable: Unavailable[] = []
  for (const item of lacking) {
    if (staged.has(item.entry.id)) continue
    try {
      await fetchSmall(context, [item], staged)
    } catch (error) {
      if (!isUnavailable(error)) throw error
      unavailable.push({ ...item, error })
    }
  }
  return unavailable
}

function isUnavailable(error: unknown): error is SyncError {
  return isSyncError(error, 'chunk-missing') || isSyncError(error, 'chunk-corrupt')
}

async function fetchSmall(
  context: CycleContext,
  lacking: readonly Wanted[],
  staged: Map<EntryId, StagedFile>,
): Promise<void> {
  if (lacking.length === 0) return
  const byHash = new Map<Hash, Wanted[]>()
  for (const item of lacking) byHash.set(item.content.hash, [...(byHash.get(item.content.hash) ?? []), item])
  for await (const { hash, bytes } of context.link.fetch(context.folder, [...byHash.keys()])) {
    for (const { entry, content } of byHash.get(hash) ?? []) {
      staged.set(entry.id, await stageBytes(context, content, bytes))
    }
  }
}

async function stageBytes(
  { files, progress }: CycleContext,
  content: FileContent,
  bytes: Uint8Array,
): Promise<StagedFile> {
  const staged = await files.stageWhole(bytes, { mode: content.mode, mtimeNs: BigInt(content.mtimeNs) })
  progress.moved(bytes.length)
  return staged
}

/** Stages a large content, from what the node holds already and what it lacks of it. */
export function stageLarge(
  { transfer, memory }: CycleContext,
  content: FileContent,
  replaces: { readonly path: RelativePath; readonly base: BaseEntry } | null,
  signal: AbortSignal,
): Promise<StagedFile> {
  return transfer.download(content, { replaces, patch: memory.patch(content.hash) ?? null }, signal)
}
