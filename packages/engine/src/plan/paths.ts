import { ROOT_ID, type EntryId } from '@causeway/protocol'
import type { BaseView } from '../tree.ts'

/** `directory/name`, where '' is the root. */
export function joinPath(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`
}

/** The directory part of a path; '' for a top-level name. */
export function directoryOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash === -1 ? '' : path.slice(0, slash)
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Where the base tree has an entry; `undefined` if a directory above it is not in the base. */
export function basePath(base: Pick<BaseView, 'base'>, id: EntryId): string | undefined {
  const parts: string[] = []
  let at = id
  while (at !== ROOT_ID) {
    const entry = base.base(at)
    if (entry === undefined || parts.length > 4096) return undefined
    parts.push(entry.name)
    at = entry.parent
  }
  return parts.reverse().join('/')
}

/** The directory of the base tree that a path names. */
export function baseDirectoryAt(base: Pick<BaseView, 'baseAt'>, path: string): EntryId | undefined {
  if (path === '') return ROOT_ID
  let at: EntryId = ROOT_ID
  for (const name of path.split('/')) {
    const entry = base.baseAt(at, name)
    if (entry?.content.kind !== 'directory') return undefined
    at = entry.id
  }
  return at
}
