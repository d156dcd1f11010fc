import { baseDirectoryAt, directoryOf, nameOf } from '@causeway/engine'
import type { ContentHash } from '@causeway/protocol'
import { isSame, type Files, type OpenFile, type RelativePath, type ReplicaState } from '@causeway/replica'
import { systemTimers, type Timers } from '@causeway/time'

/**
 * Files that were removed here a moment ago, held open: what is moved to
 * another folder is deleted in the first and created in the second, in no set
 * order. Their room on the disk is free once they are let go, which the end of
 * the process does too.
 */
export interface RecentlyRemoved {
  /** Takes a file over, for a while. */
  keep(content: ContentHash, file: OpenFile): void
  has(content: ContentHash): boolean
  /** The caller closes it. */
  open(content: ContentHash): OpenFile | undefined
  /** Frees the room at once. False if there was nothing. */
  letGo(): Promise<boolean>
}

const KEPT_MS = 60_000
const MOST_FILES = 128

export function createRecentlyRemoved(keptMs: number = KEPT_MS, timers: Timers = systemTimers): RecentlyRemoved {
  const kept = new Map<ContentHash, Shared>()

  async function drop(content: ContentHash): Promise<void> {
    const shared = kept.get(content)
    kept.delete(content)
    await shared?.release()
  }

  return {
    keep(content, file) {
      const [oldest] = kept.keys()
      if (kept.has(content)) void drop(content)
      else if (kept.size >= MOST_FILES && oldest !== undefined) void drop(oldest)
      const shared = share(file)
      kept.set(content, shared)
      const letGo = () => {
        if (kept.get(content) === shared) void drop(content)
      }
      timers.after(keptMs, letGo).unref()
    },
    has: (content) => kept.has(content),
    open: (content) => kept.get(content)?.use(),
    async letGo() {
      const contents = [...kept.keys()]
      await Promise.all(contents.map(drop))
      return contents.length > 0
    },
  }
}

interface Shared {
  use(): OpenFile
  /** Closes the file once nobody uses it. */
  release(): Promise<void>
}

function share(file: OpenFile): Shared {
  let users = 1

  async function leave(): Promise<void> {
    if (--users === 0) await file.close()
  }

  return {
    use() {
      users++
      let isOpen = true
      return {
        ...file,
        async close() {
          if (isOpen) await leave()
          isOpen = false
        },
      }
    },
    release: leave,
  }
}

/** Smaller ones are fetched about as soon as found. */
const LEAST_BYTES = 256 * 1024

/** The same files; large ones that are removed are kept open for a while. */
export function keepingRecentlyRemoved<T extends Files>(
  files: T,
  state: Pick<ReplicaState, 'baseAt'>,
  recentlyRemoved: RecentlyRemoved,
): T {
  return {
    ...files,
    async removeFile(path, expected) {
      const content = expected.size < LEAST_BYTES ? undefined : contentAt(state, path)
      const file = content === undefined ? undefined : await files.open(path).catch(() => undefined)
      const result = await files.removeFile(path, expected).catch(async (error: unknown) => {
        await file?.close()
        throw error
      })
      if (content === undefined || file === undefined) return result
      if (result.kind === 'removed' && isSame(file.stat, expected)) recentlyRemoved.keep(content, file)
      else await file.close()
      return result
    },
  }
}

/** What the base says of a path. What is read must be hashed all the same. */
function contentAt(state: Pick<ReplicaState, 'baseAt'>, path: RelativePath): ContentHash | undefined {
  const parent = baseDirectoryAt(state, directoryOf(path))
  const base = parent === undefined ? undefined : state.baseAt(parent, nameOf(path))
  return base?.content.kind === 'file' ? base.content.hash : undefined
}
