import { lstatSync, readdirSync, statSync, type FSWatcher } from 'node:fs'
import type { RelativePath } from '../files.ts'

/** A directory that is watched. */
export interface WatchNode {
  name: string
  parent: WatchNode | undefined
  /** Tells the directory from another that takes its name later. */
  readonly identity: string
  readonly children: Map<string, WatchNode>
  /** Undefined where the system gave no watch. */
  watcher: FSWatcher | undefined
  /** The name it had when its watch began: the watch tells of its own end, and of its moves, under that name. */
  readonly watchedAs: string
  /** Moves that were followed and whose own event is still to come. */
  ownMoves: number
}

export function pathOf(node: WatchNode): RelativePath {
  if (node.parent === undefined) return ''
  let path = node.name
  for (let at = node.parent; at.parent !== undefined; at = at.parent) path = `${at.name}/${path}`
  return path
}

export function joined(directory: RelativePath, name: string): RelativePath {
  return directory === '' ? name : `${directory}/${name}`
}

/** By `lstat`, but for the root, which may be given through a symlink. `undefined` if no directory is there. */
export function identityAt(root: string, path: RelativePath): string | undefined {
  const look: typeof lstatSync = path === '' ? statSync : lstatSync
  try {
    const stats = look(absolute(root, path), { bigint: true, throwIfNoEntry: false })
    return stats?.isDirectory() === true ? `${stats.dev} ${stats.ino} ${stats.birthtimeNs}` : undefined
  } catch {
    return undefined
  }
}

/** False where the file system keeps no birth times: another directory may have got the same inode. */
export function isCertain(identity: string): boolean {
  return !identity.endsWith(' 0')
}

/** The names of the directories in one; none if it can't be read. */
export function directoriesIn(root: string, path: RelativePath): readonly string[] {
  try {
    return readdirSync(absolute(root, path), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
  } catch {
    return []
  }
}

export function absolute(root: string, path: RelativePath): string {
  return path === '' ? root : `${root}/${path}`
}
