import { join, resolve } from 'node:path'
import { slugOf, SyncError } from '@causeway/protocol'

/** Where a folder of a join link is kept on this machine. */
export interface Place {
  /** The folder's id. */
  readonly folder: string
  /** Absolute. */
  readonly directory: string
}

/**
 * Where each folder of a link goes, from what was typed behind the link: one
 * directory for the one folder there is; for several, `FOLDER=DIR` for each,
 * and a directory below which those that were not named get one of their own.
 * Throws `bad-request` where a folder has no place, or more than one.
 */
export function placesFor(folders: readonly string[], typed: readonly string[], cwd: string): readonly Place[] {
  const [only] = folders
  const [directory] = typed
  // Whatever the directory is called, it is the directory.
  if (only !== undefined && directory !== undefined && folders.length === 1 && typed.length === 1)
    return [{ folder: only, directory: resolve(cwd, ofFolder(only, directory) ?? directory) }]
  const chosen = new Map<string, string>()
  const plain: string[] = []
  for (const word of typed) {
    const folder = folders.find((known) => ofFolder(known, word) !== undefined)
    if (folder === undefined) plain.push(word)
    else if (chosen.has(folder))
      throw new SyncError('bad-request', `the folder ${folder} has two directories: name one`)
    else chosen.set(folder, ofFolder(folder, word) ?? '')
  }
  const left = folders.filter((folder) => !chosen.has(folder))
  const [below, ...tooMany] = plain
  if (tooMany.length > 0 || (below !== undefined && left.length === 0)) throw unclear(folders)
  if (below === undefined && left.length > 0) throw unclear(folders, left)
  return folders.map((folder) => {
    const named = chosen.get(folder)
    return { folder, directory: named === undefined ? join(resolve(cwd, below ?? ''), folder) : resolve(cwd, named) }
  })
}

/** The directory in `FOLDER=DIR`; undefined where the word is not of that form, or of another folder. */
function ofFolder(folder: string, word: string): string | undefined {
  const at = word.indexOf('=')
  const name = word.slice(0, Math.max(at, 0))
  const directory = word.slice(at + 1)
  return at > 0 && directory !== '' && (name === folder || slugOf(name) === folder) ? directory : undefined
}

function unclear(folders: readonly string[], left = folders): SyncError {
  if (folders.length === 1)
    return new SyncError('bad-request', `the link is for the folder ${folders.join()}: name one directory for it`)
  const each = left.map((folder) => `${folder}=DIR`).join(' ')
  return new SyncError(
    'bad-request',
    `the link is for ${folders.length} folders. Say where each goes: ${each}; or name one directory, and each gets one of its own below it`,
  )
}
