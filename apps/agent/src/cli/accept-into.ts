import { realpath, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { SyncError } from '@causeway/protocol'

/** The directory that `--accept-into` names, absolute; undefined where it was not given. Throws `bad-request` if there is none. */
export async function acceptIntoFrom(given: string | undefined, cwd: string): Promise<string | undefined> {
  if (given === undefined) return undefined
  const path = resolve(cwd, given)
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory() === true) return realpath(path)
  throw new SyncError('bad-request', `--accept-into ${path}: there is no such directory; create it first`)
}
