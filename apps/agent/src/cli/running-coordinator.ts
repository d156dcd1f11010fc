import { join } from 'node:path'
import type { ClientOptions } from '@causeway/client'
import { readFileIfThere } from '@causeway/disk'
import { isSyncError, KeyPinSchema, shellWord, SyncError } from '@causeway/protocol'

/**
 * How to reach the coordinator of a data directory, with the secret that only
 * its owner can read; its TLS key is known from there too. Throws `not-found`
 * if none runs there.
 */
export async function runningCoordinator(data: string): Promise<ClientOptions> {
  const published = await readFileIfThere(join(data, 'coordinator.url'))
  const token = await readFileIfThere(join(data, 'admin.token'))
  if (published === undefined || token === undefined) {
    throw new SyncError(
      'not-found',
      `no coordinator is running on ${data}: start it with "causeway serve --data ${shellWord(data)}"`,
    )
  }
  const [url = '', ...pins] = published.trim().split('\n')
  const { createDialler } = await import('../link/dialler.ts')
  const dialler = createDialler({ url, pins: pins.map((pin) => KeyPinSchema.parse(pin)) })
  return { url, token: token.trim(), fetch: dialler.fetch }
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
