import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errnoOf, SyncError, systemError } from '@causeway/protocol'

/**
 * Makes a directory and those above it, where they are missing; says whether
 * it was. Node's own `recursive` never returns where the system answers that
 * there is no such place though its parent is there, as in `/proc`.
 * Throws `io-error` or `disk-full`.
 */
export async function makeDirectories(path: string, mode: number = 0o777): Promise<boolean> {
  try {
    await mkdir(path, { mode })
    return true
  } catch (cause) {
    const errno = errnoOf(cause)
    if (errno === 'EEXIST' && (await isDirectory(path))) return false
    if (errno === 'EEXIST') throw refused(path, 'a file with this name exists. Choose another path, or move the file')
    const parent = dirname(path)
    if (errno !== 'ENOENT' || parent === path) throw systemError(`cannot create the directory ${path}`, cause)
    if (await isDirectory(parent)) throw refused(path, `nothing can be created in ${parent}. Choose another path`)
  }
  await makeDirectories(dirname(path), mode)
  return makeDirectories(path, mode)
}

function refused(path: string, reason: string): SyncError {
  return new SyncError('io-error', `cannot create the directory ${path}: ${reason}`)
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
