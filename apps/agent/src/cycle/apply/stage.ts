import type { BaseEntry } from '@causeway/engine'
import {
  contentOfOnlyChunk,
  isSyncError,
  onlyChunkOf,
  type SyncError,
  type EntryId,
  type EntryState,
  type FileContent,
  type ContentHash,
} from '@causeway/protocol'
import type { RelativePath, StagedFile } from '@causeway/replica'
import type { CycleContext } from '../cycle-context.ts'
import { hashOf } from '../send/read-content.ts'

/** A small content to stage. */
export interface Wanted {
  readonly entry: EntryState
  readonly content: FileContent
}

/** What the coordinator could not give now, or the disk has no room for; the other contents are staged. */
export interface Unavailable extends Wanted {
  readonly error: SyncError
}

/** Stages small contents: those that came along, and the rest in one request. */
export async function stageSmall(
  context: CycleContext,
  wanted: readonly Wanted[],
  staged: Map<EntryId, StagedFile>,
): Promise<readonly Unavailable[]> {
  const staging: SmallStaging = { context, staged, refused: [] }
  const { progress } = context
  progress.planned(
    wanted.length,
    wanted.reduce((sum, { content }) => sum + content.size, 0),
  )
  const lacking: Wanted[] = []
  for (const item of wanted) {
    const bytes = item.content.size === 0 ? new Uint8Array() : context.memory.apply.arrivals.content(item.content.hash)
    // Bytes that came with a batch are checked here, at the last moment before they count.
    if (bytes === undefined || hashOf(bytes) !== item.content.hash) lacking.push(item)
    else await stageBytes(staging, item, bytes)
  }
  const unavailable = await fetchAll(staging, lacking)
  context.memory.apply.isDiskFull = staging.refused.length > 0
  return [...unavailable, ...staging.refused]
}

async function fetchAll(staging: SmallStaging, lacking: readonly Wanted[]): Promise<readonly Unavailable[]> {
  // Where the disk was full, the smallest one shows first whether it still is.
  const [smallest, ...others] = lacking.toSorted((a, b) => a.content.size - b.content.size)
  const isTried = staging.context.memory.apply.isDiskFull && smallest !== undefined
  try {
    if (isTried) await fetchSmall(staging, [smallest])
    await fetchSmall(staging, isTried ? others : lacking)
    return []
  } catch (error) {
    if (!isUnavailable(error)) throw error
    return fetchEach(staging, lacking)
  }
}

interface SmallStaging {
  readonly context: CycleContext
  readonly staged: Map<EntryId, StagedFile>
  /** What the disk has no room for. */
  readonly refused: Unavailable[]
}

/** One request for each content: one that the coordinator has lost must not hold up the others. */
async function fetchEach(staging: SmallStaging, lacking: readonly Wanted[]): Promise<readonly Unavailable[]> {
  const unavailable: Unavailable[] = []
  for (const item of lacking) {
    if (staging.staged.has(item.entry.id) || staging.refused.some(({ entry }) => entry === item.entry)) continue
    try {
      await fetchSmall(staging, [item])
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

async function fetchSmall(staging: SmallStaging, lacking: readonly Wanted[]): Promise<void> {
  const { context } = staging
  const byHash = new Map<ContentHash, Wanted[]>()
  for (const item of lacking) {
    if (!refuseLikeOthers(staging, item))
      byHash.set(item.content.hash, [...(byHash.get(item.content.hash) ?? []), item])
  }
  if (byHash.size === 0) return
  for await (const { hash, bytes } of context.transfer.chunks.fetch([...byHash.keys()].map(onlyChunkOf))) {
    for (const item of byHash.get(contentOfOnlyChunk(hash)) ?? []) await stageBytes(staging, item, bytes)
  }
}

/** Where a smaller content did not fit, this one is not fetched for nothing. */
function refuseLikeOthers({ refused }: SmallStaging, item: Wanted): boolean {
  const smaller = refused.find(({ content }) => content.size <= item.content.size)
  if (smaller !== undefined) refused.push({ ...item, error: smaller.error })
  return smaller !== undefined
}

async function stageBytes(staging: SmallStaging, item: Wanted, bytes: Uint8Array): Promise<void> {
  const { context, staged, refused } = staging
  const { mode, mtimeNs } = item.content
  try {
    staged.set(item.entry.id, await context.files.stageWhole(bytes, { mode, mtimeNs: BigInt(mtimeNs) }))
    context.progress.moved(bytes.length)
    context.progress.finished(1)
  } catch (error) {
    if (!isSyncError(error, 'disk-full')) throw error
    refused.push({ ...item, error })
  }
}

/** Stages a large content, from what the node holds already and what it lacks of it. */
export function stageLarge(
  { transfer, memory }: CycleContext,
  content: FileContent,
  replaces: { readonly path: RelativePath; readonly base: BaseEntry } | null,
  signal: AbortSignal,
): Promise<StagedFile> {
  return transfer.download(content, { replaces, patch: memory.apply.arrivals.patch(content.hash) ?? null }, signal)
}
