import { basePath } from '@causeway/engine'
import {
  isSyncError,
  type SyncError,
  type EntryId,
  type EntryState,
  type FileContent,
  type Hash,
} from '@causeway/protocol'
import { isSame, type RelativePath, type StagedFile } from '@causeway/replica'
import type { CycleContext } from './cycle-context.ts'
import { hashOf } from './read-content.ts'

const COPY_BYTES = 1024 * 1024

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
  const staging = await files.stage(content.size)
  try {
    await staging.write(bytes)
    progress.moved(bytes.length)
    return await staging.finish({ mode: content.mode, mtimeNs: BigInt(content.mtimeNs) })
  } catch (error) {
    await staging.discard()
    throw error
  }
}

/** Stages a large content: copied from a file here that holds the same bytes, or transferred. */
export async function stageLarge(
  context: CycleContext,
  content: FileContent,
  replaces: RelativePath | null,
  signal: AbortSignal,
): Promise<StagedFile> {
  const copy = await copyLocal(context, content)
  return copy ?? context.transfer.download(content, { replaces }, signal)
}

async function copyLocal(context: CycleContext, content: FileContent): Promise<StagedFile | undefined> {
  const { state, files } = context
  const twin = state.baseByHash(content.hash)
  const path = twin === undefined ? undefined : basePath(state, twin.id)
  if (twin === undefined || path === undefined) return undefined
  const file = await files.open(path)
  if (file === undefined) return undefined
  const staging = await files.stage(content.size)
  try {
    for (let at = 0; at < content.size; at += COPY_BYTES) await staging.write(await file.read(at, COPY_BYTES))
    // The stat vouches for the bytes: it is the one the hash was taken under.
    if (!isSame(file.stat, twin.stat) || twin.racy || !(await file.isUnchanged())) {
      await staging.discard()
      return undefined
    }
    return await staging.finish({ mode: content.mode, mtimeNs: BigInt(content.mtimeNs) })
  } catch (error) {
    await staging.discard()
    throw error
  } finally {
    await file.close()
  }
}
