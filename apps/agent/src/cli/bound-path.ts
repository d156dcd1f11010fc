import { realpath } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { SyncError } from '@causeway/protocol'
import type { Binding, NodeRecord } from '../state/node-record.ts'

/** A path of this machine as its folder knows it. */
export interface BoundPath {
  readonly binding: Binding
  /** From the folder's root, `/`-separated; '' for the root itself. */
  readonly path: string
}

/** Finds the bound directory that a path lies in. The file need not exist (any more). Throws `not-found`. */
export async function findBoundPath(record: NodeRecord, cwd: string, given: string): Promise<BoundPath> {
  const absolute = await resolveParents(resolve(cwd, given))
  const inside = record.folders.filter(
    ({ directory }) => absolute === directory || absolute.startsWith(directory + sep),
  )
  const [binding] = inside.sort((a, b) => b.directory.length - a.directory.length)
  if (binding === undefined) {
    const known = record.folders.map(({ directory }) => directory).join(', ') || 'none'
    throw new SyncError('not-found', `${absolute} is not in a directory that this node syncs (${known})`)
  }
  return { binding, path: relative(binding.directory, absolute).split(sep).join('/') }
}

/** The directories of a path without symlinks, as far as they exist; its last name stays what it is. */
async function resolveParents(path: string): Promise<string> {
  const parent = dirname(path)
  if (parent === path) return path
  try {
    return join(await realpath(parent), basename(path))
  } catch {
    return join(await resolveParents(parent), basename(path))
  }
}
