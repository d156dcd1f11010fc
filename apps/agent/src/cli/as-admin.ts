import { resolve } from 'node:path'
import type { Client, ClientOptions } from '@causeway/client'
import { SyncError } from '@causeway/protocol'
import { loginPath, readLogin, type Login } from '../state/login.ts'
import { asOwner, runningCoordinator } from './running-coordinator.ts'
import type { Terminal } from './terminal.ts'

/** For the help of commands that administer a coordinator. */
export const DATA_OPTION = [
  '--data <dir>',
  "the running coordinator's data directory, on its machine (default: the coordinator that you signed in to)",
] as const

/** Works with the coordinator of a data directory as its owner; without one, as who signed in by `causeway login`. */
export async function asAdmin<T>(
  { cwd, env }: Pick<Terminal, 'cwd' | 'env'>,
  data: string | undefined,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const { createClient } = await import('@causeway/client')
  if (data !== undefined) {
    const directory = resolve(cwd, data)
    return asOwner(directory, async () => work(createClient(await runningCoordinator(directory))))
  }
  const login = await readLogin(loginPath(env))
  if (login === undefined) {
    throw new SyncError(
      'bad-request',
      'which coordinator? Give --data DIR on its machine, or sign in to it first: causeway login URL',
    )
  }
  return work(createClient(await clientOf(login)))
}

/** How to call the coordinator that somebody signed in to; where they named its key, no other is spoken to. */
export async function clientOf({ url, token, key }: Pick<Login, 'url' | 'token' | 'key'>): Promise<ClientOptions> {
  const pinned = await pinnedFetch({ url, key })
  return { url, token, ...(pinned && { fetch: pinned }) }
}

/** Undefined where certificates are checked as usual. */
export async function pinnedFetch({ url, key }: Pick<Login, 'url' | 'key'>): Promise<typeof fetch | undefined> {
  if (key === undefined) return undefined
  const { createDialler } = await import('../link/dialler.ts')
  return createDialler({ url, pins: [key] }).fetch
}
