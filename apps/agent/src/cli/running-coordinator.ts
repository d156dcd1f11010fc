import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SyncError, systemError } from '@causeway/protocol'

/** Where the coordinator of a data directory listens, and the secret that only its owner can read. Throws `not-found` if none runs there. */
export async function runningCoordinator(data: string): Promise<{ url: string; token: string }> {
  const url = await read(join(data, 'coordinator.url'))
  const token = await read(join(data, 'admin.token'))
  if (url === undefined || token === undefined) {
    throw new SyncError('not-found', `no coordinator runs on ${data}: start it with "causeway serve --data ${data}"`)
  }
  return { url: url.trim(), token: token.trim() }
}

async function read(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw systemError(`cannot read ${path}`, error)
  })
}
