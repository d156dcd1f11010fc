import { basePath } from '@causeway/engine'
import { mayShrink } from '@causeway/packing'
import { LIMITS, isSyncError, type EntryId, type FolderId, type ContentHash } from '@causeway/protocol'
import type { BaseStore, Files, OpenFile, ReplicaState, StoredBase } from '@causeway/replica'
import type { BaseBytes } from '../up/upload-context.ts'

/**
 * Former contents of this node's files, kept to make deltas against once they
 * are edited: within one budget for all folders, the least recently used go
 * first. It is never needed: whatever it lacks or holds wrong costs bytes on
 * the wire and nothing else.
 */
export interface BaseCache {
  /** A folder's part. Opening the same folder again replaces what was open. */
  open(folder: FolderBasesOptions): FolderBases
}

export interface FolderBasesOptions {
  readonly folder: FolderId
  readonly store: BaseStore
  readonly files: Files
  readonly state: Pick<ReplicaState, 'base' | 'baseByHash'>
  /** Entries whose content both sides have come to hold; what is taken in is removed from it. */
  readonly candidates: Set<EntryId>
}

export interface FolderBases extends BaseBytes {
  /**
   * Drops what no file holds any more and keeps copies of the candidates that
   * may be edited, a file at a time until `signal` aborts. For times when
   * nothing else is to do: a disk that refuses ends it, and that is all.
   */
  tidy(signal: AbortSignal): Promise<void>
  /** Drops everything; false if there was nothing. */
  purge(): Promise<boolean>
}

/** Larger files are told by checksums well enough, and would push everything else out. */
const MOST_FILE_BYTES = 64 * 1024 * 1024
/** Enough for `mayShrink` to try its middle. */
const SAMPLE_BYTES = 12 * 1024

export const DEFAULT_BASE_CACHE_BYTES: number = 1024 * 1024 * 1024

interface Kept {
  readonly sizeBytes: number
  usedAtMs: number
}

interface OpenFolder {
  readonly store: BaseStore
  readonly kept: Map<ContentHash, Kept>
  /** False until it is known what an earlier run kept. */
  isRead: boolean
}

/** `budgetBytes` 0 keeps nothing, and drops what an earlier run kept. */
export function createBaseCache(budgetBytes: number, now: () => number): BaseCache {
  const folders = new Map<FolderId, OpenFolder>()

  function usedBytes(): number {
    let bytes = 0
    for (const { kept } of folders.values()) for (const { sizeBytes } of kept.values()) bytes += sizeBytes
    return bytes
  }

  async function drop(folder: OpenFolder, content: ContentHash): Promise<void> {
    folder.kept.delete(content)
    await folder.store.remove(content)
  }

  /** Learns what an earlier run kept, once. */
  async function read(folder: OpenFolder): Promise<void> {
    if (folder.isRead) return
    folder.isRead = true
    await folder.store.clearDrafts()
    for (const { content, sizeBytes, usedAtMs } of await folder.store.list()) {
      folder.kept.set(content, { sizeBytes, usedAtMs })
    }
  }

  /** Drops the least recently used of all folders until so many bytes fit in. */
  async function makeRoom(sizeBytes: number): Promise<void> {
    const all = [...folders.values()].flatMap((folder) =>
      [...folder.kept].map(([content, { usedAtMs }]) => ({ folder, content, usedAtMs })),
    )
    all.sort((a, b) => a.usedAtMs - b.usedAtMs)
    for (const { folder, content } of all) {
      if (usedBytes() + sizeBytes <= budgetBytes) return
      await drop(folder, content)
    }
  }

  return {
    open({ folder: id, store, files, state, candidates }) {
      const folder: OpenFolder = { store, kept: new Map(), isRead: false }
      folders.set(id, folder)

      async function dropUnheld(): Promise<void> {
        for (const content of folder.kept.keys()) {
          if (state.baseByHash(content) === undefined) await drop(folder, content)
        }
      }

      async function keep(id: EntryId): Promise<void> {
        const base = state.base(id)
        if (base?.content.kind !== 'file' || base.racy || folder.kept.has(base.content.hash)) return
        const { hash, size } = base.content
        const path = basePath(state, id)
        if (path === undefined || size <= LIMITS.inlineBytes || size > Math.min(MOST_FILE_BYTES, budgetBytes)) return
        if (!(await mayBeEdited(files, path, size))) return
        await makeRoom(size)
        if (await store.keep(hash, path, base.stat)) folder.kept.set(hash, { sizeBytes: size, usedAtMs: now() })
      }

      return {
        async open(content) {
          if (budgetBytes === 0) return undefined
          try {
            const file = await store.open(content)
            const kept = folder.kept.get(content)
            if (kept !== undefined) kept.usedAtMs = now()
            if (file !== undefined) await store.touch(content)
            return file
          } catch (error) {
            return withoutDisk(error)
          }
        },
        async drop(content) {
          await drop(folder, content).catch(withoutDisk)
        },
        async tidy(signal) {
          try {
            for (const each of folders.values()) await read(each).catch(withoutDisk)
            await makeRoom(0)
            await dropUnheld()
            // The newest first: what was saved last is the likeliest to be saved again.
            for (const id of [...candidates].reverse()) {
              if (signal.aborted) return
              candidates.delete(id)
              if (budgetBytes > 0) await keep(id)
            }
          } catch (error) {
            withoutDisk(error)
          }
        },
        async purge() {
          const kept: readonly StoredBase[] = await store.list()
          for (const { content } of kept) await drop(folder, content)
          return kept.length > 0
        },
      }
    },
  }
}

/** A cache that the disk refuses is no cache, and no trouble. */
function withoutDisk(error: unknown): undefined {
  if (!isSyncError(error)) throw error
  return undefined
}

/** False for what is compressed already: nobody edits it in place, and deltas would find nothing alike. */
async function mayBeEdited(files: Files, path: string, sizeBytes: number): Promise<boolean> {
  const file: OpenFile | undefined = await files.open(path)
  if (file === undefined) return false
  try {
    for (const share of [0.25, 0.5, 0.75]) {
      if (mayShrink(await file.read(Math.floor(sizeBytes * share), SAMPLE_BYTES))) return true
    }
    return false
  } finally {
    await file.close()
  }
}
