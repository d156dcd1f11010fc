import type { BrowseResponse } from '@causeway/protocol'
import { createDirectory, type Directory, type DirectoryState } from './directory.ts'
import { crumbsOf, isWithin, nameOf, parentOf } from './paths.ts'
import type { Changes } from './use-changes.ts'

/** The directories of a folder that are open, by path, each with what was read of the directories in it. */
export type TreeState = ReadonlyMap<string, DirectoryState>

/** The directories of a folder, read level by level as they are opened. What is closed is forgotten. */
export interface Tree {
  readonly state: TreeState
  subscribe(listener: () => void): () => void
  /** Opens a directory and all above it. */
  openTo(path: string): void
  /** Closes a directory and all below it. */
  close(path: string): void
  /** Reads the next page of the directories in one that is open. */
  loadMore(path: string): void
  /** Reads an open directory anew. */
  refresh(path: string): void
  changed(changes: Changes): void
}

/** Answers with the directories alone that are in one. */
type BrowseDirectories = (
  path: string,
  page: { readonly after?: string; readonly name?: readonly string[]; readonly limit: number },
) => Promise<BrowseResponse>

export function createTree(browse: BrowseDirectories): Tree {
  const levels = new Map<string, Directory>()
  const listeners = new Set<() => void>()
  let state: TreeState = new Map()

  function tell(): void {
    state = new Map([...levels].map(([path, level]) => [path, level.state]))
    for (const listener of listeners) listener()
  }

  function open(path: string): void {
    if (levels.has(path)) return
    const level = createDirectory((page) => browse(path, page))
    levels.set(path, level)
    level.subscribe(() => levels.get(path) === level && tell())
  }

  return {
    get state() {
      return state
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    openTo(path) {
      for (const above of ['', ...crumbsOf(path).map((crumb) => crumb.path)]) open(above)
      tell()
    },
    close(path) {
      for (const one of levels.keys()) if (isWithin(one, path)) levels.delete(one)
      tell()
    },
    loadMore: (path) => levels.get(path)?.loadMore(),
    refresh: (path) => levels.get(path)?.refresh(),
    changed({ paths, anywhere }) {
      for (const [path, level] of levels) {
        // What happens to a directory happens to all below it.
        if (anywhere || crumbsOf(path).some((crumb) => paths.has(crumb.path))) {
          level.refresh()
          continue
        }
        const names = [...paths].filter((one) => parentOf(one) === path).map(nameOf)
        if (names.length > 0) level.touched(names)
      }
    },
  }
}
