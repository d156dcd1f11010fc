import { basePath } from '@causeway/engine'
import type { ContentHash } from '@causeway/protocol'
import {
  isSame,
  type BaseEntry,
  type Files,
  type OpenFile,
  type RelativePath,
  type ReplicaState,
} from '@causeway/replica'
import { systemTimers, type Timers } from '@causeway/time'
import { ChunkTable } from './chunk-table.ts'
import { createRecentlyRemoved, type RecentlyRemoved } from './recently-removed.ts'
import { createSimilarityIndex } from './similarity-index.ts'
import type { LocalSource } from './local-sources.ts'

/** What the files of a node hold, whatever folder they are in: what is here need not be fetched. */
export interface NodeContents {
  /** Takes part from now on; the returned function ends that. */
  add(folder: FolderContents): () => void
  /** True if some file holds this content, or did until a moment ago, as far as anybody knows. */
  knows(content: ContentHash): boolean
  /**
   * A file that holds this content as far as its stat vouches for it, or that was kept when it left its place. What is
   * read must be hashed. The caller closes it.
   */
  open(content: ContentHash): Promise<OpenFile | undefined>
  /** The same with its chunk list; `undefined` also where that is not known. */
  openSource(content: ContentHash): Promise<LocalSource | undefined>
  chunkList(content: ContentHash): ChunkTable | undefined
  /** Contents that most likely share chunks with this one, the likeliest first. */
  similar(table: ChunkTable): readonly ContentHash[]
  /** What was removed a moment ago. */
  readonly recentlyRemoved: RecentlyRemoved
  /** A content is here from now on. */
  note(content: ContentHash, table: ChunkTable): void
}

export interface FolderContents {
  readonly files: Files
  readonly state: ReplicaState
}

export function createNodeContents(now: () => number = systemTimers.now, timers: Timers = systemTimers): NodeContents {
  const folders = new Set<FolderContents>()
  const similarityIndex = createSimilarityIndex()
  const recentlyRemoved = createRecentlyRemoved(undefined, timers)
  let freshUntilMs = -Infinity

  /** Takes in the chunk lists that came since the last time: seldom, as naming them all takes its time. */
  function refresh(): void {
    const beganMs = now()
    if (beganMs < freshUntilMs) return
    for (const { state } of folders) {
      for (const content of state.chunkListNames()) {
        const table = similarityIndex.has(content) ? undefined : listOf(state, content)
        if (table !== undefined) similarityIndex.add(content, table)
      }
    }
    freshUntilMs = now() + Math.max(FRESH_MS, (now() - beganMs) * 100)
  }

  async function open(content: ContentHash): Promise<OpenFile | undefined> {
    for (const { state, files } of folders) {
      const base = state.baseByHash(content)
      const path = base === undefined ? undefined : basePath(state, base.id)
      const file = base === undefined || path === undefined ? undefined : await openVouched(files, path, base)
      if (file !== undefined) return file
    }
    return recentlyRemoved.open(content)
  }

  function chunkList(content: ContentHash): ChunkTable | undefined {
    for (const { state } of folders) {
      const table = listOf(state, content)
      if (table !== undefined) return table
    }
    return undefined
  }

  return {
    add(folder) {
      folders.add(folder)
      freshUntilMs = -Infinity
      return () => void folders.delete(folder)
    },
    knows: (content) =>
      recentlyRemoved.has(content) || [...folders].some(({ state }) => state.baseByHash(content) !== undefined),
    open,
    async openSource(content) {
      const table = chunkList(content)
      const file = table === undefined ? undefined : await open(content)
      if (table === undefined || file === undefined) return undefined
      if (file.stat.size === table.sizeBytes) return { content, table, file }
      await file.close()
      return undefined
    },
    chunkList,
    similar(table) {
      refresh()
      return similarityIndex.similar(table)
    },
    recentlyRemoved,
    note: (content, table) => similarityIndex.add(content, table),
  }
}

const FRESH_MS = 5_000

/** Opens a file whose stat is still the one that its hash was taken under. */
export async function openVouched(files: Files, path: RelativePath, base: BaseEntry): Promise<OpenFile | undefined> {
  if (base.racy || base.content.kind !== 'file') return undefined
  const file = await files.open(path).catch(() => undefined)
  if (file === undefined) return undefined
  if (isSame(file.stat, base.stat) && file.stat.size === base.content.size) return file
  await file.close()
  return undefined
}

/** The chunk list that a folder knows of a content. */
export function listOf(state: ReplicaState, content: ContentHash): ChunkTable | undefined {
  const list = state.chunkList(content)
  try {
    return list === undefined ? undefined : ChunkTable.decode(list)
  } catch {
    // A list that can't be read is none: the whole one will be asked for.
    return undefined
  }
}
