import { LIMITS, SyncError } from '@causeway/protocol'
import type { RelativePath } from '../files.ts'

/** The directory in a root that belongs to Causeway: the marker and the staging area. Never listed, never synced. */
export const MARKER_DIRECTORY = '.causeway'

/**
 * Where an entry waits whose name another one takes before its own new place is free. A path to it is like one in the
 * tree, but it is in no listing of the tree.
 */
export const ASIDE_DIRECTORY = `${MARKER_DIRECTORY}/aside`

export interface PathParts {
  readonly parent: RelativePath
  readonly name: string
}

/**
 * Refuses, with `io-error`, every path that could name something else than an
 * entry below the root: empty, `.` and `..` components, NUL, text that is not
 * valid Unicode, the marker directory (but for `ASIDE_DIRECTORY`), more than
 * `LIMITS.depth` components.
 */
export function checkPath(path: RelativePath): void {
  if (path === '') return
  if (!path.isWellFormed() || path.includes('\0')) throw refused(path, 'it is not valid text')
  const components = path.split('/')
  if (components.length > LIMITS.depth + (isAside(path) ? 3 : 0))
    throw refused(path.slice(0, 80), 'it is nested too deep')
  if (components[0] === MARKER_DIRECTORY && !isAside(path))
    throw refused(path, `${MARKER_DIRECTORY} is not part of the folder`)
  for (const component of components) {
    if (component === '' || component === '.' || component === '..')
      throw refused(path, 'it has an empty, . or .. part')
  }
}

/** Checks a path and splits off its last component. The root has none and is refused. */
export function splitPath(path: RelativePath): PathParts {
  if (path === '') throw refused(path, 'the root itself is not an entry')
  checkPath(path)
  return splitChecked(path)
}

/** The same for a path that is known to be sound. */
export function splitChecked(path: RelativePath): PathParts {
  const slash = path.lastIndexOf('/')
  return slash === -1 ? { parent: '', name: path } : { parent: path.slice(0, slash), name: path.slice(slash + 1) }
}

function isAside(path: RelativePath): boolean {
  return path === ASIDE_DIRECTORY || path.startsWith(`${ASIDE_DIRECTORY}/`)
}

function refused(path: string, reason: string): SyncError {
  return new SyncError('io-error', `refused the path ${JSON.stringify(path)}: ${reason}`)
}
