import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isSyncError, shellWord, SyncError, systemError } from '@causeway/protocol'

/** Where the coordinator of a data directory listens, and the secret that only its owner can read. Throws `not-found` if none runs there. */
export async function runningCoordinator(data: string): Promise<{ url: string; token: string }> {
  const url = await read(join(data, 'coordinator.url'))
  const token = await read(join(data, 'admin.token'))
  if (url === undefined || token === undefined) {
    throw new SyncError(
      'not-found',
      `no coordinator is running on ${data}: start it with "causeway serve --data ${shellWord(data)}"`,
    )
  }
  return { url: url.trim(), token: token.trim() }
}

/** Runs what signs in with a data directory's secret; that the coordinator does not take it is told as such. */
export async function asOwner<T>(data: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (!isSyncError(cause, 'not-signed-in')) throw cause
    const path = join(data, 'admin.token')
    throw new SyncError(
      'not-allowed',
      `the coordinator does not accept the token in ${path}: it has been changed since the coordinator started. Restart the coordinator, or restore the token`,
      { cause },
    )
  }
}

async function read(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw systemError(`cannot read ${path}`, error)
  })
}
